package dev.gamelan.tensor.spi;

import dev.gamelan.tensor.Tensor;

/**
 * The keys and values of one layer for many sequences, in pages of {@link #pageSize} positions.
 * Which page holds which positions of which sequence stands in a {@link CacheRows}.
 *
 * @param keys f32 [pages, kvHeads, headDim, pageSize]: positions are contiguous, so that the scores
 *     of a page are one vectorised pass
 * @param values f32 [pages, kvHeads, pageSize, headDim]
 */
public record KvPages(Tensor keys, Tensor values, int pageSize) {}
