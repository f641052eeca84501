package dev.gamelan.tensor.op;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Frame;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.List;

/**
 * y[i] = x[rows[i]]: the positions whose logits are wanted, or tokens on their way to experts.
 * Where rows[i] is negative, y[i] is 0.
 *
 * @param rows i32 [1, m]
 */
public record SelectRows(Value x, Value rows, Value y) implements Op {
  public static Value apply(Tape tape, Value x, Value rows) {
    Value y = tape.activation("rows", rows.rows() * rows.columns(), x.columns());
    apply(tape, x, rows, y);
    return y;
  }

  /** Records the choice into {@code y}, e.g. some columns of a wider value. */
  public static void apply(Tape tape, Value x, Value rows, Value y) {
    long m = rows.rows() * rows.columns();
    Checks.indices("select rows", rows, m);
    Checks.require(
        y.rows() == m && y.columns() == x.columns(),
        "select rows",
        "y must have a row for each index and the columns of x",
        x,
        rows,
        y);
    tape.record(new SelectRows(x, rows, y));
  }

  @Override
  public String name() {
    return "rows";
  }

  @Override
  public Effects effects() {
    return Effects.of(List.of(x, rows), List.of(y)).backward(List.of(y), List.of(x), List.of(rows));
  }

  @Override
  public Cost cost() {
    return new Cost(0, y.rows() * y.columns(), 8 * y.rows() * y.columns());
  }

  @Override
  public Runnable forward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor in = frame.tensor(x);
    Tensor r = frame.tensor(rows);
    Tensor out = frame.tensor(y);
    return () -> kernels.selectRows(in, r, out);
  }

  @Override
  public Runnable backward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor dy = frame.gradientOf(y);
    Tensor r = frame.tensor(rows);
    Frame.Gradient g = frame.gradientTo(x).orElseThrow();
    return () -> {
      if (!g.accumulate()) {
        kernels.fill(g.tensor(), 0);
      }
      kernels.selectRowsBackward(dy, r, g.tensor());
    };
  }
}
