package dev.gamelan.text.split;

import static dev.gamelan.text.unicode.Categories.LETTER;
import static dev.gamelan.text.unicode.Categories.NUMBER;
import static dev.gamelan.text.unicode.Categories.SPACE;

import dev.gamelan.text.unicode.Categories;
import dev.gamelan.text.unicode.Utf8;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Classes of characters and runs of them, with a table for one-byte characters. */
final class Ascii {
  static final int OTHER_CLASS = 0;
  static final int LETTER_CLASS = 1;
  static final int NUMBER_CLASS = 2;
  static final int SPACE_CLASS = 3;
  // A byte of a longer character: Categories knows.
  private static final int LONGER = 4;

  private static final byte[] CLASS = new byte[256];
  private static final byte[] PLANE_0 = new byte[1 << 16];
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH = 0x80 * ONES;

  static {
    for (int c = 0; c < PLANE_0.length; c++) {
      PLANE_0[c] = (byte) of(Categories.of(c));
    }
    for (int c = 0; c < 256; c++) {
      CLASS[c] = c < 128 ? PLANE_0[c] : LONGER;
    }
  }

  private Ascii() {}

  private static int of(int category) {
    if ((category & LETTER) != 0) {
      return LETTER_CLASS;
    } else if ((category & NUMBER) != 0) {
      return NUMBER_CLASS;
    }
    return category == SPACE ? SPACE_CLASS : OTHER_CLASS;
  }

  /** The class of the character at {@code s[p]}. */
  static int classAt(byte[] s, int p) {
    int c = CLASS[s[p] & 0xFF];
    return c == LONGER ? longer(s, p) : c;
  }

  private static int longer(byte[] s, int p) {
    int c = Utf8.codePoint(s, p);
    return c < PLANE_0.length ? PLANE_0[c] : of(Categories.of(c));
  }

  /** The end of the run of characters of class {@code wanted} from {@code p} on. */
  static int run(byte[] s, int p, int to, int wanted) {
    while (p < to) {
      int c = CLASS[s[p] & 0xFF];
      if (c == wanted) {
        p++;
      } else if (c == LONGER && longer(s, p) == wanted) {
        p += Utf8.length(s[p]);
      } else {
        break;
      }
    }
    return p;
  }

  /** {@link #run} for letters: those of ASCII eight at a time, without a branch for each. */
  static int letters(byte[] s, int p, int to) {
    while (p + 8 <= to) {
      long others = notLatin((long) LONGS.get(s, p));
      if (others != 0) {
        p += Long.numberOfTrailingZeros(others) >>> 3;
        return s[p] < 0 ? run(s, p, to, LETTER_CLASS) : p;
      }
      p += 8;
    }
    return run(s, p, to, LETTER_CLASS);
  }

  // The high bits of those of eight bytes that are no letters of ASCII. Bit 5 makes letters small;
  // no sum of seven bits carries into the next byte.
  private static long notLatin(long word) {
    long small = word & ~HIGH | 0x20 * ONES;
    long fromA = small + (0x80 - 'a') * ONES;
    long beyondZ = small + (0x7F - 'z') * ONES;
    return ~(fromA & ~beyondZ & ~word) & HIGH;
  }

  /**
   * Where {@code \s+(?!\S)|\s+} ends that matches at {@code from}, given the end of the whole run
   * of white space: all of it at the end of the text, else all but the last character, else it.
   */
  static int spaces(byte[] s, int from, int run, int to) {
    if (run == to) {
      return run;
    }
    int last = Utf8.before(s, run);
    return last == from ? run : last;
  }

  /**
   * Where {@code \s*[\r\n]+|\s+(?!\S)|\s+} ends that matches at {@code from}, given the end of the
   * whole run of white space.
   */
  static int whiteSpace(byte[] s, int from, int run, int to) {
    int newline = throughLastNewline(s, from, run);
    return newline >= 0 ? newline : spaces(s, from, run, to);
  }

  /** The end of the run of {@code \r} and {@code \n} from {@code p} on. */
  static int newlines(byte[] s, int p, int to) {
    while (p < to && (s[p] == '\r' || s[p] == '\n')) {
      p++;
    }
    return p;
  }

  /**
   * The end of {@code \s*[\r\n]+} that matches at {@code from}: after the last newline of the run
   * of white space that ends at {@code run}; -1 where it has none.
   */
  static int throughLastNewline(byte[] s, int from, int run) {
    for (int p = run - 1; p >= from; p--) {
      if (s[p] == '\r' || s[p] == '\n') {
        return p + 1;
      }
    }
    return -1;
  }

  /**
   * The end of an English contraction's ending ({@code 's 't 'm 'd 're 've 'll}) that stands at
   * {@code p}, an apostrophe; -1 where none does. Without regard to case, U+017F counts as an s.
   */
  static int contraction(byte[] s, int p, int to, boolean anyCase) {
    if (p + 1 >= to) {
      return -1;
    }
    int a = s[p + 1];
    int b = p + 2 < to ? s[p + 2] : 0;
    if (anyCase) {
      if (a == (byte) 0xC5 && b == (byte) 0xBF) {
        return p + 3;
      }
      a = lower(a);
      b = lower(b);
    }
    if (a == 's' || a == 't' || a == 'm' || a == 'd') {
      return p + 2;
    }
    return a == 'r' && b == 'e' || a == 'v' && b == 'e' || a == 'l' && b == 'l' ? p + 3 : -1;
  }

  private static int lower(int c) {
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
  }
}
