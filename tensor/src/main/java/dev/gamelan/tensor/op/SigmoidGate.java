package dev.gamelan.tensor.op;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Frame;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.List;

/**
 * y[i] = σ(gate[i])·x[i]: a whole row by one gate, as Qwen 2-MoE weighs its shared expert.
 *
 * @param gate [n, 1]
 * @param x [n, d]
 */
public record SigmoidGate(Value gate, Value x, Value y) implements Op {
  public static Value apply(Tape tape, Value gate, Value x) {
    Checks.require(
        gate.columns() == 1 && gate.rows() == x.rows(),
        "sigmoid gate",
        "a gate a row, %d in one column".formatted(x.rows()),
        gate,
        x);
    Value y = tape.activation("gated rows", x.rows(), x.columns());
    tape.record(new SigmoidGate(gate, x, y));
    return y;
  }

  @Override
  public String name() {
    return "gated rows";
  }

  @Override
  public Effects effects() {
    return Effects.of(List.of(gate, x), List.of(y))
        .backward(List.of(y), List.of(gate, x), List.of(gate, x));
  }

  @Override
  public Cost cost() {
    return Cost.elementwise(effects(), y.rows() * y.columns(), 1);
  }

  @Override
  public Runnable forward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor g = frame.tensor(gate);
    Tensor in = frame.tensor(x);
    Tensor out = frame.tensor(y);
    return () -> kernels.gateRows(g, in, out);
  }

  @Override
  public Runnable backward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor dy = frame.gradientOf(y);
    Tensor g = frame.tensor(gate);
    Tensor in = frame.tensor(x);
    Frame.Gradient dg = frame.gradientTo(gate).orElseThrow();
    Frame.Gradient dx = frame.gradientTo(x).orElseThrow();
    if (dg.accumulate() || dx.accumulate()) {
      throw new IllegalStateException(
          "sigmoid gate: its gate or rows are used by another op, too; record a copy");
    }
    return () -> kernels.gateRowsBackward(g, in, dy, dg.tensor(), dx.tensor());
  }
}
