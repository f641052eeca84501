package dev.gamelan.data.shard;

import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * How documents become token shards.
 *
 * @param threads that tokenize; the output doesn't depend on it
 * @param separator the id appended to every document; without it the tokenizer's end of sequence
 * @param shardTokens a shard ends before the document that would take it over this many tokens; a
 *     longer document has a shard to itself
 * @param replace whether a complete dataset in the folder may be replaced
 * @param settings what else the tokens depend on (a corpus, a seed), kept in the manifest and part
 *     of the fingerprint
 * @param progress told about once in a quarter of a second, and at the end, by the calling thread
 */
public record ShardOptions(
    int threads,
    OptionalInt separator,
    long shardTokens,
    boolean replace,
    Map<String, String> settings,
    Consumer<Progress> progress) {

  public ShardOptions {
    if (threads < 1 || shardTokens < 1) {
      throw new IllegalArgumentException(
          "token shards: threads is %d and shardTokens %d; both must be at least 1"
              .formatted(threads, shardTokens));
    }
    settings = java.util.Collections.unmodifiableMap(new TreeMap<>(settings));
  }

  /** All cores, the tokenizer's end of sequence, 2^28 tokens a shard, nothing replaced. */
  public static ShardOptions defaults() {
    return new ShardOptions(
        Runtime.getRuntime().availableProcessors(),
        OptionalInt.empty(),
        1L << 28,
        false,
        Map.of(),
        progress -> {});
  }

  public ShardOptions withThreads(int number) {
    return new ShardOptions(number, separator, shardTokens, replace, settings, progress);
  }

  public ShardOptions withSeparator(int id) {
    return new ShardOptions(threads, OptionalInt.of(id), shardTokens, replace, settings, progress);
  }

  public ShardOptions withShardTokens(long tokens) {
    return new ShardOptions(threads, separator, tokens, replace, settings, progress);
  }

  public ShardOptions withReplace(boolean allowed) {
    return new ShardOptions(threads, separator, shardTokens, allowed, settings, progress);
  }

  public ShardOptions withSettings(Map<String, String> recorded) {
    return new ShardOptions(threads, separator, shardTokens, replace, recorded, progress);
  }

  public ShardOptions withProgress(Consumer<Progress> listener) {
    return new ShardOptions(threads, separator, shardTokens, replace, settings, listener);
  }
}
