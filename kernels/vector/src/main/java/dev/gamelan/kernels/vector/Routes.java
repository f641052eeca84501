package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Routing;
import java.lang.foreign.ValueLayout;

/**
 * Top-k routing and the sorting by expert. A few dozen logits a row: one at a time, in double where
 * it sums.
 */
final class Routes {
  private int[] places = new int[0];
  private double[] sums = new double[0];

  void route(Tensor logits, Routing routing, Tensor experts, Tensor weights) {
    int k = Math.toIntExact(experts.columns());
    int all = Math.toIntExact(logits.columns());
    for (long row = 0; row < logits.rows(); row++) {
      long x = row(logits, row);
      long chosen = row(experts, row);
      long w = row(weights, row);
      for (int choice = 0; choice < k; choice++) {
        setIndex(chosen + 4L * choice, best(x, all, chosen, choice));
      }
      double most = Memory.f32(x + 4L * Gather.index(chosen));
      double sum =
          switch (routing) {
            case SOFTMAX_OF_CHOSEN -> {
              double s = 0;
              for (int choice = 0; choice < k; choice++) {
                s += exp(x, Gather.index(chosen + 4L * choice), most);
              }
              yield s;
            }
            case SOFTMAX_OF_ALL -> sumExp(x, all, most);
          };
      for (int choice = 0; choice < k; choice++) {
        double p = exp(x, Gather.index(chosen + 4L * choice), most) / sum;
        Memory.f32(w + 4L * choice, (float) p);
      }
    }
  }

  void backward(
      Tensor dweights,
      Tensor logits,
      Routing routing,
      Tensor experts,
      Tensor weights,
      boolean accumulate,
      Tensor dlogits) {
    int k = Math.toIntExact(experts.columns());
    int all = Math.toIntExact(logits.columns());
    for (long row = 0; row < logits.rows(); row++) {
      long x = row(logits, row);
      long chosen = row(experts, row);
      long w = row(weights, row);
      long dw = row(dweights, row);
      long dx = row(dlogits, row);
      double dot = 0;
      for (int choice = 0; choice < k; choice++) {
        dot += (double) Memory.f32(w + 4L * choice) * Memory.f32(dw + 4L * choice);
      }
      if (!accumulate) {
        Memory.zero(dx, 4L * all);
      }
      switch (routing) {
        case SOFTMAX_OF_CHOSEN -> {}
        case SOFTMAX_OF_ALL -> {
          double most = Memory.f32(x + 4L * Gather.index(chosen));
          double sum = sumExp(x, all, most);
          for (int expert = 0; expert < all; expert++) {
            if (!contains(chosen, k, expert)) {
              add(dx + 4L * expert, -exp(x, expert, most) / sum * dot);
            }
          }
        }
      }
      for (int choice = 0; choice < k; choice++) {
        double weight = Memory.f32(w + 4L * choice);
        double slope = weight * (Memory.f32(dw + 4L * choice) - dot);
        add(dx + 4L * Gather.index(chosen + 4L * choice), slope);
      }
    }
  }

  void load(Tensor logits, Tensor experts, boolean accumulate, Tensor load) {
    int k = Math.toIntExact(experts.columns());
    int all = Math.toIntExact(logits.columns());
    double[] sum = zeros(2 * all);
    for (long row = 0; row < logits.rows(); row++) {
      for (int choice = 0; choice < k; choice++) {
        sum[Gather.index(row(experts, row) + 4L * choice)]++;
      }
      long x = row(logits, row);
      double most = largest(x, all);
      double whole = sumExp(x, all, most);
      for (int expert = 0; expert < all; expert++) {
        sum[all + expert] += exp(x, expert, most) / whole;
      }
    }
    for (int half = 0; half < 2; half++) {
      for (int expert = 0; expert < all; expert++) {
        long to = row(load, half) + 4L * expert;
        double old = accumulate ? Memory.f32(to) : 0;
        Memory.f32(to, (float) (old + sum[half * all + expert]));
      }
    }
  }

  void loadBackward(Tensor logits, Tensor load, float scale, boolean accumulate, Tensor dlogits) {
    int all = Math.toIntExact(logits.columns());
    double[] p = zeros(all);
    long chosen = row(load, 0);
    for (long row = 0; row < logits.rows(); row++) {
      long x = row(logits, row);
      double most = largest(x, all);
      double whole = sumExp(x, all, most);
      double mean = 0;
      for (int expert = 0; expert < all; expert++) {
        p[expert] = exp(x, expert, most) / whole;
        mean += p[expert] * Memory.f32(chosen + 4L * expert);
      }
      for (int expert = 0; expert < all; expert++) {
        long to = row(dlogits, row) + 4L * expert;
        double slope = scale * p[expert] * (Memory.f32(chosen + 4L * expert) - mean);
        double old = accumulate ? Memory.f32(to) : 0;
        Memory.f32(to, (float) (old + slope));
      }
    }
  }

  private double[] zeros(int n) {
    if (sums.length < n) {
      sums = new double[n];
    }
    for (int i = 0; i < n; i++) {
      sums[i] = 0;
    }
    return sums;
  }

  private static double largest(long x, int all) {
    float most = Memory.f32(x);
    for (int expert = 1; expert < all; expert++) {
      most = Math.max(most, Memory.f32(x + 4L * expert));
    }
    return most;
  }

  void sortByExpert(Tensor experts, Tensor source, Tensor place, Tensor offsets) {
    int count = Math.toIntExact(offsets.elements() - 1);
    int k = Math.toIntExact(experts.columns());
    if (places.length < count + 1) {
      places = new int[count + 1];
    }
    for (int e = 0; e <= count; e++) {
      places[e] = 0;
    }
    for (long row = 0; row < experts.rows(); row++) {
      for (int choice = 0; choice < k; choice++) {
        places[Gather.index(row(experts, row) + 4L * choice) + 1]++;
      }
    }
    for (int e = 0; e < count; e++) {
      places[e + 1] += places[e];
    }
    for (int e = 0; e <= count; e++) {
      setIndex(offsets.address() + e * Gather.step(offsets), places[e]);
    }
    for (long row = 0; row < experts.rows(); row++) {
      for (int choice = 0; choice < k; choice++) {
        int next = places[Gather.index(row(experts, row) + 4L * choice)]++;
        setIndex(place.address() + 4 * row * place.rowStride() + 4L * choice, next);
        setIndex(source.address() + next * Gather.step(source), (int) row);
      }
    }
  }

  private static int best(long x, int all, long chosen, int taken) {
    int best = -1;
    for (int expert = 0; expert < all; expert++) {
      if (!contains(chosen, taken, expert)
          && (best < 0 || greater(Memory.f32(x + 4L * expert), Memory.f32(x + 4L * best)))) {
        best = expert;
      }
    }
    return best;
  }

  /** NaN is the smallest. */
  private static boolean greater(float a, float b) {
    return a > b || (Float.isNaN(b) && !Float.isNaN(a));
  }

  private static boolean contains(long chosen, int taken, int expert) {
    for (int choice = 0; choice < taken; choice++) {
      if (Gather.index(chosen + 4L * choice) == expert) {
        return true;
      }
    }
    return false;
  }

  private static double exp(long x, int expert, double most) {
    return StrictMath.exp(Memory.f32(x + 4L * expert) - most);
  }

  private static double sumExp(long x, int all, double most) {
    double sum = 0;
    for (int expert = 0; expert < all; expert++) {
      sum += exp(x, expert, most);
    }
    return sum;
  }

  private static void add(long address, double value) {
    Memory.f32(address, Memory.f32(address) + (float) value);
  }

  private static long row(Tensor matrix, long row) {
    return matrix.address() + 4 * row * matrix.rowStride();
  }

  private static void setIndex(long address, int value) {
    Memory.ALL.set(ValueLayout.JAVA_INT_UNALIGNED, address, value);
  }
}
