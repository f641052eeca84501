package dev.gamelan.text.split;

import dev.gamelan.text.unicode.Utf8;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.regex.Pattern;

/**
 * A set of characters given by a class of a regular expression. Which of 256 neighbours belong to
 * it is found out by {@link java.util.regex} when the first of them is asked for, and kept as bits.
 * Safe for many threads.
 */
final class CharSet {
  private final Pattern pattern;
  private final AtomicReferenceArray<long[]> pages = new AtomicReferenceArray<>(0x110000 >> 8);
  private final boolean[] ascii = new boolean[128];

  /** The characters that {@code expression}, in Oniguruma's syntax, matches one by one. */
  CharSet(String expression) {
    pattern = Oniguruma.compile(expression);
    for (int c = 0; c < ascii.length; c++) {
      ascii[c] = has(c);
    }
  }

  /** Whether it has a character. */
  boolean has(int c) {
    long[] page = pages.getAcquire(c >> 8);
    if (page == null) {
      page = page(c & ~0xFF);
      pages.setRelease(c >> 8, page);
    }
    return (page[c >> 6 & 3] >>> c & 1) != 0;
  }

  /** Whether it has the character at {@code s[p]}. */
  boolean at(byte[] s, int p) {
    int b = s[p];
    return b >= 0 ? ascii[b] : has(Utf8.codePoint(s, p));
  }

  /** The end of the run of its characters from {@code p} on. */
  int run(byte[] s, int p, int to) {
    while (p < to && at(s, p)) {
      p += Utf8.length(s[p]);
    }
    return p;
  }

  private long[] page(int first) {
    long[] page = new long[4];
    for (int c = first; c < first + 256; c++) {
      if (pattern.matcher(Character.toString(c)).matches()) {
        page[c >> 6 & 3] |= 1L << c;
      }
    }
    return page;
  }
}
