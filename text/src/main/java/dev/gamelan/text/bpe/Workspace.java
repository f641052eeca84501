package dev.gamelan.text.bpe;

import dev.gamelan.text.split.Pieces;

/** What encoding needs beside the model and keeps from text to text; for one thread at a time. */
public final class Workspace {
  // Beyond this many numbers a workspace that met a huge text isn't worth keeping.
  private static final int LARGE = 1 << 22;

  /** Pieces of the text, and of pieces. */
  public final Pieces pieces = new Pieces();

  /** The other half of {@link #pieces}, for pre-tokenizers in a row. */
  public final Pieces morePieces = new Pieces();

  /** The ids so far. */
  public final IntList ids = new IntList(1024);

  final Merger merger;
  final WordCache cache = new WordCache();

  /** For a model without merges. */
  public Workspace() {
    this(new MergeTable.Builder(0).build());
  }

  Workspace(MergeTable merges) {
    merger = new Merger(merges);
  }

  /** Whether a huge text has made this too large to keep. */
  public boolean isLarge() {
    return (long) ids.capacity() + merger.capacity() + pieces.capacity() + morePieces.capacity()
        > LARGE;
  }
}
