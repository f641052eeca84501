package dev.gamelan.tensor.op;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Frame;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.List;

/** y = a + b: the residual, where no product can take it as its addend. */
public record Add(Value a, Value b, Value y) implements Op {
  public static Value apply(Tape tape, Value a, Value b) {
    Checks.sameShape("add", a, b);
    Value y = tape.activation("add", a.rows(), a.columns());
    tape.record(new Add(a, b, y));
    return y;
  }

  @Override
  public String name() {
    return "add";
  }

  @Override
  public Effects effects() {
    return Effects.of(List.of(a, b), List.of(y))
        .backward(List.of(y), List.of(), List.of())
        .passes(List.of(a, b));
  }

  @Override
  public Cost cost() {
    return Cost.elementwise(effects(), y.rows() * y.columns(), 1);
  }

  @Override
  public Runnable forward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor left = frame.tensor(a);
    Tensor right = frame.tensor(b);
    Tensor out = frame.tensor(y);
    return () -> kernels.add(left, right, out);
  }

  /** The plan passes the gradient on. */
  @Override
  public Runnable backward(Frame frame) {
    return () -> {};
  }
}
