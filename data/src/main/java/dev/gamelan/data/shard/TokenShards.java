package dev.gamelan.data.shard;

import dev.gamelan.data.DataException;
import dev.gamelan.data.DocumentStream;
import dev.gamelan.text.Tokenizer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalInt;

/** Makes token datasets. */
public final class TokenShards {
  private TokenShards() {}

  /**
   * Tokenizes all documents, in order, and writes them as a dataset that {@link TokenDataset#open}
   * reads. Special tokens written in a text are text. The same documents, tokenizer, separator,
   * shard size and settings give the same files, whatever the number of threads.
   *
   * <p>The folder appears when the dataset is complete and synced, and not before; a failure or an
   * interruption leaves nothing under its name.
   *
   * @param documents read to the end, and closed
   * @param folder must be absent or empty, or a dataset that the options allow to replace
   * @throws IllegalArgumentException if the tokenizer has no end of sequence and the options name
   *     no separator, or one outside the vocabulary
   * @throws DataException if the documents cannot be read, there are none, or the disk refuses
   */
  public static Manifest write(
      DocumentStream documents, Tokenizer tokenizer, Path folder, ShardOptions options) {
    try (documents) {
      int separator = separator(tokenizer, options);
      try (PreparationFolder place = new PreparationFolder(folder, options.replace());
          ShardFiles files = new ShardFiles(place.path(), tokenizer, separator, options)) {
        new Preparation(documents, tokenizer, files, options).run();
        if (files.documents() == 0) {
          throw new DataException(
              "token shards: the corpus holds no document (%s); give it some text"
                  .formatted(documents.skipped()));
        }
        Manifest manifest = files.finish();
        store(place.path().resolve(Manifest.FILE), manifest.json());
        place.publish();
        return manifest;
      }
    } catch (IOException e) {
      throw new DataException(
          ("token shards: cannot write %s: %s; nothing was left behind; check free space and"
                  + " permissions")
              .formatted(folder, e.getMessage()),
          e);
    }
  }

  private static int separator(Tokenizer tokenizer, ShardOptions options) {
    OptionalInt chosen = options.separator().isPresent() ? options.separator() : tokenizer.eos();
    int id =
        chosen.orElseThrow(
            () ->
                new IllegalArgumentException(
                    "token shards: the tokenizer has no end-of-sequence token; name a separator id"
                        + " in the options"));
    if (id < 0 || id >= tokenizer.vocabularySize()) {
      throw new IllegalArgumentException(
          "token shards: separator is %d; it must be an id in [0, %d)"
              .formatted(id, tokenizer.vocabularySize()));
    }
    return id;
  }

  private static void store(Path file, byte[] content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      var buffer = java.nio.ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }
}
