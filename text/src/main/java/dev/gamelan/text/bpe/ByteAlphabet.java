package dev.gamelan.text.bpe;

import dev.gamelan.text.unicode.Utf8;
import java.util.Arrays;
import java.util.Optional;

/**
 * GPT-2's writing of bytes as visible characters (Radford et al., 2019, {@code bytes_to_unicode}):
 * printable Latin-1 characters stand for themselves, the other 68 bytes for U+0100 and on. A space
 * is {@code Ġ}.
 */
public final class ByteAlphabet {
  private static final char[] CHARS = new char[256];
  private static final short[] BYTES = new short[0x144];

  static {
    Arrays.fill(BYTES, (short) -1);
    int next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
      CHARS[b] = (char) (printable ? b : next++);
      BYTES[CHARS[b]] = (short) b;
    }
  }

  private ByteAlphabet() {}

  /** The character for a byte, 0 to 255. */
  public static char character(int b) {
    return CHARS[b];
  }

  /** {@code bytes} written in the alphabet. */
  public static String write(byte[] bytes) {
    char[] out = new char[bytes.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = CHARS[bytes[i] & 0xFF];
    }
    return new String(out);
  }

  /** The bytes that a name in the alphabet stands for; empty if it isn't written in it. */
  public static Optional<byte[]> read(String name) {
    byte[] out = new byte[name.length()];
    for (int i = 0; i < out.length; i++) {
      char c = name.charAt(i);
      if (c >= BYTES.length || BYTES[c] < 0) {
        return Optional.empty();
      }
      out[i] = (byte) BYTES[c];
    }
    return Optional.of(out);
  }

  /** The bytes of a token: by the alphabet, or its UTF-8 where it isn't written in it. */
  public static byte[] bytes(String name) {
    return read(name).orElseGet(() -> Utf8.encode(name));
  }
}
