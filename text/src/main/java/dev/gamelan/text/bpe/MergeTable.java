package dev.gamelan.text.bpe;

import java.util.Arrays;
import java.util.Optional;

/**
 * What two neighbouring tokens merge into, and how soon. Lower ranks merge first. An
 * open-addressing table of one long a merge, both ids and the rank in it, so that it stays in the
 * cache; pairs of the first 512 ids, among which are the bytes, stand in a square of their own.
 * Immutable once {@link Builder#build built}.
 */
public final class MergeTable {
  /** The rank of two tokens that don't merge; larger than any other. */
  static final int NONE = Integer.MAX_VALUE;

  /** Ids are below this. */
  static final int MOST_IDS = 1 << 21;

  /** Ranks are below this. */
  static final int MOST_RANKS = 1 << 22;

  private static final int RANK_BITS = 22;
  private static final int ID_BITS = 21;
  private static final int SQUARE = 512;
  private static final long EMPTY = -1;
  private final long[] slots;
  private final int[] merged;
  private final Optional<int[]> byRank;
  private final int[] square;
  private final int shift;
  private final int size;

  private MergeTable(long[] slots, int[] merged, Optional<int[]> byRank, int[] square, int size) {
    this.slots = slots;
    this.merged = merged;
    this.byRank = byRank;
    this.square = square;
    this.size = size;
    this.shift = shift(slots.length);
  }

  /** The number of merges. */
  public int size() {
    return size;
  }

  /** How soon two tokens merge; {@link #NONE} if they don't. */
  int rank(int left, int right) {
    if ((left | right) < SQUARE) {
      return square[left * SQUARE + right];
    }
    int slot = slot(left, right);
    return slot < 0 ? NONE : (int) slots[slot] & MOST_RANKS - 1;
  }

  /** What two tokens merge into that do. */
  int merged(int left, int right) {
    return merged[slot(left, right)];
  }

  /** What merges by their rank, where no two merges of one rank give different tokens. */
  Optional<int[]> byRank() {
    return byRank;
  }

  private int slot(int left, int right) {
    long key = (long) left << ID_BITS | right;
    int mask = slots.length - 1;
    for (int i = hash(key, shift); ; i = i + 1 & mask) {
      long slot = slots[i];
      if (slot >>> RANK_BITS == key) {
        return i;
      } else if (slot == EMPTY) {
        return -1;
      }
    }
  }

  private static int shift(int capacity) {
    return 64 - Integer.numberOfTrailingZeros(capacity);
  }

  private static int hash(long key, int shift) {
    return (int) ((key ^ key >>> ID_BITS) * 0x9E3779B97F4A7C15L >>> shift);
  }

  /** Collects the merges of a table. */
  public static final class Builder {
    private final long[] slots;
    private final int[] merged;
    private final int[] square = new int[SQUARE * SQUARE];
    private final int shift;
    private int size;
    private int most = -1;

    /** For up to {@code merges} merges. */
    public Builder(int merges) {
      // Between a third and two thirds full.
      int capacity = Integer.highestOneBit(Math.max(4, merges + merges / 2)) * 2;
      slots = new long[capacity];
      merged = new int[capacity];
      Arrays.fill(slots, EMPTY);
      Arrays.fill(square, NONE);
      shift = shift(capacity);
    }

    /**
     * Sets what {@code left} and {@code right} merge into.
     *
     * @throws IllegalArgumentException if an id or the rank is out of range
     */
    public void put(int left, int right, int rank, int result) {
      // The last id is left out, so that no key is like an empty slot.
      if (left < 0 || right < 0 || left >= MOST_IDS - 1 || right >= MOST_IDS) {
        throw new IllegalArgumentException(
            "merge table: ids %d and %d; they must be in [0, %d)"
                .formatted(left, right, MOST_IDS - 1));
      }
      if (rank < 0 || rank >= MOST_RANKS) {
        throw new IllegalArgumentException(
            "merge table: rank %d; there may be %d merges".formatted(rank, MOST_RANKS));
      }
      long key = (long) left << ID_BITS | right;
      int mask = slots.length - 1;
      int i = hash(key, shift);
      while (slots[i] != EMPTY && slots[i] >>> RANK_BITS != key) {
        i = i + 1 & mask;
      }
      size += slots[i] == EMPTY ? 1 : 0;
      slots[i] = key << RANK_BITS | rank;
      merged[i] = result;
      most = Math.max(most, rank);
      if ((left | right) < SQUARE) {
        square[left * SQUARE + right] = rank;
      }
    }

    /** The table. */
    public MergeTable build() {
      return new MergeTable(slots, merged, byRank(), square, size);
    }

    private Optional<int[]> byRank() {
      int[] results = new int[most + 1];
      Arrays.fill(results, -1);
      for (int i = 0; i < slots.length; i++) {
        if (slots[i] != EMPTY) {
          int rank = (int) slots[i] & MOST_RANKS - 1;
          if (results[rank] >= 0 && results[rank] != merged[i]) {
            return Optional.empty();
          }
          results[rank] = merged[i];
        }
      }
      return Optional.of(results);
    }
  }
}
