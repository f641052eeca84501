package dev.gamelan.model;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.tape.Step;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.Optional;

/**
 * The cosines and sines that the rows of a pass are turned with: inputs of the step that the host
 * fills before every run. Only what a pass needs is computed; a table of a context of 131,072 would
 * take 67 MB and most of the time of opening a model.
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

  private RowRotary(Tape tape, DecoderSpec spec, DecoderSpec.Rotary rotary, long n, long kinds) {
    this.rotary = rotary;
    this.training = tape.purpose() == Tape.Purpose.TRAINING;
    this.logScaling = spec.attention().logScaling();
    long half = rotary.dims() / 2;
    this.rows = tape.input("rotary rows", DType.I32, 1, n);
    this.cos = tape.input("rotary cos", DType.F32, kinds, half);
    this.sin = tape.input("rotary sin", DType.F32, kinds, half);
    boolean own = logScaling.isPresent();
    this.queryCos =
        own ? Optional.of(tape.input("query cos", DType.F32, kinds, half)) : Optional.empty();
    this.querySin =
        own ? Optional.of(tape.input("query sin", DType.F32, kinds, half)) : Optional.empty();
  }

  /**
   * The inputs of a pass; empty if the model has no rotary embedding.
   *
   * @param n rows of the pass
   * @param kinds different rotations among them, at most
   */
  public static Optional<RowRotary> of(Tape tape, DecoderSpec spec, long n, long kinds) {
    return spec.position() instanceof DecoderSpec.Rotary rotary
        ? Optional.of(new RowRotary(tape, spec, rotary, n, kinds))
        : Optional.empty();
  }

  /** Whether the rotation depends on how long the row's sequence is (dynamic scaling), too. */
  static boolean followsLength(DecoderSpec spec) {
    return spec.position() instanceof DecoderSpec.Rotary rotary && rotary.scaling().followsLength();
  }

  /** i32 [1, n]: which of the rotations each row of the pass takes. */
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
   * Says which rotation a row takes.
   *
   * @param kind as {@link #fill} counts them
   */
  public void take(Step step, int row, int kind) {
    step.tensor(rows).setInt(0, row, kind);
  }

  /**
   * Computes a rotation.
   *
   * @param kind from 0
   * @param position of the rows that take it, in their sequences
   * @param length of the sequence, as {@link #length} counts it
   */
  public void fill(Step step, int kind, int position, int length) {
    if (frequenciesOf != length && (frequenciesOf < 0 || rotary.scaling().followsLength())) {
      frequencies = RotaryTable.frequencies(rotary, length);
      frequenciesOf = length;
    }
    Tensor c = step.tensor(cos);
    Tensor s = step.tensor(sin);
    double factor = RotaryTable.factor(rotary);
    RotaryTable.fill(frequencies, factor, position, kind, c, s);
    if (logScaling.isPresent()) {
      // The published implementation leaves both out while it trains.
      double weight = training ? 1 : logScaling.get().at(position);
      RotaryTable.fill(
          frequencies,
          factor * weight,
          position,
          kind,
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
