package dev.gamelan.text.split;

import dev.gamelan.text.unicode.Categories;
import dev.gamelan.text.unicode.Utf8;

/**
 * {@code \w+|[^\w\s]+}, Hugging Face's pre-tokenizer Whitespace, as an automaton; white space is
 * what lies between matches.
 */
final class WordSplitter implements Splitter {
  private static final CharSet WORD = new CharSet("\\w");
  private final boolean dropped;

  /**
   * An automaton.
   *
   * @param dropped whether white space is dropped
   */
  WordSplitter(boolean dropped) {
    this.dropped = dropped;
  }

  @Override
  public void split(byte[] s, int from, int to, Pieces out) {
    int p = from;
    while (p < to) {
      int end = WORD.run(s, p, to);
      if (end == p) {
        end = Categories.run(s, p, to, Categories.SPACE);
        if (end > p) {
          out.addOrDrop(end, dropped);
          p = end;
          continue;
        }
        while (end < to && !WORD.at(s, end) && Categories.at(s, end) != Categories.SPACE) {
          end += Utf8.length(s[end]);
        }
      }
      out.add(end);
      p = end;
    }
  }
}
