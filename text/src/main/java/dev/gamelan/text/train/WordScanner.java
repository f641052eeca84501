package dev.gamelan.text.train;

import dev.gamelan.text.hf.PieceScanner.Sink;

/** Cuts texts into the words that are counted. For one thread at a time. */
interface WordScanner {
  /**
   * Whether a text may be cut in two after a newline that stands between two characters that are no
   * white space, without changing any word.
   */
  boolean independentLines();

  /** Gives every word of {@code text} to {@code sink}, in order; the number of bytes read. */
  long scan(String text, Sink sink);
}
