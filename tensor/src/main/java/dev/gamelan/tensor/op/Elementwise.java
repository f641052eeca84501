package dev.gamelan.tensor.op;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Frame;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.List;
import java.util.function.Function;

/** Ops that look at one element at a time: activations, clamp, log-sigmoid, scale. */
public sealed interface Elementwise extends Op {
  Value x();

  Value y();

  @Override
  default Effects effects() {
    return Effects.of(List.of(x()), List.of(y()))
        .backward(List.of(y()), List.of(x()), List.of(x()));
  }

  @Override
  default Cost cost() {
    return Cost.elementwise(effects(), x().rows() * x().columns(), 8);
  }

  /** y = f(x). */
  static Value activation(Tape tape, Activation f, Value x) {
    return record(tape, "activation", x, y -> new Activate(f, x, y));
  }

  /** y = min(max(x, −bound), bound). */
  static Value clamp(Tape tape, float bound, Value x) {
    Checks.require(bound > 0, "clamp", "the bound must be positive", bound);
    return record(tape, "clamp", x, y -> new Clamp(bound, x, y));
  }

  /** y = log σ(x). */
  static Value logSigmoid(Tape tape, Value x) {
    return record(tape, "logsigmoid", x, y -> new LogSigmoid(x, y));
  }

  /** y = factor·x. */
  static Value scale(Tape tape, float factor, Value x) {
    return record(tape, "scale", x, y -> new Scale(factor, x, y));
  }

  /** y = factor·x into {@code y}, e.g. some columns of a wider value. */
  static void scale(Tape tape, float factor, Value x, Value y) {
    Checks.sameShape("scale", x, y);
    tape.record(new Scale(factor, x, y));
  }

  private static Value record(Tape tape, String name, Value x, Function<Value, Op> op) {
    Value y = tape.activation(name, x.rows(), x.columns());
    tape.record(op.apply(y));
    return y;
  }

  record Activate(Activation f, Value x, Value y) implements Elementwise {
    @Override
    public String name() {
      return "activation";
    }

    @Override
    public Runnable forward(Frame frame) {
      Kernels kernels = frame.kernels();
      Tensor in = frame.tensor(x);
      Tensor out = frame.tensor(y);
      return () -> kernels.activation(f, in, out);
    }

    @Override
    public Runnable backward(Frame frame) {
      Kernels kernels = frame.kernels();
      Tensor in = frame.tensor(x);
      Tensor dy = frame.gradientOf(y);
      Frame.Gradient g = frame.gradientTo(x).orElseThrow();
      return () -> kernels.activationBackward(f, in, dy, g.accumulate(), g.tensor());
    }
  }

  record Scale(float factor, Value x, Value y) implements Elementwise {
    @Override
    public String name() {
      return "scale";
    }

    @Override
    public Effects effects() {
      return Effects.of(List.of(x), List.of(y)).backward(List.of(y), List.of(x), List.of());
    }

    @Override
    public Runnable forward(Frame frame) {
      Kernels kernels = frame.kernels();
      Tensor in = frame.tensor(x);
      Tensor out = frame.tensor(y);
      return () -> kernels.scale(in, factor, out);
    }

    @Override
    public Runnable backward(Frame frame) {
      Kernels kernels = frame.kernels();
      Tensor dy = frame.gradientOf(y);
      Frame.Gradient g = frame.gradientTo(x).orElseThrow();
      if (g.accumulate()) {
        throw new IllegalStateException(
            "scale: what it scales is used by another op, too; record a copy");
      }
      return () -> kernels.scale(dy, factor, g.tensor());
    }
  }

  record Clamp(float bound, Value x, Value y) implements Elementwise {
    @Override
    public String name() {
      return "clamp";
    }

    @Override
    public Runnable forward(Frame frame) {
      Kernels kernels = frame.kernels();
      Tensor in = frame.tensor(x);
      Tensor out = frame.tensor(y);
      return () -> kernels.clamp(in, bound, out);
    }

    @Override
    public Runnable backward(Frame frame) {
      Kernels kernels = frame.kernels();
      Tensor in = frame.tensor(x);
      Tensor dy = frame.gradientOf(y);
      Frame.Gradient g = frame.gradientTo(x).orElseThrow();
      return () -> kernels.clampBackward(in, bound, dy, g.accumulate(), g.tensor());
    }
  }

  record LogSigmoid(Value x, Value y) implements Elementwise {
    @Override
    public String name() {
      return "logsigmoid";
    }

    @Override
    public Runnable forward(Frame frame) {
      Kernels kernels = frame.kernels();
      Tensor in = frame.tensor(x);
      Tensor out = frame.tensor(y);
      return () -> kernels.logSigmoid(in, out);
    }

    @Override
    public Runnable backward(Frame frame) {
      Kernels kernels = frame.kernels();
      Tensor in = frame.tensor(x);
      Tensor dy = frame.gradientOf(y);
      Frame.Gradient g = frame.gradientTo(x).orElseThrow();
      return () -> kernels.logSigmoidBackward(in, dy, g.accumulate(), g.tensor());
    }
  }
}
