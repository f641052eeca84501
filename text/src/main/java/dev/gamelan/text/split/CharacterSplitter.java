package dev.gamelan.text.split;

import dev.gamelan.text.unicode.Utf8;
import java.util.function.IntPredicate;

/** Cuts at every character of a kind, which is dropped, or a piece of its own. */
final class CharacterSplitter implements Splitter {
  private final IntPredicate kind;
  private final boolean dropped;

  CharacterSplitter(IntPredicate kind, boolean dropped) {
    this.kind = kind;
    this.dropped = dropped;
  }

  @Override
  public void split(byte[] text, int from, int to, Pieces out) {
    for (int i = from; i < to; ) {
      int next = i + Utf8.length(text[i]);
      if (kind.test(Utf8.codePoint(text, i))) {
        out.add(i);
        if (dropped) {
          out.drop(next);
        } else {
          out.add(next);
        }
      }
      i = next;
    }
    out.add(to);
  }
}
