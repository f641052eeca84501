package dev.gamelan.tensor.contract;

import dev.gamelan.tensor.spi.AttentionShape;
import java.util.Optional;

/** Attention shapes as checkpoints lay them out, with gaps that belong to nobody. */
record Heads(
    int heads, int kvHeads, int headDim, Layout layout, int window, boolean alibi, boolean causal) {
  /** Where queries, keys and values stand in a row. */
  enum Layout {
    /** All queries, a gap of one column, all keys, all values. */
    SEPARATE,
    /** For every key head its queries, its key, its value (GPT-NeoX, Falcon); one column over. */
    INTERLEAVED
  }

  static Heads of(int heads, int kvHeads, int headDim) {
    return new Heads(heads, kvHeads, headDim, Layout.SEPARATE, 0, false, true);
  }

  Heads interleaved() {
    return new Heads(heads, kvHeads, headDim, Layout.INTERLEAVED, window, alibi, causal);
  }

  Heads withWindow(int positions) {
    return new Heads(heads, kvHeads, headDim, layout, positions, alibi, causal);
  }

  Heads withAlibi() {
    return new Heads(heads, kvHeads, headDim, layout, window, true, causal);
  }

  /** Every position sees every other. */
  Heads everywhere() {
    return new Heads(heads, kvHeads, headDim, layout, window, alibi, false);
  }

  /** Columns of a row, one more than heads fill. */
  int width() {
    return (heads + 2 * kvHeads) * headDim + 1;
  }

  AttentionShape shape() {
    return shape(1 / (float) Math.sqrt(headDim));
  }

  AttentionShape shape(float scale) {
    int[] q = new int[heads];
    int[] k = new int[kvHeads];
    int[] v = new int[kvHeads];
    int group = heads / kvHeads;
    for (int kv = 0; kv < kvHeads; kv++) {
      int first = kv * (group + 2);
      k[kv] = layout == Layout.SEPARATE ? (heads + kv) * headDim + 1 : (first + group) * headDim;
      v[kv] = k[kv] + (layout == Layout.SEPARATE ? kvHeads : 1) * headDim;
      for (int i = 0; i < group; i++) {
        int head = kv * group + i;
        q[head] = (layout == Layout.SEPARATE ? head : first + i) * headDim;
      }
    }
    Optional<float[]> slopes = Optional.empty();
    if (alibi) {
      float[] slope = new float[heads];
      for (int head = 0; head < heads; head++) {
        slope[head] = (float) Math.pow(2, -8.0 * (head + 1) / heads);
      }
      slopes = Optional.of(slope);
    }
    return new AttentionShape(headDim, q, k, v, scale, causal, window, slopes);
  }
}
