package dev.gamelan.text.bpe;

import java.util.Arrays;

/** A growing row of ints, reused from call to call. */
public final class IntList {
  private int[] values;
  private int size;

  /** Empty, with room for {@code capacity}. */
  public IntList(int capacity) {
    values = new int[Math.max(1, capacity)];
  }

  /** Appends one. */
  public void add(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
  }

  /** Appends {@code from[at, at + n)}. */
  void addAll(int[] from, int at, int n) {
    if (size + n > values.length) {
      values = Arrays.copyOf(values, Math.max(2 * values.length, size + n));
    }
    System.arraycopy(from, at, values, size, n);
    size += n;
  }

  /** Appends the first {@code n} of these, n in [0, 3]. */
  void addUpToThree(int a, int b, int c, int n) {
    if (size + 3 > values.length) {
      values = Arrays.copyOf(values, 2 * size + 3);
    }
    values[size] = a;
    values[size + 1] = b;
    values[size + 2] = c;
    size += n;
  }

  /** Appends the first {@code n} of these, n in [0, 5]. */
  void addUpToFive(int a, int b, int c, int d, int e, int n) {
    if (size + 5 > values.length) {
      values = Arrays.copyOf(values, 2 * size + 5);
    }
    // All five without a branch; those beyond n are written over later.
    values[size] = a;
    values[size + 1] = b;
    values[size + 2] = c;
    values[size + 3] = d;
    values[size + 4] = e;
    size += n;
  }

  /** The value at {@code i}. */
  public int at(int i) {
    return values[i];
  }

  /** How many there are. */
  public int size() {
    return size;
  }

  /** How many there is room for. */
  public int capacity() {
    return values.length;
  }

  /** Drops all. */
  public void clear() {
    size = 0;
  }

  /** Drops all but the first {@code size}, which is no more than there are. */
  public void truncate(int size) {
    this.size = Math.min(this.size, size);
  }

  /** A copy of the values. */
  public int[] toArray() {
    return Arrays.copyOf(values, size);
  }

  /** A copy of the values from {@code from} to {@code to}, exclusive. */
  int[] copy(int from, int to) {
    return Arrays.copyOfRange(values, from, to);
  }

  /** The values, with room behind them; replaced by another array when that is used up. */
  public int[] array() {
    return values;
  }
}
