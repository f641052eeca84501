package dev.gamelan.text.split;

/** What becomes of the matches of a splitting pattern, as in Hugging Face's tokenizers. */
public enum SplitBehavior {
  /** A match is dropped. */
  REMOVED,
  /** A match is a piece. */
  ISOLATED,
  /** A match ends the piece before it. */
  MERGED_WITH_PREVIOUS,
  /** A match begins the piece after it. */
  MERGED_WITH_NEXT,
  /** Neighbouring matches are one piece. */
  CONTIGUOUS
}
