package dev.gamelan.tensor.op;

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
 * y[i] = log softmax(hiddenᵢ·Wᵀ)[targets[i]] without whole logits: what DPO, PPO and scoring need.
 * The host (or another op) gives the gradient; logits are computed again for it.
 *
 * @param hidden [n, d]
 * @param head [vocabulary, d]
 * @param targets i32 [1, n]; −1 gives 0
 * @param y [1, n]
 * @param lse [1, n]
 */
public record HeadLogProbs(Value hidden, Value head, Value targets, Value y, Value lse)
    implements Op {
  public static Value apply(Tape tape, Value hidden, Value head, Value targets) {
    Checks.require(
        hidden.columns() == head.columns(),
        "head log-probs",
        "the head must be [vocabulary, %d]".formatted(hidden.columns()),
        hidden,
        head);
    Checks.indices("head log-probs targets", targets, hidden.rows());
    Value y = tape.activation("logprobs", 1, hidden.rows());
    Value lse = tape.activation("lse", 1, hidden.rows());
    tape.record(new HeadLogProbs(hidden, head, targets, y, lse));
    return y;
  }

  @Override
  public String name() {
    return "head log-probs";
  }

  @Override
  public Effects effects() {
    return Effects.of(List.of(hidden, head, targets), List.of(y, lse))
        .backward(List.of(y), List.of(hidden, head), List.of(hidden, targets, lse));
  }

  @Override
  public Cost cost() {
    long product = 2 * hidden.rows() * head.rows() * head.columns();
    return new Cost(product, 3 * product, effects().bytes());
  }

  @Override
  public Runnable forward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor h = frame.tensor(hidden);
    Packed w = frame.packed(head, WeightLayout.OUT_IN);
    Tensor t = frame.tensor(targets);
    Tensor out = frame.tensor(y);
    Tensor l = frame.tensor(lse);
    return () -> kernels.headLogProbs(h, w, t, out, l);
  }

  @Override
  public Runnable backward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor dy = frame.gradientOf(y);
    Tensor h = frame.tensor(hidden);
    Packed w = frame.packed(head, WeightLayout.OUT_IN);
    Tensor t = frame.tensor(targets);
    Tensor l = frame.tensor(lse);
    Frame.Gradient dh = frame.gradientTo(hidden).orElseThrow();
    Optional<Tensor> dw = frame.gradientTo(head).map(Frame.Gradient::tensor);
    return () -> kernels.headLogProbsBackward(dy, h, w, t, l, dh.accumulate(), dh.tensor(), dw);
  }
}
