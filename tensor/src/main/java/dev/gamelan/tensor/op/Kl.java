package dev.gamelan.tensor.op;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Frame;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.List;

/**
 * y[i] = KL(softmax(logits[i]) ‖ softmax(reference[i])) in nats; the reference is constant.
 *
 * @param logits [n, vocabulary]
 * @param reference [n, vocabulary]
 * @param y [1, n]
 */
public record Kl(Value logits, Value reference, Value y) implements Op {
  public static Value apply(Tape tape, Value logits, Value reference) {
    Checks.sameShape("kl", logits, reference);
    Value y = tape.activation("kl", 1, logits.rows());
    tape.record(new Kl(logits, reference, y));
    return y;
  }

  @Override
  public String name() {
    return "kl";
  }

  @Override
  public Effects effects() {
    return Effects.of(List.of(logits, reference), List.of(y))
        .backward(List.of(y), List.of(logits), List.of(logits, reference));
  }

  @Override
  public Cost cost() {
    return Cost.elementwise(effects(), logits.rows() * logits.columns(), 16);
  }

  @Override
  public Runnable forward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor p = frame.tensor(logits);
    Tensor q = frame.tensor(reference);
    Tensor out = frame.tensor(y);
    return () -> kernels.kl(p, q, out);
  }

  @Override
  public Runnable backward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor dy = frame.gradientOf(y);
    Tensor p = frame.tensor(logits);
    Tensor q = frame.tensor(reference);
    Frame.Gradient g = frame.gradientTo(logits).orElseThrow();
    return () -> kernels.klBackward(dy, p, q, g.accumulate(), g.tensor());
  }
}
