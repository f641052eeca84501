package dev.gamelan.tensor.scalar;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.LossKernels;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Optional;

/**
 * The head's product fused with its loss. The vocabulary streams by, one word for all rows at a
 * time, so no row's logits are ever whole.
 */
interface ScalarHeads extends LossKernels, ScalarProducts {
  /** loss = weight·(lse − logit of the target). */
  @Override
  default void headLoss(Tensor hidden, Packed head, Tensor targets, Tensor weights, Tensor losses) {
    Logits logits = logits(hidden, head, targets);
    double[] loss = Rows.readAll(weights);
    for (int i = 0; i < loss.length; i++) {
      loss[i] = logits.targets[i] < 0 ? 0 : loss[i] * (logits.lse[i] - logits.ofTarget[i]);
    }
    Rows.writeAll(losses, loss, false);
  }

  /** dlogit = weight·(softmax − onehot). */
  @Override
  default void headLossBackward(
      Tensor hidden,
      Packed head,
      Tensor targets,
      Tensor weights,
      Tensor losses,
      boolean accumulate,
      Tensor dhidden,
      Optional<Tensor> dhead) {
    headLoss(hidden, head, targets, weights, losses);
    Logits logits = logits(hidden, head, targets);
    backward(
        hidden,
        head,
        logits.targets,
        Rows.readAll(weights),
        logits.lse,
        accumulate,
        dhidden,
        dhead);
  }

  /** logProb = logit of the target − lse. */
  @Override
  default void headLogProbs(
      Tensor hidden, Packed head, Tensor targets, Tensor logProbs, Tensor lse) {
    Logits logits = logits(hidden, head, targets);
    double[] logProb = new double[logits.targets.length];
    for (int i = 0; i < logProb.length; i++) {
      logProb[i] = logits.targets[i] < 0 ? 0 : logits.ofTarget[i] - logits.lse[i];
    }
    Rows.writeAll(logProbs, logProb, false);
    Rows.writeAll(lse, logits.lse, false);
  }

  /** dlogit = −dlogProb·(softmax − onehot), with lse as the forward pass rounded it. */
  @Override
  default void headLogProbsBackward(
      Tensor dlogProbs,
      Tensor hidden,
      Packed head,
      Tensor targets,
      Tensor lse,
      boolean accumulate,
      Tensor dhidden,
      Optional<Tensor> dhead) {
    double[] weights = Rows.readAll(dlogProbs);
    for (int i = 0; i < weights.length; i++) {
      weights[i] = -weights[i];
    }
    backward(
        hidden, head, targets.toInts(), weights, Rows.readAll(lse), accumulate, dhidden, dhead);
  }

  /** What a pass over the vocabulary leaves of every row's logits. */
  record Logits(int[] targets, double[] lse, double[] ofTarget) {}

  private Logits logits(Tensor hidden, Packed head, Tensor targets) {
    double[][] h = Rows.operand(hidden, mode());
    int[] target = targets.toInts();
    double[] ofTarget = new double[h.length];
    Softmax.Running[] sums = new Softmax.Running[h.length];
    for (int i = 0; i < h.length; i++) {
      sums[i] = new Softmax.Running();
    }
    for (int word = 0; word < head.out(); word++) {
      double[] w = Plain.row(head, word, mode());
      for (int i = 0; i < h.length; i++) {
        double logit = Rows.dot(h[i], w);
        sums[i].add(logit);
        if (target[i] == word) {
          ofTarget[i] = logit;
        }
      }
    }
    double[] lse = new double[h.length];
    for (int i = 0; i < h.length; i++) {
      lse[i] = sums[i].logSumExp();
    }
    return new Logits(target, lse, ofTarget);
  }

  private void backward(
      Tensor hidden,
      Packed head,
      int[] targets,
      double[] weights,
      double[] lse,
      boolean accumulate,
      Tensor dhidden,
      Optional<Tensor> dhead) {
    double[][] h = Rows.operand(hidden, mode());
    double[][] dh = new double[h.length][Math.toIntExact(hidden.columns())];
    for (int word = 0; word < head.out(); word++) {
      double[] w = Plain.row(head, word, mode());
      double[] dlogits = new double[h.length];
      for (int i = 0; i < h.length; i++) {
        if (targets[i] >= 0) {
          double p = Math.exp(Rows.dot(h[i], w) - lse[i]);
          dlogits[i] = weights[i] * (targets[i] == word ? p - 1 : p);
        }
      }
      Rows.round(dlogits, mode());
      double[] dw = new double[w.length];
      for (int i = 0; i < h.length; i++) {
        if (targets[i] >= 0) {
          Rows.addScaled(dh[i], dlogits[i], w);
          Rows.addScaled(dw, dlogits[i], h[i]);
        }
      }
      int row = word;
      dhead.ifPresent(
          into -> {
            if (head.layout() == WeightLayout.OUT_IN) {
              Rows.write(into, row, dw, true);
            } else {
              Rows.addToColumn(into, row, dw);
            }
          });
    }
    for (int i = 0; i < h.length; i++) {
      Rows.write(dhidden, i, dh[i], accumulate);
    }
  }
}
