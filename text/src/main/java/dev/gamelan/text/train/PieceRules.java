package dev.gamelan.text.train;

/** Which strings may be tokens, beside what the cutting of words says. */
final class PieceRules {
  private static final char SPACE = '\u2581';

  private PieceRules() {}

  /** A space only at the beginning, or nothing but spaces where runs of them may be tokens. */
  static boolean allows(String name, PieceTrainingOptions options) {
    if (name.codePointCount(0, name.length()) > options.longestPiece()) {
      return false;
    }
    int last = name.lastIndexOf(SPACE);
    return last <= 0 || options.spaceRuns() && name.chars().allMatch(c -> c == SPACE);
  }
}
