package dev.gamelan.text.split;

import static dev.gamelan.text.split.Ascii.NUMBER_CLASS;

import dev.gamelan.text.unicode.Utf8;

/** Cuts numeric characters ({@code \p{N}}) off from the rest. */
final class DigitsSplitter implements Splitter {
  private final boolean individual;

  DigitsSplitter(boolean individual) {
    this.individual = individual;
  }

  @Override
  public void split(byte[] s, int from, int to, Pieces out) {
    int p = from;
    while (p < to) {
      if (Ascii.classAt(s, p) != NUMBER_CLASS) {
        p += Utf8.length(s[p]);
        continue;
      }
      out.add(p);
      p = individual ? p + Utf8.length(s[p]) : Ascii.run(s, p, to, NUMBER_CLASS);
      out.add(p);
    }
    out.add(to);
  }

  @Override
  public PlainNewlines plainNewlines() {
    return PlainNewlines.HARMLESS;
  }
}
