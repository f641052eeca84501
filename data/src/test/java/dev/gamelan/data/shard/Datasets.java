package dev.gamelan.data.shard;

import dev.gamelan.data.Document;
import dev.gamelan.data.DocumentStream;
import dev.gamelan.tensor.random.CounterRandom;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Documents and datasets for tests. */
public final class Datasets {
  private Datasets() {}

  /** Documents of 1 to {@code longest} letters, from the seed. */
  static List<Document> documents(int count, int longest, long seed) {
    CounterRandom random = new CounterRandom(seed, 0);
    List<Document> documents = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = 1 + (int) random.below(longest, 2L * i);
      StringBuilder text = new StringBuilder();
      for (int j = 0; j < length; j++) {
        text.append((char) ('a' + new CounterRandom(seed, i + 1).below(26, j)));
      }
      documents.add(new Document("doc-" + i, text.toString(), i % 3 == 0 ? "x" : "y", "MIT"));
    }
    return documents;
  }

  static Manifest write(List<Document> documents, Path folder, ShardOptions options) {
    return TokenShards.write(
        DocumentStream.of(documents.iterator()), ByteTokenizer.NARROW, folder, options);
  }

  /** A dataset of random letters in small shards: byte values, 256 at the end of a document. */
  public static TokenDataset open(int count, int longest, long seed, Path folder) {
    write(documents(count, longest, seed), folder, ShardOptions.defaults().withShardTokens(100));
    return TokenDataset.open(folder);
  }

  /** A dataset of these texts. */
  public static TokenDataset of(Path folder, String... texts) {
    List<Document> documents = new ArrayList<>();
    for (String text : texts) {
      documents.add(new Document("doc-" + documents.size(), text, "test"));
    }
    write(documents, folder, ShardOptions.defaults());
    return TokenDataset.open(folder);
  }
}
