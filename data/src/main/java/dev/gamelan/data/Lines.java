package dev.gamelan.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Lines of bytes from a stream, without copying each: {@code bytes[start, start + length)}. */
final class Lines {
  private final InputStream in;
  private final int limit;
  private byte[] buffer = new byte[1 << 16];
  private int start;
  private int length;
  private int next;
  private int filled;
  private long consumed;
  private long number;
  private boolean ended;

  /**
   * @param limit no line may be longer, in bytes
   */
  Lines(InputStream in, long limit) {
    this.in = in;
    this.limit = Math.toIntExact(limit);
  }

  /** A line longer than the limit. */
  static final class TooLong extends IOException {
    TooLong() {
      super("line too long");
    }
  }

  /** Moves to the next line; false at the end. A last line without a newline counts. */
  boolean advance() throws IOException {
    start = next;
    int scan = start;
    while (true) {
      for (int i = scan; i < filled; i++) {
        if (buffer[i] == '\n') {
          return line(i, i + 1);
        }
      }
      scan = filled;
      if (filled - start > limit) {
        number++;
        throw new TooLong();
      }
      if (ended) {
        return start < filled && line(filled, filled);
      }
      scan -= makeRoom();
      int read = in.read(buffer, filled, buffer.length - filled);
      if (read < 0) {
        ended = true;
      } else {
        filled += read;
      }
    }
  }

  private boolean line(int end, int after) throws IOException {
    number++;
    length = end - start;
    next = after;
    if (length > limit) {
      throw new TooLong();
    }
    return true;
  }

  private int makeRoom() {
    int moved = 0;
    if (start > 0 && (filled == buffer.length || start == filled)) {
      System.arraycopy(buffer, start, buffer, 0, filled - start);
      moved = start;
      consumed += start;
      filled -= start;
      start = 0;
    }
    if (filled == buffer.length) {
      long wanted = Math.min(2L * buffer.length, Math.max(limit + 2L, buffer.length + 1L));
      buffer = Arrays.copyOf(buffer, Math.toIntExact(wanted));
    }
    return moved;
  }

  byte[] bytes() {
    return buffer;
  }

  int start() {
    return start;
  }

  int length() {
    return length;
  }

  /** Of the present line, from 1. */
  long number() {
    return number;
  }

  /** Of the present line's first byte within the stream. */
  long offset() {
    return consumed + start;
  }

  boolean blank() {
    for (int i = start; i < start + length; i++) {
      byte b = buffer[i];
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }
}
