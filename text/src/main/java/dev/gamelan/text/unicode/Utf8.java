package dev.gamelan.text.unicode;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * UTF-8 as tokenizers need it: what is malformed becomes U+FFFD by the maximal-subpart rule
 * (Unicode 16, section 3.9, table 3-8; the same as WHATWG's decoder and Rust's {@code
 * from_utf8_lossy}).
 */
public final class Utf8 {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte[] REPLACEMENT = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD};

  private Utf8() {}

  /** The UTF-8 of {@code text}; a lone surrogate becomes the three bytes of U+FFFD. */
  public static byte[] encode(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == text.length() && !hasSurrogate(text, bytes)) {
      return bytes;
    }
    int lone = 0;
    int n = text.length();
    for (int i = 0; i < n; i++) {
      char c = text.charAt(i);
      if (c >= '\uD800' && c <= '\uDFFF') {
        if (c <= '\uDBFF' && i + 1 < n && Character.isLowSurrogate(text.charAt(i + 1))) {
          i++;
        } else {
          lone++;
        }
      }
    }
    return lone == 0 ? bytes : encodeReplacing(text, Math.addExact(bytes.length, 2 * lone));
  }

  // The JDK writes one '?' for a lone surrogate, so a text of ASCII and lone surrogates has as many
  // bytes as chars; only where a '?' stands can such a surrogate be.
  private static boolean hasSurrogate(String text, byte[] bytes) {
    int n = bytes.length;
    int i = 0;
    while (i < n) {
      // Eight at a time: whether a byte is '?', a zero after the exclusive or.
      while (i + 8 <= n) {
        long word = (long) LONGS.get(bytes, i) ^ '?' * 0x0101010101010101L;
        if ((word - 0x0101010101010101L & ~word & 0x8080808080808080L) != 0) {
          break;
        }
        i += 8;
      }
      for (int end = Math.min(n, i + 8); i < end; i++) {
        if (bytes[i] == '?' && text.charAt(i) != '?') {
          return true;
        }
      }
    }
    return false;
  }

  private static byte[] encodeReplacing(String text, int length) {
    byte[] out = new byte[length];
    int at = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (c >= 0xD800 && c <= 0xDFFF) {
        System.arraycopy(REPLACEMENT, 0, out, at, 3);
        at += 3;
      } else {
        at = put(c, out, at);
      }
    }
    return out;
  }

  private static int put(int c, byte[] out, int at) {
    if (c < 0x80) {
      out[at++] = (byte) c;
    } else if (c < 0x800) {
      out[at++] = (byte) (0xC0 | c >> 6);
      out[at++] = (byte) (0x80 | c & 0x3F);
    } else if (c < 0x10000) {
      out[at++] = (byte) (0xE0 | c >> 12);
      out[at++] = (byte) (0x80 | c >> 6 & 0x3F);
      out[at++] = (byte) (0x80 | c & 0x3F);
    } else {
      out[at++] = (byte) (0xF0 | c >> 18);
      out[at++] = (byte) (0x80 | c >> 12 & 0x3F);
      out[at++] = (byte) (0x80 | c >> 6 & 0x3F);
      out[at++] = (byte) (0x80 | c & 0x3F);
    }
    return at;
  }

  /** The text of all {@code bytes}, each maximal subpart of what is malformed as one U+FFFD. */
  public static String decode(byte[] bytes) {
    return decode(bytes, 0, bytes.length);
  }

  /** The text of {@code bytes[from, to)}, each maximal subpart of what is malformed as U+FFFD. */
  public static String decode(byte[] bytes, int from, int to) {
    int i = from;
    while (i < to) {
      int n = sequence(bytes, i, to);
      if (n <= 0) {
        return decodeReplacing(bytes, from, to, i);
      }
      i += n;
    }
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  private static String decodeReplacing(byte[] bytes, int from, int to, int malformed) {
    StringBuilder out = new StringBuilder(to - from);
    int good = from;
    int i = malformed;
    while (i < to) {
      int n = sequence(bytes, i, to);
      if (n > 0) {
        i += n;
        continue;
      }
      out.append(new String(bytes, good, i - good, StandardCharsets.UTF_8)).append('\uFFFD');
      i = n == 0 ? to : i - n;
      good = i;
    }
    return out.append(new String(bytes, good, to - good, StandardCharsets.UTF_8)).toString();
  }

  /**
   * What stands at {@code bytes[at]}, {@code at < to}: the length (1 to 4) of a complete character;
   * 0 when the rest up to {@code to} is the beginning of a character; {@code -k} when the next k
   * bytes are a maximal subpart that no byte to come can complete.
   */
  public static int sequence(byte[] bytes, int at, int to) {
    int b = bytes[at];
    if (b >= 0) {
      return 1;
    }
    int lead = b & 0xFF;
    int need;
    int low = 0x80;
    int high = 0xBF;
    if (lead < 0xC2 || lead > 0xF4) {
      return -1;
    } else if (lead < 0xE0) {
      need = 2;
    } else if (lead < 0xF0) {
      need = 3;
      low = lead == 0xE0 ? 0xA0 : 0x80;
      high = lead == 0xED ? 0x9F : 0xBF;
    } else {
      need = 4;
      low = lead == 0xF0 ? 0x90 : 0x80;
      high = lead == 0xF4 ? 0x8F : 0xBF;
    }
    for (int k = 1; k < need; k++) {
      if (at + k >= to) {
        return 0;
      }
      int c = bytes[at + k] & 0xFF;
      if (c < low || c > high) {
        return -k;
      }
      low = 0x80;
      high = 0xBF;
    }
    return need;
  }

  /** The code point at {@code text[at]} of well-formed UTF-8. */
  public static int codePoint(byte[] text, int at) {
    int b = text[at];
    if (b >= 0) {
      return b;
    } else if ((b & 0xE0) == 0xC0) {
      return (b & 0x1F) << 6 | text[at + 1] & 0x3F;
    } else if ((b & 0xF0) == 0xE0) {
      return (b & 0x0F) << 12 | (text[at + 1] & 0x3F) << 6 | text[at + 2] & 0x3F;
    }
    return (b & 0x07) << 18
        | (text[at + 1] & 0x3F) << 12
        | (text[at + 2] & 0x3F) << 6
        | text[at + 3] & 0x3F;
  }

  /** The bytes of the character whose first byte is {@code lead}, in well-formed UTF-8. */
  public static int length(byte lead) {
    return lead >= 0 ? 1 : (lead & 0xE0) == 0xC0 ? 2 : (lead & 0xF0) == 0xE0 ? 3 : 4;
  }

  /** The start of the character that ends at {@code text[at - 1]}, in well-formed UTF-8. */
  public static int before(byte[] text, int at) {
    int i = at - 1;
    while ((text[i] & 0xC0) == 0x80) {
      i--;
    }
    return i;
  }
}
