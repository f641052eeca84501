package dev.gamelan.model.generate;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.random.CounterRandom;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Draws tokens from logits: penalty, temperature, top-k, top-p, min-p, in this order, as
 * transformers orders its logits processors. The draw is a function of (seed, position), so an
 * answer doesn't depend on when it was made. Among equals the lower id wins.
 */
public final class Sampler {
  /** Tokens less likely than e^−CLOSE of the best are sorted only if the nucleus needs them. */
  private static final float CLOSE = 12;

  private final Sampling sampling;
  private final CounterRandom random;
  private final BitSet seen = new BitSet();
  private float[] logits = new float[0];
  private long[] order = new long[0];

  public Sampler(Sampling sampling) {
    this.sampling = sampling;
    this.random = new CounterRandom(sampling.seed(), 0x5a3b1e);
  }

  /** Tells the repetition penalty of a token that occurred. */
  public void saw(int token) {
    seen.set(token);
  }

  /**
   * The next token.
   *
   * @param row logits [1, vocabulary]
   * @param position the token's number in the answer
   * @throws IllegalStateException if a logit is NaN or +∞, or all are −∞
   */
  public int next(Tensor row, long position) {
    int n = Math.toIntExact(row.columns());
    if (logits.length != n) {
      logits = new float[n];
      order = new long[n];
    }
    java.lang.foreign.MemorySegment.copy(
        row.segment(), java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED, 0, logits, 0, n);
    penalise();
    int best = argmax();
    if (sampling.temperature() == 0) {
      return best;
    }
    float max = logits[best];
    for (int i = 0; i < n; i++) {
      logits[i] = (float) ((logits[i] - max) / sampling.temperature());
    }
    double u = random.uniform(position);
    if (sampling.topK() == 0 && sampling.topP() == 1) {
      return inverse(u, sampling.minP() == 0 ? Float.NEGATIVE_INFINITY : logMinP());
    }
    return nucleus(u);
  }

  private float logMinP() {
    return (float) Math.log(sampling.minP());
  }

  private void penalise() {
    if (sampling.repetitionPenalty() != 1) {
      float penalty = (float) sampling.repetitionPenalty();
      for (int i = seen.nextSetBit(0); i >= 0 && i < logits.length; i = seen.nextSetBit(i + 1)) {
        logits[i] = logits[i] > 0 ? logits[i] / penalty : logits[i] * penalty;
      }
    }
  }

  private int argmax() {
    int best = 0;
    for (int i = 0; i < logits.length; i++) {
      if (!(logits[i] < Float.POSITIVE_INFINITY)) {
        throw diverged(i);
      }
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    if (logits[best] == Float.NEGATIVE_INFINITY) {
      throw diverged(best);
    }
    return best;
  }

  private IllegalStateException diverged(int token) {
    return new IllegalStateException(
        "sampling: the logit of token %d is %s; the model's weights are damaged or have diverged"
            .formatted(token, logits[token]));
  }

  /** Draws among all tokens of at least {@code floor}, in the order of their ids. */
  private int inverse(double u, float floor) {
    double total = 0;
    for (float x : logits) {
      total += x >= floor ? Math.exp(x) : 0;
    }
    double target = u * total;
    int last = 0;
    for (int i = 0; i < logits.length; i++) {
      if (logits[i] >= floor) {
        target -= Math.exp(logits[i]);
        last = i;
        if (target < 0) {
          return i;
        }
      }
    }
    return last;
  }

  private int nucleus(double u) {
    int sorted = sortAbove(-CLOSE);
    double total = 0;
    if (sampling.topK() == 0) {
      for (float x : logits) {
        total += Math.exp(x);
      }
    } else if (sorted < Math.min(sampling.topK(), logits.length)) {
      sorted = sortAbove(Float.NEGATIVE_INFINITY);
    }
    int candidates = sampling.topK() == 0 ? sorted : Math.min(sampling.topK(), sorted);
    for (int i = 0; i < candidates && sampling.topK() != 0; i++) {
      total += Math.exp(logit(i));
    }
    int kept = keep(candidates, total);
    if (kept < 0) {
      candidates = sortAbove(Float.NEGATIVE_INFINITY);
      kept = Math.abs(keep(candidates, total));
    }
    float floor = sampling.minP() == 0 ? Float.NEGATIVE_INFINITY : logMinP();
    while (kept > 1 && logit(kept - 1) < floor) {
      kept--;
    }
    double mass = 0;
    for (int i = 0; i < kept; i++) {
      mass += Math.exp(logit(i));
    }
    double target = u * mass;
    for (int i = 0; i < kept - 1; i++) {
      target -= Math.exp(logit(i));
      if (target < 0) {
        return token(i);
      }
    }
    return token(kept - 1);
  }

  /** How many of the sorted candidates make up top-p of the total; negative if they don't. */
  private int keep(int candidates, double total) {
    double sum = 0;
    for (int i = 0; i < candidates; i++) {
      sum += Math.exp(logit(i));
      if (sum >= sampling.topP() * total) {
        return i + 1;
      }
    }
    return sampling.topK() != 0 ? candidates : -candidates;
  }

  /** Sorts the tokens of at least {@code floor}, likeliest first; gives their number. */
  private int sortAbove(float floor) {
    int n = 0;
    for (int i = 0; i < logits.length; i++) {
      if (logits[i] >= floor) {
        int bits = Float.floatToIntBits(logits[i] + 0f);
        int ascending = bits >= 0 ? bits : bits ^ 0x7FFFFFFF;
        order[n++] = ((long) ~ascending << 32) | i;
      }
    }
    Arrays.sort(order, 0, n);
    return n;
  }

  private int token(int i) {
    return (int) order[i];
  }

  private float logit(int i) {
    return logits[token(i)];
  }
}
