package dev.gamelan.text.bpe;

/** Turns a piece of text into ids. Immutable; what changes lies in a {@link Workspace}. */
public interface WordModel {
  /** Appends the ids of the piece {@code text[from, to)}, which isn't empty, to the workspace. */
  void encode(byte[] text, int from, int to, Workspace work);

  /** Work space for one thread. */
  Workspace workspace();
}
