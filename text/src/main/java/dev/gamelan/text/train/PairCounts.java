package dev.gamelan.text.train;

import java.util.Arrays;

/**
 * Pairs of neighbouring tokens: how often each occurs and where it has been seen. Places are not
 * taken away when a pair vanishes from one, so who reads them looks whether it is still there.
 */
final class PairCounts {
  private static final int[] NOWHERE = new int[0];
  private long[] keys = new long[1 << 12];
  private long[] counts = new long[1 << 12];
  private int[][] places = new int[1 << 12][];
  private int[] placeCounts = new int[1 << 12];
  private int[] marks = new int[1 << 12];
  private boolean[] merged = new boolean[1 << 12];
  private int size;
  private int[] slots = new int[1 << 13];

  int size() {
    return size;
  }

  int left(int pair) {
    return (int) (keys[pair] >>> 32);
  }

  int right(int pair) {
    return (int) keys[pair];
  }

  long count(int pair) {
    return counts[pair];
  }

  void setCount(int pair, long count) {
    counts[pair] = count;
  }

  /** The pair's index, new if need be. */
  int index(int left, int right) {
    long key = (long) left << 32 | right;
    int mask = slots.length - 1;
    int i = hash(key) & mask;
    while (slots[i] != 0) {
      if (keys[slots[i] - 1] == key) {
        return slots[i] - 1;
      }
      i = i + 1 & mask;
    }
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, 2 * size);
      counts = Arrays.copyOf(counts, 2 * size);
      places = Arrays.copyOf(places, 2 * size);
      placeCounts = Arrays.copyOf(placeCounts, 2 * size);
      marks = Arrays.copyOf(marks, 2 * size);
      merged = Arrays.copyOf(merged, 2 * size);
    }
    keys[size] = key;
    places[size] = NOWHERE;
    slots[i] = ++size;
    if (size > slots.length / 2) {
      rehash();
    }
    return size - 1;
  }

  void add(int pair, long count) {
    counts[pair] += count;
  }

  /** Marks a pair; false if it had this mark already. Marks are above 0. */
  boolean mark(int pair, int mark) {
    boolean fresh = marks[pair] != mark;
    marks[pair] = mark;
    return fresh;
  }

  /**
   * Notes that a pair is a merge; false if it already was, for a token that two merges give can
   * bring a pair back.
   */
  boolean becomesMerge(int pair) {
    boolean fresh = !merged[pair];
    merged[pair] = true;
    return fresh;
  }

  void addPlace(int pair, int place) {
    int n = placeCounts[pair];
    if (n == places[pair].length) {
      places[pair] = Arrays.copyOf(places[pair], n == 0 ? 2 : 2 * n);
    }
    places[pair][n] = place;
    placeCounts[pair] = n + 1;
  }

  /** How many places {@link #places} holds. */
  int placeCount(int pair) {
    return placeCounts[pair];
  }

  int[] places(int pair) {
    return places[pair];
  }

  void forgetPlaces(int pair) {
    places[pair] = NOWHERE;
    placeCounts[pair] = 0;
  }

  private void rehash() {
    slots = new int[2 * slots.length];
    int mask = slots.length - 1;
    for (int pair = 0; pair < size; pair++) {
      int i = hash(keys[pair]) & mask;
      while (slots[i] != 0) {
        i = i + 1 & mask;
      }
      slots[i] = pair + 1;
    }
  }

  private static int hash(long key) {
    long h = (key ^ key >>> 29) * 0x9E3779B97F4A7C15L;
    return (int) (h >>> 33);
  }
}
