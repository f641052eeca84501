package dev.gamelan.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that comes in parts, in any order, and goes on where it was after a kill: the bytes at
 * their places, and behind them a trailer that says how far each part is. {@link #complete} cuts
 * the trailer off. What the trailer says was written before it said so, but perhaps not by a system
 * that lost power since; the checksum of the whole decides.
 */
final class PartFile implements AutoCloseable {
  private static final long MAGIC = 0x47414d454c414e31L; // GAMELAN1
  private static final int HEAD = 24;

  private final FileChannel channel;
  private final long size;
  private final long partBytes;
  private final long[] done;

  private PartFile(FileChannel channel, long size, long partBytes, long[] done) {
    this.channel = channel;
    this.size = size;
    this.partBytes = partBytes;
    this.done = done;
  }

  /**
   * Opens a file, or begins it anew if what is there is of another kind.
   *
   * @param size of the file when it is complete, in bytes
   * @param partBytes of a part, where it is begun anew
   */
  static PartFile open(Path path, long size, long partBytes) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (channel.size() == size && size > 0) {
        // Killed after the trailer was cut off: everything is there.
        long[] done = new long[count(size, partBytes)];
        PartFile whole = new PartFile(channel, size, partBytes, done);
        for (int i = 0; i < done.length; i++) {
          done[i] = whole.length(i);
        }
        return whole;
      }
      PartFile known = resumed(channel, size);
      if (known != null) {
        return known;
      }
      channel.truncate(0);
      PartFile fresh = new PartFile(channel, size, partBytes, new long[count(size, partBytes)]);
      fresh.writeTrailer();
      return fresh;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** How much of {@code size} bytes lies in the file at {@code path} already; 0 if it is unfit. */
  static long present(Path path, long size) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      if (channel.size() == size) {
        return size;
      }
      PartFile known = resumed(channel, size);
      return known == null ? 0 : known.done();
    } catch (java.nio.file.NoSuchFileException e) {
      return 0;
    }
  }

  private static PartFile resumed(FileChannel channel, long size) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(HEAD);
    if (!readFully(channel, head, size) || head.getLong() != MAGIC || head.getLong() != size) {
      return null;
    }
    long partBytes = head.getLong();
    if (partBytes < 1 || (size + partBytes - 1) / partBytes > 1 << 20) {
      return null;
    }
    long[] done = new long[count(size, partBytes)];
    ByteBuffer table = ByteBuffer.allocate(8 * done.length);
    if (channel.size() != size + HEAD + table.capacity()
        || !readFully(channel, table, size + HEAD)) {
      return null;
    }
    PartFile file = new PartFile(channel, size, partBytes, done);
    for (int i = 0; i < done.length; i++) {
      done[i] = table.getLong();
      if (done[i] < 0 || done[i] > file.length(i)) {
        return null;
      }
    }
    return file;
  }

  private static boolean readFully(FileChannel channel, ByteBuffer buffer, long from)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        return false;
      }
    }
    buffer.flip();
    return true;
  }

  private static int count(long size, long partBytes) {
    return Math.toIntExact((size + partBytes - 1) / partBytes);
  }

  private void writeTrailer() throws IOException {
    ByteBuffer trailer = ByteBuffer.allocate(HEAD + 8 * done.length);
    trailer.putLong(MAGIC).putLong(size).putLong(partBytes);
    for (long d : done) {
      trailer.putLong(d);
    }
    write(trailer.flip(), size);
  }

  private void write(ByteBuffer bytes, long at) throws IOException {
    int from = bytes.position();
    while (bytes.hasRemaining()) {
      channel.write(bytes, at + bytes.position() - from);
    }
  }

  int parts() {
    return done.length;
  }

  /** Where a part begins. */
  long start(int part) {
    return part * partBytes;
  }

  /** How long a part is. */
  long length(int part) {
    return Math.min(partBytes, size - part * partBytes);
  }

  /** How much of a part is there. */
  synchronized long done(int part) {
    return done[part];
  }

  /** How much of all parts is there. */
  synchronized long done() {
    long sum = 0;
    for (long d : done) {
      sum += d;
    }
    return sum;
  }

  /** Adds bytes to a part, behind those it has. */
  void append(int part, byte[] bytes, int from, int count) throws IOException {
    long before = done(part);
    if (before + count > length(part)) {
      throw new IllegalArgumentException(
          "part %d would have %d bytes of %d".formatted(part, before + count, length(part)));
    }
    write(ByteBuffer.wrap(bytes, from, count), start(part) + before);
    synchronized (this) {
      done[part] = before + count;
    }
  }

  /** Notes in the file how far a part is. */
  void note(int part) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(8).putLong(done(part)).flip();
    write(one, size + HEAD + 8L * part);
  }

  /** All parts are there: the file becomes what it shall be, on the disk. */
  void complete() throws IOException {
    if (done() != size) {
      throw new IllegalStateException("%d bytes of %d are there".formatted(done(), size));
    }
    channel.truncate(size);
    channel.force(true);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
