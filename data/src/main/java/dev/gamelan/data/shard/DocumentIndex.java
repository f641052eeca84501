package dev.gamelan.data.shard;

import dev.gamelan.data.DataException;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The documents of a dataset, on disk. {@code documents.idx} holds 16 bytes a document: the
 * position of its first token and the offset of its names, both int64. {@code documents.names}
 * holds, for each, id, source and licence as int32 length and UTF-8; length −1 stands for no
 * licence. All little-endian.
 */
final class DocumentIndex {
  static final int RECORD = 16;
  static final String INDEX_FILE = "documents.idx";
  static final String NAMES_FILE = "documents.names";
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment index;
  private final MemorySegment names;
  private final Manifest manifest;
  private final long[] shardStarts;
  private final Path folder;

  DocumentIndex(Path folder, MemorySegment index, MemorySegment names, Manifest manifest) {
    this.folder = folder;
    this.index = index;
    this.names = names;
    this.manifest = manifest;
    this.shardStarts = new long[manifest.shards().size()];
    for (int s = 1; s < shardStarts.length; s++) {
      shardStarts[s] = shardStarts[s - 1] + manifest.shards().get(s - 1).tokens();
    }
  }

  /** Where document {@code i} starts; the number of tokens for i = the number of documents. */
  long start(long i) {
    return i == manifest.documents() ? manifest.tokens() : index.get(LONG, i * RECORD);
  }

  /** The document that holds a position: the last that starts at or before it. */
  long at(long position) {
    long low = 0;
    long high = manifest.documents() - 1;
    while (low < high) {
      long middle = (low + high + 1) >>> 1;
      if (start(middle) <= position) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  int shardOf(long position) {
    int low = 0;
    int high = shardStarts.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (shardStarts[middle] <= position) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  long shardStart(int shard) {
    return shardStarts[shard];
  }

  DocumentEntry entry(long i) {
    long start = start(i);
    long end = start(i + 1);
    try {
      if (start < 0 || start >= end || end > manifest.tokens()) {
        throw new IndexOutOfBoundsException("tokens [" + start + ", " + end + ")");
      }
      long at = index.get(LONG, i * RECORD + 8);
      String id = string(at).orElseThrow(() -> new IndexOutOfBoundsException("no id"));
      at += 4 + names.get(INT, at);
      String source = string(at).orElseThrow(() -> new IndexOutOfBoundsException("no source"));
      at += 4 + names.get(INT, at);
      int shard = shardOf(start);
      return new DocumentEntry(
          i, id, source, string(at), shard, start, end, start - shardStarts[shard]);
    } catch (IndexOutOfBoundsException e) {
      throw new DataException(
          "token dataset: the index of %s is damaged at document %d (%s); prepare it again"
              .formatted(folder, i, e.getMessage()),
          e);
    }
  }

  private Optional<String> string(long at) {
    int length = names.get(INT, at);
    if (length < 0) {
      return Optional.empty();
    }
    byte[] bytes = names.asSlice(at + 4, length).toArray(ValueLayout.JAVA_BYTE);
    return Optional.of(new String(bytes, StandardCharsets.UTF_8));
  }

  /** Writes both files. */
  static final class Writer implements Closeable {
    private final HashedFile index;
    private final HashedFile names;

    Writer(Path folder) throws IOException {
      index = new HashedFile(folder, INDEX_FILE);
      names = new HashedFile(folder, NAMES_FILE);
    }

    void add(long start, String id, String source, Optional<String> licence) throws IOException {
      index.putLong(start);
      index.putLong(names.position());
      put(id);
      put(source);
      if (licence.isPresent()) {
        put(licence.get());
      } else {
        names.putInt(-1);
      }
    }

    private void put(String text) throws IOException {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      names.putInt(bytes.length);
      names.put(bytes);
    }

    Manifest.StoredFile finishIndex() throws IOException {
      return index.finish();
    }

    Manifest.StoredFile finishNames() throws IOException {
      return names.finish();
    }

    @Override
    public void close() throws IOException {
      index.close();
      names.close();
    }
  }
}
