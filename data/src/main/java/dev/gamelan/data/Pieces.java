package dev.gamelan.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What stands between separator lines, as bytes, without the newline at its end. */
final class Pieces {
  private final Lines lines;
  private final byte[] separator;
  private final long limit;
  private final String place;
  private byte[] piece = new byte[1 << 12];
  private int length;
  private long offset;
  private boolean ended;

  Pieces(InputStream in, String separator, long limit, String place) {
    // A newline and a carriage return may stand beside the longest text.
    this.lines = new Lines(in, limit + 2);
    this.separator = separator.getBytes(StandardCharsets.UTF_8);
    this.limit = limit;
    this.place = place;
  }

  /** Moves to the next piece, which may be empty; false at the end. */
  boolean advance() throws IOException {
    if (ended) {
      return false;
    }
    length = 0;
    boolean first = true;
    try {
      while (lines.advance()) {
        if (first) {
          offset = lines.offset();
          first = false;
        }
        if (separates()) {
          length = Math.max(0, length - 1);
          return true;
        }
        append();
      }
    } catch (Lines.TooLong e) {
      throw Reading.tooLong(place, limit);
    }
    ended = true;
    length = Math.max(0, length - 1);
    return !first;
  }

  private boolean separates() {
    int end = lines.length();
    if (end > 0 && lines.bytes()[lines.start() + end - 1] == '\r') {
      end--;
    }
    return Arrays.equals(
        lines.bytes(), lines.start(), lines.start() + end, separator, 0, separator.length);
  }

  private void append() {
    long wanted = (long) length + lines.length() + 1;
    // The newline after the last line isn't part of the text's length.
    if (wanted - 1 > limit) {
      throw Reading.tooLong(place, limit);
    }
    if (wanted > piece.length) {
      piece = Arrays.copyOf(piece, Math.toIntExact(Math.max(wanted, 2L * piece.length)));
    }
    System.arraycopy(lines.bytes(), lines.start(), piece, length, lines.length());
    length += lines.length();
    piece[length++] = '\n';
  }

  byte[] bytes() {
    return piece;
  }

  int length() {
    return length;
  }

  /** Of the piece's first byte within the file. */
  long offset() {
    return offset;
  }
}
