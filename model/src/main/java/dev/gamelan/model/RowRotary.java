package dev.gamelan.model;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.tape.Step;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.Optional;

/**
 * The cosines and sines of every row of a pass, for models whose rotary embedding depends on how
 * long the row's sequence is (dynamic scaling) or weighs queries by position: inputs of the step
 * that the host fills before every run. Other models take theirs from one table.
 */
public final class RowRotary {
  private final DecoderSpec.Rotary rotary;
  private final Optional<DecoderSpec.LogScaling> logScaling;
  private final boolean training;
  private final Value rows;
  private final Value cos;
  private final Value sin;
  private final Optional<Value> queryCos;
  private final Optional<Value> querySin;
  private float[] frequencies = {};
  private int frequenciesOf = -1;

  private RowRotary(Tape tape, DecoderSpec spec, DecoderSpec.Rotary rotary, long n) {
    this.rotary = rotary;
    this.training = tape.purpose() == Tape.Purpose.TRAINING;
    this.logScaling = spec.attention().logScaling();
    long half = rotary.dims() / 2;
    this.rows = tape.input("rotary rows", DType.I32, 1, n);
    this.cos = tape.input("rotary cos", DType.F32, n, half);
    this.sin = tape.input("rotary sin", DType.F32, n, half);
    boolean own = logScaling.isPresent();
    this.queryCos =
        own ? Optional.of(tape.input("query cos", DType.F32, n, half)) : Optional.empty();
    this.querySin =
        own ? Optional.of(tape.input("query sin", DType.F32, n, half)) : Optional.empty();
  }

  /** The inputs of a pass of {@code n} rows; empty if the model takes its rotation from a table. */
  public static Optional<RowRotary> of(Tape tape, DecoderSpec spec, long n) {
    return isNeeded(spec)
        ? Optional.of(new RowRotary(tape, spec, (DecoderSpec.Rotary) spec.position(), n))
        : Optional.empty();
  }

  static boolean isNeeded(DecoderSpec spec) {
    return spec.position() instanceof DecoderSpec.Rotary rotary
        && (rotary.scaling().followsLength() || spec.attention().logScaling().isPresent());
  }

  /** The row of the tables that each row of the pass takes: its own. */
  Value rows() {
    return rows;
  }

  Value cos() {
    return cos;
  }

  Value sin() {
    return sin;
  }

  /** Of the queries, where they aren't those of the keys. */
  Optional<Value> queryCos() {
    return queryCos;
  }

  Value querySin() {
    return querySin.orElseThrow();
  }

  /**
   * Fills a row.
   *
   * @param position of the row in its sequence
   * @param length of the sequence, as {@link #length} counts it
   */
  public void fill(Step step, int row, int position, int length) {
    if (frequenciesOf != length) {
      frequencies = RotaryTable.frequencies(rotary, length);
      frequenciesOf = length;
    }
    Tensor c = step.tensor(cos);
    Tensor s = step.tensor(sin);
    step.tensor(rows).setInt(0, row, row);
    double factor = RotaryTable.factor(rotary);
    RotaryTable.fill(frequencies, factor, position, row, c, s);
    if (logScaling.isPresent()) {
      // The published implementation leaves both out while it trains.
      double weight = training ? 1 : logScaling.get().at(position);
      RotaryTable.fill(
          frequencies,
          factor * weight,
          position,
          row,
          step.tensor(queryCos.orElseThrow()),
          step.tensor(querySin.orElseThrow()));
    }
  }

  /**
   * The length that sets the rotation of rows that are added to a sequence.
   *
   * @param before the length that held for the rows before; 0 = there are none
   * @param now positions of the sequence once all that is being added is there
   */
  public int length(int before, int now) {
    return switch (rotary.scaling()) {
      case RopeScaling.DynamicDoubling doubling ->
          training ? doubling.original() : before > 0 ? before : now;
      case RopeScaling.Dynamic dynamic -> Math.max(before, now);
      case RopeScaling.None none -> now;
      case RopeScaling.Linear linear -> now;
      case RopeScaling.Llama3 llama3 -> now;
      case RopeScaling.Yarn yarn -> now;
    };
  }
}
