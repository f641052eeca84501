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
 * automaton, and what is like it: Tekken's and Kimi's.
 */
final class O200kSplitter implements Splitter {
  private static final int U = UPPER | UNCASED | MARK;
  private static final int L = LOWER | UNCASED | MARK;
  private static final CharSet HAN = new CharSet("\\p{Han}");

  /** What its users differ in. */
  enum Kind {
    /** OpenAI's. */
    O200K(3, true, true, false),
    /** Mistral's: digits one by one, no contractions. */
    TEKKEN(1, false, true, false),
    /** Moonshot's: Chinese characters, {@code [\p{Han}]+}, by themselves first; no slashes. */
    KIMI(3, true, false, true);

    private final int digits;
    private final boolean contractions;
    private final boolean slashes;
    private final boolean hanApart;

    Kind(int digits, boolean contractions, boolean slashes, boolean hanApart) {
      this.digits = digits;
      this.contractions = contractions;
      this.slashes = slashes;
      this.hanApart = hanApart;
    }
  }

  private final Kind kind;

  O200kSplitter(Kind kind) {
    this.kind = kind;
  }

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

  private int next(byte[] s, int p, int to) {
    int b = s[p];
    if (kind.hanApart && b < 0 && HAN.at(s, p)) {
      return HAN.run(s, p, to);
    }
    int c = Categories.at(s, p);
    int q = p + Utf8.length(s[p]);
    boolean prefix = (c & (LETTER | NUMBER)) == 0 && b != '\r' && b != '\n';
    int end = (c & MARK) != 0 ? markedWord(s, p, q, to) : word(s, prefix ? q : p, to);
    if (end >= 0) {
      int tail =
          kind.contractions && end < to && s[end] == '\''
              ? Ascii.contraction(s, end, to, true)
              : -1;
      return tail >= 0 ? tail : end;
    }
    if ((c & NUMBER) != 0) {
      return Cl100kSplitter.numbers(s, p, to, kind.digits);
    }
    boolean space = c == SPACE;
    if (!space || b == ' ' && q < to && (Categories.at(s, q) & (SPACE | LETTER | NUMBER)) == 0) {
      int run = Ascii.run(s, space ? q : p, to, Ascii.OTHER_CLASS);
      while (run < to && (s[run] == '\r' || s[run] == '\n' || kind.slashes && s[run] == '/')) {
        run++;
      }
      return run;
    }
    return Ascii.whiteSpace(s, p, Ascii.run(s, p, to, Ascii.SPACE_CLASS), to);
  }

  // A mark may be the character before a word, or belong to it: the first alternative with it
  // before, then as a part; then the second likewise.
  private int markedWord(byte[] s, int p, int q, int to) {
    int end = lowerWord(s, q, to);
    end = end < 0 ? lowerWord(s, p, to) : end;
    end = end < 0 ? upperWord(s, q, to) : end;
    return end < 0 ? upperWord(s, p, to) : end;
  }

  private int word(byte[] s, int p, int to) {
    int end = lowerWord(s, p, to);
    return end < 0 ? upperWord(s, p, to) : end;
  }

  // [U]*[L]+: greedy, giving back of the first run what the second needs; -1 where it can't match.
  private int lowerWord(byte[] s, int p, int to) {
    int i = p;
    int lastBoth = -1;
    while (i < to) {
      int c = at(s, i);
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
  private int upperWord(byte[] s, int p, int to) {
    int i = run(s, p, to, U);
    return i == p ? -1 : run(s, i, to, L);
  }

  private int run(byte[] s, int p, int to, int wanted) {
    while (p < to && (at(s, p) & wanted) != 0) {
      p += Utf8.length(s[p]);
    }
    return p;
  }

  // The category; none for what words don't have.
  private int at(byte[] s, int p) {
    int c = Categories.at(s, p);
    return kind.hanApart && s[p] < 0 && HAN.at(s, p) ? 0 : c;
  }
}
