package dev.gamelan.text.split;

import static dev.gamelan.text.unicode.Categories.LETTER;
import static dev.gamelan.text.unicode.Categories.LOWER;
import static dev.gamelan.text.unicode.Categories.MARK;
import static dev.gamelan.text.unicode.Categories.NUMBER;
import static dev.gamelan.text.unicode.Categories.SPACE;
import static dev.gamelan.text.unicode.Categories.UNCASED;
import static dev.gamelan.text.unicode.Categories.UPPER;

import dev.gamelan.text.unicode.Categories;
import dev.gamelan.text.unicode.Utf8;

/**
 * {@code [^\r\n\p{L}\p{N}]?[U]*[L]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[U]+[L]*(?i:…)?|
 * \p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+}, where U is {@code
 * \p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}} and L is {@code \p{Ll}\p{Lm}\p{Lo}\p{M}} (tiktoken's o200k), as an
 * automaton.
 */
final class O200kSplitter implements Splitter {
  private static final int U = UPPER | UNCASED | MARK;
  private static final int L = LOWER | UNCASED | MARK;

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
    int q = p + Utf8.length(s[p]);
    boolean prefix = (c & (LETTER | NUMBER)) == 0 && b != '\r' && b != '\n';
    // The first alternative with the optional character, then without, then the second likewise.
    int end = prefix ? lowerWord(s, q, to) : -1;
    end = end < 0 ? lowerWord(s, p, to) : end;
    end = end < 0 && prefix ? upperWord(s, q, to) : end;
    end = end < 0 ? upperWord(s, p, to) : end;
    if (end >= 0) {
      int tail = end < to && s[end] == '\'' ? Ascii.contraction(s, end, to, true) : -1;
      return tail >= 0 ? tail : end;
    }
    if ((c & NUMBER) != 0) {
      return Cl100kSplitter.numbers(s, p, to, 3);
    }
    boolean space = c == SPACE;
    if (!space || b == ' ' && q < to && (Categories.at(s, q) & (SPACE | LETTER | NUMBER)) == 0) {
      int run = Ascii.run(s, space ? q : p, to, Ascii.OTHER_CLASS);
      while (run < to && (s[run] == '\r' || s[run] == '\n' || s[run] == '/')) {
        run++;
      }
      return run;
    }
    int run = Ascii.run(s, p, to, Ascii.SPACE_CLASS);
    int newline = Ascii.throughLastNewline(s, p, run);
    return newline >= 0 ? newline : Ascii.spaces(s, p, run, to);
  }

  // [U]*[L]+: greedy, giving back of the first run what the second needs; -1 where it can't match.
  private static int lowerWord(byte[] s, int p, int to) {
    int i = p;
    int lastBoth = -1;
    while (i < to) {
      int c = Categories.at(s, i);
      if ((c & U) == 0) {
        break;
      }
      int after = i + Utf8.length(s[i]);
      if ((c & L) != 0) {
        lastBoth = after;
      }
      i = after;
    }
    int end = run(s, i, to, L);
    return end > i ? end : lastBoth;
  }

  // [U]+[L]*; -1 where it can't match.
  private static int upperWord(byte[] s, int p, int to) {
    int i = run(s, p, to, U);
    return i == p ? -1 : run(s, i, to, L);
  }

  private static int run(byte[] s, int p, int to, int wanted) {
    while (p < to && (Categories.at(s, p) & wanted) != 0) {
      p += Utf8.length(s[p]);
    }
    return p;
  }
}
