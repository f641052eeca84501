package dev.gamelan.text.unicode;

import dev.gamelan.text.InvalidTokenizerException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * SentencePiece's precompiled normalisation map: byte strings and what they become. A uint32
 * length, a double array of that many bytes (Darts-clone, Yata's layout of one uint32 a unit), then
 * the replacements, each ended by a NUL; the value of a string is the offset of its replacement.
 */
public final class CharsMap {
  private final int[] units;
  private final byte[] replacements;

  private CharsMap(int[] units, byte[] replacements) {
    this.units = units;
    this.replacements = replacements;
  }

  /**
   * The map in {@code blob}; an empty one changes nothing.
   *
   * @throws InvalidTokenizerException if it is damaged
   */
  public static CharsMap of(byte[] blob) {
    if (blob.length == 0) {
      return new CharsMap(new int[0], new byte[0]);
    }
    ByteBuffer in = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
    long size = in.remaining() < 4 ? -1 : in.getInt() & 0xFFFFFFFFL;
    if (size < 4 || size % 4 != 0 || size > in.remaining()) {
      throw new InvalidTokenizerException(
          "precompiled_charsmap: of %d bytes the double array takes %d; the map is damaged"
              .formatted(blob.length, size));
    }
    int[] units = new int[(int) size / 4];
    in.asIntBuffer().get(units);
    return new CharsMap(units, Arrays.copyOfRange(blob, 4 + (int) size, blob.length));
  }

  /** The bytes that {@link #of} makes this map of. */
  public byte[] blob() {
    if (isEmpty()) {
      return new byte[0];
    }
    ByteBuffer out =
        ByteBuffer.allocate(4 + 4 * units.length + replacements.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(4 * units.length);
    for (int unit : units) {
      out.putInt(unit);
    }
    return out.put(replacements).array();
  }

  /** Whether nothing changes. */
  public boolean isEmpty() {
    return units.length == 0;
  }

  /** A match: how many bytes, and where the replacement lies. */
  public static final class Match {
    /** Bytes of the text matched; 0 for no match. */
    public int length;

    /** Where the replacement begins in {@link CharsMap#replacements}. */
    public int from;

    /** Where it ends. */
    public int to;
  }

  /** The bytes that matches point into. Not to be changed. */
  public byte[] replacements() {
    return replacements;
  }

  /**
   * Looks for the longest (or the shortest) string of the map that {@code text[from, to)} begins
   * with.
   *
   * @throws InvalidTokenizerException if the map points outside itself
   */
  public boolean find(byte[] text, int from, int to, boolean shortest, Match match) {
    match.length = 0;
    if (units.length == 0) {
      return false;
    }
    int value = -1;
    int node = offset(units[0]);
    for (int p = from; p < to; p++) {
      int b = text[p] & 0xFF;
      node ^= b;
      if (node >= units.length || node < 0) {
        break;
      }
      int unit = units[node];
      if ((unit & (1 << 31 | 0xFF)) != b) {
        break;
      }
      node ^= offset(unit);
      if ((unit >>> 8 & 1) == 1) {
        if (node >= units.length || node < 0) {
          throw damaged();
        }
        value = units[node] & 0x7FFFFFFF;
        match.length = p + 1 - from;
        if (shortest) {
          break;
        }
      }
    }
    if (match.length == 0) {
      return false;
    }
    int end = value;
    while (end < replacements.length && replacements[end] != 0) {
      end++;
    }
    if (value >= replacements.length || end == replacements.length) {
      throw damaged();
    }
    match.from = value;
    match.to = end;
    return true;
  }

  private static InvalidTokenizerException damaged() {
    return new InvalidTokenizerException(
        "precompiled_charsmap: it points outside itself; the map is damaged");
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >>> 6);
  }
}
