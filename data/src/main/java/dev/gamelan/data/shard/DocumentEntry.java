package dev.gamelan.data.shard;

import java.util.Optional;

/**
 * A document of a token dataset. Positions count all tokens of the dataset, over all shards.
 *
 * @param index of the document, from 0
 * @param shard that holds it
 * @param start position of its first token
 * @param end position after its last token, which is the separator
 * @param shardStart {@code start} within the shard
 */
public record DocumentEntry(
    long index,
    String id,
    String source,
    Optional<String> licence,
    int shard,
    long start,
    long end,
    long shardStart) {
  /** Its tokens, the separator included. */
  public long tokens() {
    return end - start;
  }
}
