package dev.gamelan.tensor.scalar;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Epilogue;
import dev.gamelan.tensor.spi.ExpertKernels;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.Routing;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.List;

/** Mixture of experts: an expert's product is the product of its rows. */
interface ScalarExperts extends ExpertKernels, ScalarProducts {
  @Override
  default void route(Tensor logits, Routing routing, Tensor experts, Tensor weights) {
    int k = Math.toIntExact(experts.columns());
    for (int i = 0; i < logits.rows(); i++) {
      double[] row = Rows.read(logits, i);
      double[] best = new double[k];
      boolean[] taken = new boolean[row.length];
      for (int j = 0; j < k; j++) {
        int expert = largest(row, taken);
        taken[expert] = true;
        best[j] = row[expert];
        experts.setInt(i, j, expert);
      }
      double lse =
          switch (routing) {
            case SOFTMAX_OF_CHOSEN -> Softmax.logSumExp(best);
            case SOFTMAX_OF_ALL -> Softmax.logSumExp(row);
          };
      for (int j = 0; j < k; j++) {
        best[j] = Math.exp(best[j] - lse);
      }
      Rows.write(weights, i, best);
    }
  }

  /**
   * With s = Σⱼ dwⱼ·wⱼ: dlogit = −p·s, and at a chosen expert wⱼ·dwⱼ more; p over the softmax's
   * set.
   */
  @Override
  default void routeBackward(
      Tensor dweights,
      Tensor logits,
      Routing routing,
      Tensor experts,
      Tensor weights,
      boolean accumulate,
      Tensor dlogits) {
    for (int i = 0; i < logits.rows(); i++) {
      double[] w = Rows.read(weights, i);
      double[] dw = Rows.read(dweights, i);
      double s = Rows.dot(w, dw);
      double[] d = new double[Math.toIntExact(logits.columns())];
      switch (routing) {
        case SOFTMAX_OF_CHOSEN -> {
          for (int j = 0; j < w.length; j++) {
            d[experts.getInt(i, j)] = -w[j] * s;
          }
        }
        case SOFTMAX_OF_ALL -> Rows.addScaled(d, -s, Softmax.of(Rows.read(logits, i)));
      }
      for (int j = 0; j < w.length; j++) {
        d[experts.getInt(i, j)] += w[j] * dw[j];
      }
      Rows.write(dlogits, i, d, accumulate);
    }
  }

  @Override
  default void routerLoad(Tensor logits, Tensor experts, boolean accumulate, Tensor load) {
    double[] chosen = new double[Math.toIntExact(logits.columns())];
    double[] likely = new double[chosen.length];
    for (int i = 0; i < logits.rows(); i++) {
      for (int j = 0; j < experts.columns(); j++) {
        chosen[experts.getInt(i, j)]++;
      }
      Rows.addScaled(likely, 1, Softmax.of(Rows.read(logits, i)));
    }
    Rows.write(load, 0, chosen, accumulate);
    Rows.write(load, 1, likely, accumulate);
  }

  @Override
  default void routerLoadBackward(
      Tensor logits, Tensor load, float scale, boolean accumulate, Tensor dlogits) {
    double[] chosen = Rows.read(load, 0);
    for (int i = 0; i < logits.rows(); i++) {
      double[] p = Softmax.of(Rows.read(logits, i));
      double mean = Rows.dot(p, chosen);
      for (int e = 0; e < p.length; e++) {
        p[e] *= scale * (chosen[e] - mean);
      }
      Rows.write(dlogits, i, p, accumulate);
    }
  }

  @Override
  default void sortByExpert(Tensor experts, Tensor source, Tensor place, Tensor offsets) {
    int[] expert = experts.toInts();
    int k = Math.toIntExact(experts.columns());
    int next = 0;
    int count = Math.toIntExact(offsets.elements()) - 1;
    for (int e = 0; e < count; e++) {
      setInt(offsets, e, next);
      for (int pair = 0; pair < expert.length; pair++) {
        if (expert[pair] == e) {
          setInt(source, next, pair / k);
          place.setInt(pair / k, pair % k, next++);
        }
      }
    }
    setInt(offsets, count, next);
  }

  @Override
  default void groupedLinear(Tensor x, Tensor offsets, List<Packed> weights, Tensor y) {
    int[] at = offsets.toInts();
    for (int e = 0; e < weights.size(); e++) {
      linear(x.rows(at[e], at[e + 1]), weights.get(e), Epilogue.NONE, y.rows(at[e], at[e + 1]));
    }
  }

  @Override
  default void groupedLinearBackwardInput(
      Tensor dy, Tensor offsets, List<Packed> weights, boolean accumulate, Tensor dx) {
    int[] at = offsets.toInts();
    for (int e = 0; e < weights.size(); e++) {
      linearBackwardInput(
          dy.rows(at[e], at[e + 1]), weights.get(e), accumulate, dx.rows(at[e], at[e + 1]));
    }
  }

  @Override
  default void groupedLinearBackwardWeight(
      Tensor dy, Tensor x, Tensor offsets, WeightLayout layout, List<Tensor> dweights) {
    int[] at = offsets.toInts();
    for (int e = 0; e < dweights.size(); e++) {
      linearBackwardWeight(
          dy.rows(at[e], at[e + 1]), x.rows(at[e], at[e + 1]), layout, true, dweights.get(e));
    }
  }

  @Override
  default void combine(Tensor x, Tensor place, Tensor weights, boolean accumulate, Tensor y) {
    for (int i = 0; i < y.rows(); i++) {
      double[] sum = new double[Math.toIntExact(y.columns())];
      for (int j = 0; j < place.columns(); j++) {
        Rows.addScaled(sum, weights.get(i, j), Rows.read(x, place.getInt(i, j)));
      }
      Rows.write(y, i, sum, accumulate);
    }
  }

  @Override
  default void combineBackward(
      Tensor dy, Tensor x, Tensor place, Tensor weights, Tensor dx, Tensor dweights) {
    for (int i = 0; i < dy.rows(); i++) {
      double[] d = Rows.read(dy, i);
      double[] dw = new double[Math.toIntExact(place.columns())];
      for (int j = 0; j < dw.length; j++) {
        double[] scaled = new double[d.length];
        Rows.addScaled(scaled, weights.get(i, j), d);
        Rows.write(dx, place.getInt(i, j), scaled);
        dw[j] = Rows.dot(d, Rows.read(x, place.getInt(i, j)));
      }
      Rows.write(dweights, i, dw);
    }
  }

  /** The lowest index of the largest that isn't taken; NaN counts as smallest. */
  private static int largest(double[] row, boolean[] taken) {
    int best = -1;
    for (int e = 0; e < row.length; e++) {
      if (!taken[e]
          && (best < 0 || row[e] > row[best] || Double.isNaN(row[best]) && !Double.isNaN(row[e]))) {
        best = e;
      }
    }
    return best;
  }

  private static void setInt(Tensor vector, int i, int value) {
    vector.setInt(i / vector.columns(), i % vector.columns(), value);
  }
}
