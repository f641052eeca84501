package dev.gamelan.text.split;

import java.util.Arrays;

/**
 * A stretch of text cut into pieces: piece i ends where piece i + 1 begins. Pieces may be marked as
 * dropped, which removes their text from what is encoded. Reusable, for one thread at a time.
 */
public final class Pieces {
  private byte[] text = new byte[0];
  private int start;
  private int[] ends = new int[256];
  private int size;

  /** Empties this and makes it about {@code text} from {@code start} on. */
  public void reset(byte[] text, int start) {
    this.text = text;
    this.start = start;
    this.size = 0;
  }

  /** The UTF-8 that the pieces are cut from. */
  public byte[] text() {
    return text;
  }

  /** The number of pieces, dropped ones included. */
  public int size() {
    return size;
  }

  /** Where piece {@code i} begins. */
  public int start(int i) {
    return i == 0 ? start : end(i - 1);
  }

  /** Where piece {@code i} ends. */
  public int end(int i) {
    int end = ends[i];
    return end < 0 ? ~end : end;
  }

  /** Whether piece {@code i} is no part of what is encoded. */
  public boolean dropped(int i) {
    return ends[i] < 0;
  }

  /** Adds the piece from the end of the one before to {@code end}; empty pieces are not added. */
  public void add(int end) {
    if (end != start(size)) {
      push(end);
    }
  }

  /** Like {@link #add}, for a piece that is dropped. */
  public void drop(int end) {
    if (end != start(size)) {
      push(~end);
    }
  }

  /** {@link #drop} or {@link #add}. */
  void addOrDrop(int end, boolean dropped) {
    if (dropped) {
      drop(end);
    } else {
      add(end);
    }
  }

  /** How many ints this holds on to. */
  public int capacity() {
    return ends.length;
  }

  private void push(int coded) {
    if (size == ends.length) {
      ends = Arrays.copyOf(ends, 2 * size);
    }
    ends[size++] = coded;
  }
}
