package dev.gamelan.text.bpe;

import java.util.Arrays;

/**
 * What two neighbouring tokens merge into, and how soon: an open-addressing table from (left id,
 * right id) to (rank, id). Lower ranks merge first. Immutable once {@link Builder#build built}.
 */
public final class MergeTable {
  /** The result of {@link #find} where two tokens don't merge; larger than any other. */
  static final long NONE = Long.MAX_VALUE;

  private static final long EMPTY = -1;
  private final long[] slots;
  private final int shift;
  private final int size;

  private MergeTable(long[] slots, int size) {
    this.slots = slots;
    this.size = size;
    this.shift = 64 - Integer.numberOfTrailingZeros(slots.length / 2);
  }

  /** The number of merges. */
  public int size() {
    return size;
  }

  /** {@code rank << 32 | id}, or {@link #NONE}. */
  long find(int left, int right) {
    long key = (long) left << 32 | right;
    int mask = slots.length - 2;
    for (int i = slot(key, shift); ; i = i + 2 & mask) {
      long k = slots[i];
      if (k == key) {
        return slots[i + 1];
      } else if (k == EMPTY) {
        return NONE;
      }
    }
  }

  private static int slot(long key, int shift) {
    return (int) ((key ^ key >>> 29) * 0x9E3779B97F4A7C15L >>> shift) << 1;
  }

  /** Collects the merges of a table. */
  public static final class Builder {
    private final long[] slots;
    private final int shift;
    private int size;

    /** For up to {@code merges} merges. */
    public Builder(int merges) {
      // Between a third and two thirds full.
      int capacity = Integer.highestOneBit(Math.max(4, merges + merges / 2)) * 2;
      slots = new long[2 * capacity];
      Arrays.fill(slots, EMPTY);
      shift = 64 - Integer.numberOfTrailingZeros(capacity);
    }

    /** Sets what {@code left} and {@code right} merge into; ids and rank are at least 0. */
    public void put(int left, int right, int rank, int merged) {
      long key = (long) left << 32 | right;
      int mask = slots.length - 2;
      int i = slot(key, shift);
      while (slots[i] != EMPTY && slots[i] != key) {
        i = i + 2 & mask;
      }
      size += slots[i] == EMPTY ? 1 : 0;
      slots[i] = key;
      slots[i + 1] = (long) rank << 32 | merged;
    }

    /** The table. */
    public MergeTable build() {
      return new MergeTable(slots, size);
    }
  }
}
