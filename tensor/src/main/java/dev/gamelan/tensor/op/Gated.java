package dev.gamelan.tensor.op;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Frame;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.List;

/** y = f(gate)·up: SwiGLU where f is SiLU (Shazeer, 2020). */
public record Gated(Activation f, Value gate, Value up, Value y) implements Op {
  public static Value apply(Tape tape, Activation f, Value gate, Value up) {
    Checks.sameShape("gated", gate, up);
    Value y = tape.activation("gated", gate.rows(), gate.columns());
    tape.record(new Gated(f, gate, up, y));
    return y;
  }

  @Override
  public String name() {
    return "gated";
  }

  @Override
  public Effects effects() {
    return Effects.of(List.of(gate, up), List.of(y))
        .backward(List.of(y), List.of(gate, up), List.of(gate, up));
  }

  @Override
  public Cost cost() {
    return Cost.elementwise(effects(), y.rows() * y.columns(), 10);
  }

  @Override
  public Runnable forward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor g = frame.tensor(gate);
    Tensor u = frame.tensor(up);
    Tensor out = frame.tensor(y);
    return () -> kernels.gated(f, g, u, out);
  }

  @Override
  public Runnable backward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor dy = frame.gradientOf(y);
    Tensor g = frame.tensor(gate);
    Tensor u = frame.tensor(up);
    Frame.Gradient dg = frame.gradientTo(gate).orElseThrow();
    Frame.Gradient du = frame.gradientTo(up).orElseThrow();
    if (dg.accumulate() || du.accumulate()) {
      throw new IllegalStateException(
          "gated: its gate or up is used by another op, too; record a copy");
    }
    return () -> kernels.gatedBackward(f, g, u, dy, dg.tensor(), du.tensor());
  }
}
