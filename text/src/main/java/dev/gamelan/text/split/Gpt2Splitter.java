package dev.gamelan.text.split;

import static dev.gamelan.text.split.Ascii.LETTER_CLASS;
import static dev.gamelan.text.split.Ascii.SPACE_CLASS;

/**
 * {@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+} (Radford et
 * al., GPT-2, 2019), as an automaton.
 */
final class Gpt2Splitter implements Splitter {
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
    if (b == ' ' && p + 1 < to) {
      int c = Ascii.classAt(s, p + 1);
      if (c != SPACE_CLASS) {
        return c == LETTER_CLASS ? Ascii.letters(s, p + 1, to) : Ascii.run(s, p + 1, to, c);
      }
    } else if (b == '\'') {
      int end = Ascii.contraction(s, p, to, false);
      if (end >= 0) {
        return end;
      }
    }
    int c = Ascii.classAt(s, p);
    if (c == LETTER_CLASS) {
      return Ascii.letters(s, p, to);
    }
    int run = Ascii.run(s, p, to, c);
    return c == SPACE_CLASS ? Ascii.spaces(s, p, run, to) : run;
  }
}
