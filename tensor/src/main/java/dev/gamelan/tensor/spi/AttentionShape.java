package dev.gamelan.tensor.spi;

import java.util.Optional;

/**
 * How attention reads a row of queries, keys and values. Query head h attends with key and value
 * head h / (heads / kvHeads).
 *
 * @param headDim columns a head
 * @param q for every query head the column of the row where it begins
 * @param k for every key head
 * @param v for every value head
 * @param scale what q·k is multiplied with, usually 1/√headDim
 * @param causal whether a query sees only the positions up to its own; a tower that reads images
 *     sees all, without window and ALiBi
 * @param window a query sees the last {@code window} positions, itself included; 0 = all
 * @param alibi a slope a query head: slope·(key position − query position) is added to the scaled
 *     score (Press et al., 2022)
 */
public record AttentionShape(
    int headDim,
    int[] q,
    int[] k,
    int[] v,
    float scale,
    boolean causal,
    int window,
    Optional<float[]> alibi) {
  public AttentionShape {
    if (k.length == 0 || k.length != v.length || q.length % k.length != 0) {
      throw new IllegalArgumentException(
          "attention: %d query heads, %d key heads, %d value heads; queries must be a multiple of keys, keys as many as values"
              .formatted(q.length, k.length, v.length));
    }
    if (headDim < 1 || window < 0) {
      throw new IllegalArgumentException(
          "attention: head dim %d, window %d; they must be positive (window 0 = all)"
              .formatted(headDim, window));
    }
    if (!causal && (window > 0 || alibi.isPresent())) {
      throw new IllegalArgumentException(
          "attention: window %d, ALiBi %s; attention that isn't causal has neither"
              .formatted(window, alibi.isPresent()));
    }
    if (alibi.isPresent() && alibi.get().length != q.length) {
      throw new IllegalArgumentException(
          "attention: %d ALiBi slopes for %d heads".formatted(alibi.get().length, q.length));
    }
  }

  /** Causal attention. */
  public AttentionShape(
      int headDim, int[] q, int[] k, int[] v, float scale, int window, Optional<float[]> alibi) {
    this(headDim, q, k, v, scale, true, window, alibi);
  }

  /** Attention in which every position sees every other. */
  public static AttentionShape everywhere(int headDim, int[] q, int[] k, int[] v, float scale) {
    return new AttentionShape(headDim, q, k, v, scale, false, 0, Optional.empty());
  }

  public int heads() {
    return q.length;
  }

  public int kvHeads() {
    return k.length;
  }

  /** Query heads a key head. */
  public int group() {
    return q.length / k.length;
  }

  /** The key and value head of query head {@code head}. */
  public int kvHead(int head) {
    return head / group();
  }
}
