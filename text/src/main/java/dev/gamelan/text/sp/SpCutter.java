package dev.gamelan.text.sp;

import dev.gamelan.text.bpe.IntList;

/** Turns normalised text into ids. */
interface SpCutter {
  /** Appends the ids of {@code text}. */
  void cut(byte[] text, IntList out);
}
