package dev.gamelan.train.metrics;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that only grows, one record a write, after having been cut once to what a resumed run
 * still holds for true. Safe for several threads.
 */
final class AppendedFile implements AutoCloseable {
  /** Finds how much of a file is kept. */
  interface Scan {
    /** The number of bytes to keep, from the beginning. */
    long kept(Path file) throws IOException;
  }

  private final Path file;
  private final FileChannel channel;

  private AppendedFile(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Opens {@code file}, made if need be, and cuts it to what {@code scan} says. */
  static AppendedFile open(Path file, Scan scan) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      long kept = Files.exists(file) ? scan.kept(file) : 0;
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        if (channel.size() > kept) {
          channel.truncate(kept);
          channel.force(true);
        }
        channel.position(kept);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
      return new AppendedFile(file, channel);
    } catch (IOException e) {
      throw new MetricsException("metrics: %s can't be opened: %s".formatted(file, e), e);
    }
  }

  synchronized long size() {
    try {
      return channel.position();
    } catch (IOException e) {
      throw new MetricsException("metrics: %s: %s".formatted(file, e), e);
    }
  }

  /** Appends one record; what a kill leaves of it is cut off when the file is opened again. */
  synchronized void append(byte[] bytes) {
    try {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        channel.write(left);
      }
    } catch (IOException e) {
      throw new MetricsException(
          "metrics: %s can't be written: %s; is the disk full?".formatted(file, e), e);
    }
  }

  /** Returns once all that was appended is on the disk. */
  synchronized void sync() {
    try {
      channel.force(true);
    } catch (IOException e) {
      throw new MetricsException(
          "metrics: %s can't be written: %s; is the disk full?".formatted(file, e), e);
    }
  }

  @Override
  public synchronized void close() {
    try (channel) {
      if (channel.isOpen()) {
        channel.force(true);
      }
    } catch (IOException e) {
      throw new MetricsException(
          "metrics: %s can't be written: %s; is the disk full?".formatted(file, e), e);
    }
  }
}
