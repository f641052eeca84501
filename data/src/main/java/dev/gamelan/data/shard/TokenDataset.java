package dev.gamelan.data.shard;

import dev.gamelan.data.DataException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Token shards, mapped into memory. Positions run over all shards, from 0 to {@link #tokens}. For
 * any number of threads; after {@link #close} nothing may be read.
 */
public final class TokenDataset implements AutoCloseable {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt TARGET = ValueLayout.JAVA_INT_UNALIGNED;
  private static final long HASH_CHUNK = 1 << 20;

  /** What opening checks beside the manifest itself and the files' sizes. */
  public enum Verify {
    /** Nothing more. */
    SIZES,
    /** The SHA-256 of every file. */
    CHECKSUMS
  }

  private final Path folder;
  private final Manifest manifest;
  private final Arena arena;
  private final List<MemorySegment> shards = new ArrayList<>();
  private final DocumentIndex index;
  private final boolean narrow;

  private TokenDataset(Path folder, Manifest manifest, Arena arena, Verify verify)
      throws IOException {
    this.folder = folder;
    this.manifest = manifest;
    this.arena = arena;
    this.narrow = manifest.width() == 2;
    for (Manifest.Shard shard : manifest.shards()) {
      shards.add(map(shard.stored(), verify));
    }
    this.index =
        new DocumentIndex(
            folder, map(manifest.index(), verify), map(manifest.names(), verify), manifest);
  }

  /** Opens with {@link Verify#SIZES}. */
  public static TokenDataset open(Path folder) {
    return open(folder, Verify.SIZES);
  }

  /**
   * Opens a dataset that {@link TokenShards} made.
   *
   * @throws DataException if the manifest is absent, damaged or changed, if a file is absent, has
   *     another size, or (on request) another checksum than the manifest says
   */
  public static TokenDataset open(Path folder, Verify verify) {
    Manifest manifest = Manifest.read(folder);
    Arena arena = Arena.ofShared();
    try {
      return new TokenDataset(folder, manifest, arena, verify);
    } catch (IOException e) {
      arena.close();
      throw new DataException(
          "token dataset: cannot read %s: %s; check the path and permissions"
              .formatted(folder, e.getMessage()),
          e);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private MemorySegment map(Manifest.StoredFile stored, Verify verify) throws IOException {
    Path file = folder.resolve(stored.file());
    if (!folder.normalize().equals(file.normalize().getParent())
        && !folder.toAbsolutePath().equals(file.toAbsolutePath().normalize().getParent())) {
      throw damaged(file, "lies outside the dataset's folder");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() != stored.bytes()) {
        throw damaged(
            file,
            "has %,d bytes where the manifest says %,d".formatted(channel.size(), stored.bytes()));
      }
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, stored.bytes(), arena);
      if (verify == Verify.CHECKSUMS) {
        String sha = sha256(mapped);
        if (!sha.equals(stored.sha256())) {
          throw damaged(
              file, "has SHA-256 %s where the manifest says %s".formatted(sha, stored.sha256()));
        }
      }
      return mapped;
    } catch (NoSuchFileException e) {
      throw new DataException(
          "token dataset: %s is missing, though the manifest names it; prepare the dataset again"
              .formatted(file),
          e);
    }
  }

  private static DataException damaged(Path file, String what) {
    return new DataException(
        "token dataset: %s %s, so it is damaged or incomplete; prepare the dataset again"
            .formatted(file, what));
  }

  private static String sha256(MemorySegment mapped) {
    MessageDigest sha = Digest.sha256();
    for (long at = 0; at < mapped.byteSize(); at += HASH_CHUNK) {
      long n = Math.min(HASH_CHUNK, mapped.byteSize() - at);
      sha.update(mapped.asSlice(at, n).asByteBuffer());
    }
    return HexFormat.of().formatHex(sha.digest());
  }

  /** What the dataset says of itself. */
  public Manifest manifest() {
    return manifest;
  }

  /** The number of tokens, separators included. */
  public long tokens() {
    return manifest.tokens();
  }

  /** The number of documents. */
  public long documents() {
    return manifest.documents();
  }

  /** The token at a position. */
  public int token(long position) {
    check(position, 1);
    int shard = index.shardOf(position);
    long at = position - index.shardStart(shard);
    return narrow
        ? Short.toUnsignedInt(shards.get(shard).get(SHORT, 2 * at))
        : shards.get(shard).get(INT, 4 * at);
  }

  /**
   * Copies tokens [position, position + count) as int32 in native order.
   *
   * @param target receives 4·count bytes
   * @param offset of the first, in bytes
   */
  public void copy(long position, int count, MemorySegment target, long offset) {
    check(position, count);
    long from = position;
    long to = offset;
    int left = count;
    int shard = count == 0 ? 0 : index.shardOf(position);
    while (left > 0) {
      MemorySegment tokens = shards.get(shard);
      long at = from - index.shardStart(shard);
      int n = (int) Math.min(left, manifest.shards().get(shard).tokens() - at);
      if (narrow) {
        for (int i = 0; i < n; i++) {
          target.set(TARGET, to + 4L * i, Short.toUnsignedInt(tokens.get(SHORT, 2 * (at + i))));
        }
      } else {
        for (int i = 0; i < n; i++) {
          target.set(TARGET, to + 4L * i, tokens.get(INT, 4 * (at + i)));
        }
      }
      from += n;
      to += 4L * n;
      left -= n;
      shard++;
    }
  }

  /** A document by its number, in [0, documents). */
  public DocumentEntry document(long number) {
    if (number < 0 || number >= documents()) {
      throw new IllegalArgumentException(
          "token dataset: document %d; it must be in [0, %d)".formatted(number, documents()));
    }
    return index.entry(number);
  }

  /** The document that holds the token at a position. */
  public DocumentEntry documentAt(long position) {
    check(position, 1);
    return index.entry(index.at(position));
  }

  /** Where document {@code number} starts; number = documents gives the end. */
  long start(long number) {
    return index.start(number);
  }

  /** All tokens, in order. */
  public TokenView all() {
    return new TokenView(this, new long[] {0, tokens()});
  }

  /**
   * Divides the tokens into training and validation by whole documents, at random: a function of
   * the dataset, the seed and the fraction alone. See {@link Split}.
   *
   * @param validation fraction of the tokens, in (0, 1)
   */
  public Split split(double validation, long seed) {
    return Split.of(this, validation, seed);
  }

  private void check(long position, int count) {
    if (position < 0 || count < 0 || position > tokens() - count) {
      throw new IllegalArgumentException(
          "token dataset: tokens [%d, %d) asked of %s; they must lie in [0, %d)"
              .formatted(position, position + count, folder, tokens()));
    }
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
