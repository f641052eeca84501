package dev.gamelan.text.split;

import static dev.gamelan.text.split.Ascii.LETTER_CLASS;
import static dev.gamelan.text.split.Ascii.NUMBER_CLASS;
import static dev.gamelan.text.split.Ascii.OTHER_CLASS;

import dev.gamelan.text.unicode.Utf8;

/**
 * {@code (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,D}|
 * ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+} (tiktoken's cl100k and Llama 3 with D = 3,
 * Qwen with D = 1), as an automaton.
 */
final class Cl100kSplitter implements Splitter {
  private final int digits;
  private final boolean endTogether;

  /**
   * An automaton.
   *
   * @param digits the most digits in a piece, at least 1
   * @param endTogether whether all white space at the end of the text is one piece, whatever
   *     newlines it has, as tiktoken's later {@code \s++$|\s*[\r\n]|\s+(?!\S)|\s} says
   */
  Cl100kSplitter(int digits, boolean endTogether) {
    if (digits < 1) {
      throw new IllegalArgumentException(
          "cl100k pattern: a piece must hold at least 1 digit, not " + digits);
    }
    this.digits = digits;
    this.endTogether = endTogether;
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
    int c = Ascii.classAt(s, p);
    if (c == LETTER_CLASS) {
      return Ascii.letters(s, p, to);
    } else if (c == NUMBER_CLASS) {
      return numbers(s, p, to, digits);
    }
    if (b == '\'') {
      int end = Ascii.contraction(s, p, to, true);
      if (end >= 0) {
        return end;
      }
    }
    int q = p + Utf8.length(s[p]);
    int second = q < to ? Ascii.classAt(s, q) : -1;
    if (second == LETTER_CLASS && b != '\r' && b != '\n') {
      return Ascii.letters(s, q, to);
    }
    if (c == OTHER_CLASS || b == ' ' && second == OTHER_CLASS) {
      return Ascii.newlines(s, Ascii.run(s, c == OTHER_CLASS ? p : q, to, OTHER_CLASS), to);
    }
    int run = Ascii.run(s, p, to, c);
    return endTogether && run == to ? to : Ascii.whiteSpace(s, p, run, to);
  }

  static int numbers(byte[] s, int p, int to, int most) {
    for (int n = 0; n < most && p < to && Ascii.classAt(s, p) == NUMBER_CLASS; n++) {
      p += Utf8.length(s[p]);
    }
    return p;
  }
}
