package dev.gamelan.data.shard;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;

/** A new little-endian file whose digest is taken while it is written. */
final class HashedFile implements Closeable {
  private final String name;
  private final FileChannel channel;
  private final MessageDigest sha = Digest.sha256();
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 18).order(ByteOrder.LITTLE_ENDIAN);
  private long bytes;

  HashedFile(Path folder, String name) throws IOException {
    this.name = name;
    this.channel =
        FileChannel.open(
            folder.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  void putShorts(int[] values) throws IOException {
    for (int at = 0; at < values.length; ) {
      room(2);
      int end = Math.min(values.length, at + buffer.remaining() / 2);
      for (; at < end; at++) {
        buffer.putShort((short) values[at]);
      }
    }
  }

  void putInts(int[] values) throws IOException {
    for (int at = 0; at < values.length; ) {
      room(4);
      int end = Math.min(values.length, at + buffer.remaining() / 4);
      for (; at < end; at++) {
        buffer.putInt(values[at]);
      }
    }
  }

  void putLong(long value) throws IOException {
    room(8);
    buffer.putLong(value);
  }

  void putInt(int value) throws IOException {
    room(4);
    buffer.putInt(value);
  }

  void put(byte[] values) throws IOException {
    for (int at = 0; at < values.length; ) {
      room(1);
      int n = Math.min(values.length - at, buffer.remaining());
      buffer.put(values, at, n);
      at += n;
    }
  }

  /** Bytes put so far. */
  long position() {
    return bytes + buffer.position();
  }

  private void room(int needed) throws IOException {
    if (buffer.remaining() < needed) {
      flush();
    }
  }

  private void flush() throws IOException {
    buffer.flip();
    sha.update(buffer.array(), 0, buffer.limit());
    bytes += buffer.limit();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  /** Writes what is left, and waits until the disk has it. */
  Manifest.StoredFile finish() throws IOException {
    flush();
    channel.force(true);
    channel.close();
    return new Manifest.StoredFile(name, bytes, HexFormat.of().formatHex(sha.digest()));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
