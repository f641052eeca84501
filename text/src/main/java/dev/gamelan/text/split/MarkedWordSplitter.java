package dev.gamelan.text.split;

import static dev.gamelan.text.unicode.Categories.LETTER;
import static dev.gamelan.text.unicode.Categories.MARK;
import static dev.gamelan.text.unicode.Categories.NUMBER;
import static dev.gamelan.text.unicode.Categories.SPACE;

import dev.gamelan.text.unicode.Categories;
import dev.gamelan.text.unicode.Utf8;

/**
 * {@code (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}|
 * ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+} (Qwen 3.5: marks belong to words), as an
 * automaton.
 */
final class MarkedWordSplitter implements Splitter {
  private static final int WORD = LETTER | MARK;

  @Override
  public void split(byte[] s, int from, int to, Pieces out) {
    int p = from;
    while (p < to) {
      p = next(s, p, to);
      out.add(p);
    }
  }

  @Override
  public PlainNewlines plainNewlines() {
    return PlainNewlines.BOUNDARIES;
  }

  private static int next(byte[] s, int p, int to) {
    int b = s[p];
    int c = Categories.at(s, p);
    if ((c & WORD) != 0) {
      return Categories.run(s, p, to, WORD);
    } else if ((c & NUMBER) != 0) {
      return p + Utf8.length(s[p]);
    }
    if (b == '\'') {
      int end = Ascii.contraction(s, p, to, true);
      if (end >= 0) {
        return end;
      }
    }
    int q = p + Utf8.length(s[p]);
    int second = q < to ? Categories.at(s, q) : SPACE;
    if ((second & WORD) != 0 && b != '\r' && b != '\n') {
      return Categories.run(s, q, to, WORD);
    }
    boolean space = c == SPACE;
    if (!space || b == ' ' && (second & (SPACE | NUMBER)) == 0) {
      int signs = ~(SPACE | WORD | NUMBER);
      return Ascii.newlines(s, Categories.run(s, space ? q : p, to, signs), to);
    }
    return Ascii.whiteSpace(s, p, Categories.run(s, p, to, SPACE), to);
  }
}
