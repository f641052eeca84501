package dev.gamelan.tensor.spi;

import dev.gamelan.tensor.Tensor;

/** Rotary embedding and attention, for whole sequences and through a paged cache. */
public interface AttentionKernels {
  /**
   * Turns heads of x in place (Su et al., 2021): the pair (a, b) at frequency i becomes (a·cos −
   * b·sin, b·cos + a·sin) with the angle's row of the tables.
   *
   * @param x [n, width]
   * @param heads the columns where the heads to turn begin
   * @param positions i32 [n], rows of the tables
   * @param cos [positions, r/2] for r rotary dims, the first r of each head; the rest stay
   * @param sin likewise
   * @param inverse turns back: the backward pass, applied to the gradient
   */
  void rotary(
      Tensor x,
      int[] heads,
      RotaryStyle style,
      Tensor positions,
      Tensor cos,
      Tensor sin,
      boolean inverse);

  /**
   * Softmax attention over {@code sequences} sequences of {@code length} rows each, laid one after
   * the other, causal or not as the shape says. Fused: scores never leave the cache (Dao et al.,
   * 2022).
   *
   * @param qkv [sequences·length, width], read at the columns the shape names
   * @param out [sequences·length, heads·headDim]
   * @param lse [sequences·length, heads]: log Σ exp of the scaled scores, kept for the backward
   *     pass
   */
  void attention(
      Tensor qkv, AttentionShape shape, int sequences, int length, Tensor out, Tensor lse);

  /**
   * Writes (not adds) the gradients of queries, keys and values at the columns the shape names;
   * other columns of dqkv stay as they are.
   */
  void attentionBackward(
      Tensor dout,
      Tensor qkv,
      Tensor out,
      Tensor lse,
      AttentionShape shape,
      int sequences,
      int length,
      Tensor dqkv);

  /** Writes the keys and values of the rows of qkv into their pages. */
  void cacheWrite(Tensor qkv, AttentionShape shape, CacheRows rows, KvPages pages);

  /**
   * Attention of every row over its sequence's cached positions up to its own, which {@link
   * #cacheWrite} has filled; always causal. A row's bits depend on its query and its sequence's
   * keys and values only: not on the other rows of the pass, nor on how the sequence was cut into
   * passes.
   *
   * @param out [n, heads·headDim]
   */
  void cachedAttention(Tensor qkv, AttentionShape shape, CacheRows rows, KvPages pages, Tensor out);
}
