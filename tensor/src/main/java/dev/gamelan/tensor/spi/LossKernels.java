package dev.gamelan.tensor.spi;

import dev.gamelan.tensor.Tensor;
import java.util.Optional;

/**
 * Losses over a vocabulary and the reductions that post-training needs. A target of −1 is ignored:
 * its loss, log-probability and gradients are 0.
 */
public interface LossKernels {
  /**
   * Head and cross-entropy in one: losses[i] = weights[i]·(lse(hᵢ·Wᵀ) − (hᵢ·Wᵀ)[targets[i]]).
   * Logits exist a chunk at a time only.
   *
   * @param hidden [n, d]
   * @param head [vocabulary, d]
   * @param targets i32 [n]
   * @param weights [n]
   * @param losses [n]
   */
  void headLoss(Tensor hidden, Packed head, Tensor targets, Tensor weights, Tensor losses);

  /**
   * {@link #headLoss} and the gradients of Σ losses: dhidden (+)= …, dhead += …, in the head's
   * layout.
   */
  void headLossBackward(
      Tensor hidden,
      Packed head,
      Tensor targets,
      Tensor weights,
      Tensor losses,
      boolean accumulate,
      Tensor dhidden,
      Optional<Tensor> dhead);

  /**
   * logProbs[i] = log softmax(hᵢ·Wᵀ)[targets[i]] in chunks.
   *
   * @param lse [n], log Σ exp of the logits, kept for the backward pass
   */
  void headLogProbs(Tensor hidden, Packed head, Tensor targets, Tensor logProbs, Tensor lse);

  /**
   * dhidden (+)= … and, where present, dhead += … for the gradient dlogProbs [n]; logits are
   * computed again.
   */
  void headLogProbsBackward(
      Tensor dlogProbs,
      Tensor hidden,
      Packed head,
      Tensor targets,
      Tensor lse,
      boolean accumulate,
      Tensor dhidden,
      Optional<Tensor> dhead);

  /** logProbs[i] = log softmax(logits[i])[targets[i]]. */
  void logSoftmaxGather(Tensor logits, Tensor targets, Tensor logProbs);

  /** dlogits (+)= dlogProbs[i]·(onehot(targets[i]) − softmax(logits[i])). */
  void logSoftmaxGatherBackward(
      Tensor dlogProbs, Tensor logits, Tensor targets, boolean accumulate, Tensor dlogits);

  /** kl[i] = KL(softmax(logits[i]) ‖ softmax(reference[i])), in nats. */
  void kl(Tensor logits, Tensor reference, Tensor kl);

  /** dlogits (+)= dkl[i]·∂kl[i]/∂logits[i]; the reference is constant. */
  void klBackward(Tensor dkl, Tensor logits, Tensor reference, boolean accumulate, Tensor dlogits);

  /**
   * y = log σ(x) = −softplus(−x), without overflow: the sigmoid losses of reward models and DPO.
   */
  void logSigmoid(Tensor x, Tensor y);

  /** dx (+)= σ(−x)·dy. */
  void logSigmoidBackward(Tensor x, Tensor dy, boolean accumulate, Tensor dx);
}
