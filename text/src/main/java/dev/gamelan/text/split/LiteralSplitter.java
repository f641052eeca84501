package dev.gamelan.text.split;

/** Cuts at every occurrence of a string, from left to right. */
final class LiteralSplitter implements Splitter {
  private final byte[] literal;
  private final SplitBehavior behavior;
  private final boolean invert;

  LiteralSplitter(byte[] literal, SplitBehavior behavior, boolean invert) {
    this.literal = literal;
    this.behavior = behavior;
    this.invert = invert;
  }

  @Override
  public void split(byte[] text, int from, int to, Pieces out) {
    Cuts cuts = new Cuts(from, behavior, invert, out);
    // UTF-8 synchronises itself: equal bytes are equal characters.
    for (int i = from; literal.length > 0 && i <= to - literal.length; ) {
      if (text[i] == literal[0] && matches(text, i)) {
        cuts.match(i, i + literal.length);
        i += literal.length;
      } else {
        i++;
      }
    }
    cuts.finish(to);
  }

  private boolean matches(byte[] text, int at) {
    for (int k = 1; k < literal.length; k++) {
      if (text[at + k] != literal[k]) {
        return false;
      }
    }
    return true;
  }
}
