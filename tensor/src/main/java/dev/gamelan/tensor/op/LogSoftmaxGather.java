package dev.gamelan.tensor.op;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Frame;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.List;

/**
 * y[i] = log softmax(logits[i])[targets[i]], for logits that are there anyway.
 *
 * @param logits [n, vocabulary]
 * @param targets i32 [1, n]; −1 gives 0
 * @param y [1, n]
 */
public record LogSoftmaxGather(Value logits, Value targets, Value y) implements Op {
  public static Value apply(Tape tape, Value logits, Value targets) {
    Checks.indices("log-softmax targets", targets, logits.rows());
    Value y = tape.activation("logprobs", 1, logits.rows());
    tape.record(new LogSoftmaxGather(logits, targets, y));
    return y;
  }

  @Override
  public String name() {
    return "log-softmax gather";
  }

  @Override
  public Effects effects() {
    return Effects.of(List.of(logits, targets), List.of(y))
        .backward(List.of(y), List.of(logits), List.of(logits, targets));
  }

  @Override
  public Cost cost() {
    return Cost.elementwise(effects(), logits.rows() * logits.columns(), 8);
  }

  @Override
  public Runnable forward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor in = frame.tensor(logits);
    Tensor t = frame.tensor(targets);
    Tensor out = frame.tensor(y);
    return () -> kernels.logSoftmaxGather(in, t, out);
  }

  @Override
  public Runnable backward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor dy = frame.gradientOf(y);
    Tensor in = frame.tensor(logits);
    Tensor t = frame.tensor(targets);
    Frame.Gradient g = frame.gradientTo(logits).orElseThrow();
    return () -> kernels.logSoftmaxGatherBackward(dy, in, t, g.accumulate(), g.tensor());
  }
}
