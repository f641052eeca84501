package dev.gamelan.tensor.spi;

import dev.gamelan.tensor.Tensor;

/**
 * Which sequence and position every row of a pass belongs to, and in which pages the sequences lie.
 * Several sequences may ride in one pass; the rows of one sequence come in rising positions, and
 * all positions before a row's are in the cache already or come earlier in the same pass.
 *
 * @param positions i32 [n]: the row's position in its sequence, from 0
 * @param sequences i32 [n]: the row's line in {@code tables}
 * @param tables i32 [sequences, pagesPerSequence]: the page that holds positions [i·pageSize,
 *     (i+1)·pageSize) of a sequence; entries that a window has left behind are never read
 */
public record CacheRows(Tensor positions, Tensor sequences, Tensor tables) {}
