package dev.gamelan.tensor.op;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.WeightLayout;
import dev.gamelan.tensor.tape.Frame;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.List;
import java.util.Optional;

/**
 * Language-model head and cross-entropy in one, so that logits are never whole: y[i] = weights[i]·
 * −log softmax(hiddenᵢ·Wᵀ)[targets[i]]. The weights are the caller's: 1/n for a mean, 0 for masked
 * tokens. The loss of the step is Σ y; nothing seeds it.
 *
 * <p>A step that trains computes losses and gradients in one go, in its backward pass; the losses
 * are there after it.
 *
 * @param hidden [n, d]
 * @param head [vocabulary, d]
 * @param targets i32 [1, n]; −1 is ignored
 * @param weights [1, n]
 * @param y [1, n]
 */
public record HeadLoss(Value hidden, Value head, Value targets, Value weights, Value y)
    implements Op {
  public static Value apply(Tape tape, Value hidden, Value head, Value targets, Value weights) {
    Checks.require(
        hidden.columns() == head.columns(),
        "head loss",
        "the head must be [vocabulary, %d]".formatted(hidden.columns()),
        hidden,
        head);
    Checks.indices("head loss targets", targets, hidden.rows());
    Checks.vector("head loss weights", weights, hidden.rows());
    Value y = tape.activation("loss", DType.F32, 1, hidden.rows());
    tape.record(new HeadLoss(hidden, head, targets, weights, y));
    return y;
  }

  @Override
  public String name() {
    return "head loss";
  }

  @Override
  public Effects effects() {
    return Effects.of(List.of(hidden, head, targets, weights), List.of(y))
        .backward(List.of(), List.of(hidden, head), List.of(hidden, targets, weights, y));
  }

  @Override
  public Cost cost() {
    long product = 2 * hidden.rows() * head.rows() * head.columns();
    return new Cost(product, 2 * product, effects().bytes());
  }

  @Override
  public Runnable forward(Frame frame) {
    if (frame.training()) {
      return () -> {};
    }
    Kernels kernels = frame.kernels();
    Tensor h = frame.tensor(hidden);
    Packed w = frame.packed(head, WeightLayout.OUT_IN);
    Tensor t = frame.tensor(targets);
    Tensor s = frame.tensor(weights);
    Tensor out = frame.tensor(y);
    return () -> kernels.headLoss(h, w, t, s, out);
  }

  @Override
  public Runnable backward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor h = frame.tensor(hidden);
    Packed w = frame.packed(head, WeightLayout.OUT_IN);
    Tensor t = frame.tensor(targets);
    Tensor s = frame.tensor(weights);
    Tensor out = frame.tensor(y);
    Frame.Gradient dh = frame.gradientTo(hidden).orElseThrow();
    Optional<Tensor> dw = frame.gradientTo(head).map(Frame.Gradient::tensor);
    return () -> kernels.headLossBackward(h, w, t, s, out, dh.accumulate(), dh.tensor(), dw);
  }
}
