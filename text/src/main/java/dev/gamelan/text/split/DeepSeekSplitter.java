package dev.gamelan.text.split;

import static dev.gamelan.text.unicode.Categories.LETTER;
import static dev.gamelan.text.unicode.Categories.MARK;
import static dev.gamelan.text.unicode.Categories.SIGN;
import static dev.gamelan.text.unicode.Categories.SPACE;

import dev.gamelan.text.unicode.Categories;
import dev.gamelan.text.unicode.Utf8;

/**
 * {@code [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|
 * ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+} (DeepSeek V3, behind stages that set digits and
 * Chinese apart), as an automaton. It matches no control characters and no digits by themselves:
 * runs of them between matches are pieces too.
 */
final class DeepSeekSplitter implements Splitter {
  private static final int WORD = LETTER | MARK;
  private final boolean dropped;

  /**
   * An automaton.
   *
   * @param dropped whether what lies between matches is dropped
   */
  DeepSeekSplitter(boolean dropped) {
    this.dropped = dropped;
  }

  @Override
  public void split(byte[] s, int from, int to, Pieces out) {
    int p = from;
    while (p < to) {
      int end = next(s, p, to);
      if (end < 0) {
        p += Utf8.length(s[p]);
        continue;
      }
      out.addOrDrop(p, dropped);
      out.add(end);
      p = end;
    }
    out.addOrDrop(to, dropped);
  }

  @Override
  public PlainNewlines plainNewlines() {
    return PlainNewlines.BOUNDARIES;
  }

  private static int next(byte[] s, int p, int to) {
    int b = s[p];
    int c = Categories.at(s, p);
    if ((c & LETTER) != 0) {
      return Categories.run(s, p, to, WORD);
    }
    int q = p + Utf8.length(s[p]);
    if ((c & SIGN) != 0) {
      if (b >= 0 && q < to && isLatin(s[q])) {
        while (q < to && isLatin(s[q])) {
          q++;
        }
        return q;
      }
      return Ascii.newlines(s, Categories.run(s, q, to, SIGN), to);
    }
    int second = q < to ? Categories.at(s, q) : 0;
    if ((second & WORD) != 0 && b != '\r' && b != '\n') {
      return Categories.run(s, q, to, WORD);
    }
    if ((c & MARK) != 0) {
      return q;
    }
    if (b == ' ' && (second & SIGN) != 0) {
      return Ascii.newlines(s, Categories.run(s, q, to, SIGN), to);
    }
    return c == SPACE ? Ascii.whiteSpace(s, p, Categories.run(s, p, to, SPACE), to) : -1;
  }

  private static boolean isLatin(byte b) {
    return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z';
  }
}
