package dev.gamelan.text.split;

/** Turns matches and what lies between them into pieces, as a {@link SplitBehavior} says. */
final class Cuts {
  private final SplitBehavior behavior;
  private final boolean invert;
  private final Pieces out;
  private int at;
  private int pending = -1;
  private boolean pendingMatch;

  /**
   * For a text that begins at {@code from}.
   *
   * @param invert whether matches and what lies between them change places
   */
  Cuts(int from, SplitBehavior behavior, boolean invert, Pieces out) {
    this.at = from;
    this.behavior = behavior;
    this.invert = invert;
    this.out = out;
  }

  /** The next match, in bytes; it isn't empty. */
  void match(int start, int end) {
    stretch(start, invert);
    stretch(end, !invert);
  }

  /** The end of the text. */
  void finish(int to) {
    stretch(to, invert);
    if (pending >= 0) {
      out.add(pending);
    }
  }

  private void stretch(int end, boolean match) {
    if (end == at) {
      return;
    }
    at = end;
    switch (behavior) {
      case REMOVED -> {
        if (match) {
          out.drop(end);
        } else {
          out.add(end);
        }
      }
      case ISOLATED -> out.add(end);
      case CONTIGUOUS -> {
        if (pending >= 0 && match != pendingMatch) {
          out.add(pending);
        }
        hold(end, match);
      }
      case MERGED_WITH_PREVIOUS -> {
        // A match joins what is held unless that is itself a match.
        if (pending >= 0 && !(match && !pendingMatch)) {
          out.add(pending);
        }
        hold(end, match);
      }
      case MERGED_WITH_NEXT -> {
        // What is held goes on only if it is a match and this is none.
        if (pending >= 0 && !(pendingMatch && !match)) {
          out.add(pending);
        }
        hold(end, match);
      }
    }
  }

  private void hold(int end, boolean match) {
    pending = end;
    pendingMatch = match;
  }
}
