package dev.gamelan.tensor.scalar;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.LossKernels;

/** Reductions of whole logits. A word of probability 0 (a logit of −∞) adds nothing. */
interface ScalarLosses extends LossKernels {
  @Override
  default void logSoftmaxGather(Tensor logits, Tensor targets, Tensor logProbs) {
    int[] target = targets.toInts();
    double[] logProb = new double[target.length];
    for (int i = 0; i < target.length; i++) {
      if (target[i] >= 0) {
        logProb[i] = Softmax.logs(Rows.read(logits, i))[target[i]];
      }
    }
    Rows.writeAll(logProbs, logProb, false);
  }

  @Override
  default void logSoftmaxGatherBackward(
      Tensor dlogProbs, Tensor logits, Tensor targets, boolean accumulate, Tensor dlogits) {
    int[] target = targets.toInts();
    double[] d = Rows.readAll(dlogProbs);
    for (int i = 0; i < target.length; i++) {
      double[] row = new double[Math.toIntExact(logits.columns())];
      if (target[i] >= 0) {
        Rows.addScaled(row, -d[i], Softmax.of(Rows.read(logits, i)));
        row[target[i]] += d[i];
      }
      Rows.write(dlogits, i, row, accumulate);
    }
  }

  /** Σ p·(log p − log q). */
  @Override
  default void kl(Tensor logits, Tensor reference, Tensor kl) {
    double[] divergence = new double[Math.toIntExact(logits.rows())];
    for (int i = 0; i < divergence.length; i++) {
      double[] p = Softmax.logs(Rows.read(logits, i));
      divergence[i] = kl(p, Softmax.logs(Rows.read(reference, i)));
    }
    Rows.writeAll(kl, divergence, false);
  }

  /** p·(log p − log q − kl). */
  @Override
  default void klBackward(
      Tensor dkl, Tensor logits, Tensor reference, boolean accumulate, Tensor dlogits) {
    double[] d = Rows.readAll(dkl);
    for (int i = 0; i < d.length; i++) {
      double[] p = Softmax.logs(Rows.read(logits, i));
      double[] q = Softmax.logs(Rows.read(reference, i));
      double divergence = kl(p, q);
      for (int c = 0; c < p.length; c++) {
        double probability = Math.exp(p[c]);
        p[c] = probability == 0 ? 0 : d[i] * probability * (p[c] - q[c] - divergence);
      }
      Rows.write(dlogits, i, p, accumulate);
    }
  }

  /** min(x, 0) − log(1 + exp(−|x|)). */
  @Override
  default void logSigmoid(Tensor x, Tensor y) {
    for (long r = 0; r < x.rows(); r++) {
      double[] row = Rows.read(x, r);
      for (int c = 0; c < row.length; c++) {
        row[c] = Math.min(row[c], 0) - Math.log1p(Math.exp(-Math.abs(row[c])));
      }
      Rows.write(y, r, row);
    }
  }

  @Override
  default void logSigmoidBackward(Tensor x, Tensor dy, boolean accumulate, Tensor dx) {
    for (long r = 0; r < x.rows(); r++) {
      double[] row = Rows.read(x, r);
      double[] d = Rows.read(dy, r);
      for (int c = 0; c < row.length; c++) {
        d[c] *= ScalarActivations.sigmoid(-row[c]);
      }
      Rows.write(dx, r, d, accumulate);
    }
  }

  private static double kl(double[] logP, double[] logQ) {
    double sum = 0;
    for (int c = 0; c < logP.length; c++) {
      double p = Math.exp(logP[c]);
      sum += p == 0 ? 0 : p * (logP[c] - logQ[c]);
    }
    return sum;
  }
}
