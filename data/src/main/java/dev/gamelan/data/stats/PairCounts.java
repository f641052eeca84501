package dev.gamelan.data.stats;

/**
 * Counts of pairs of tokens in an open-addressing table of fixed size. Keys are (previous &lt;&lt;
 * 32 | next) + 1, so that 0 is an empty slot.
 */
final class PairCounts {
  /** Past this load, probing becomes slow. */
  private static final double LOAD = 0.7;

  private final long[] keys;
  private final long[] counts;
  private final int mask;
  private final int room;
  private int used;

  /**
   * @param slots a power of two
   */
  PairCounts(int slots) {
    keys = new long[slots];
    counts = new long[slots];
    mask = slots - 1;
    room = (int) (slots * LOAD);
  }

  /** Counts a pair; false if it is new and there is no room for it. */
  boolean add(int previous, int next) {
    long key = key(previous, next);
    int slot = find(key);
    if (keys[slot] == 0) {
      if (used == room) {
        return false;
      }
      keys[slot] = key;
      used++;
    }
    counts[slot]++;
    return true;
  }

  long count(int previous, int next) {
    return counts[find(key(previous, next))];
  }

  private int find(long key) {
    long hash = key * 0x9E3779B97F4A7C15L;
    int slot = (int) (hash ^ hash >>> 32) & mask;
    while (keys[slot] != 0 && keys[slot] != key) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private static long key(int previous, int next) {
    return ((long) previous << 32 | next) + 1;
  }

  void clear() {
    java.util.Arrays.fill(keys, 0);
    java.util.Arrays.fill(counts, 0);
    used = 0;
  }

  int size() {
    return used;
  }

  int slots() {
    return keys.length;
  }

  boolean occupied(int slot) {
    return keys[slot] != 0;
  }

  int previous(int slot) {
    return (int) (keys[slot] - 1 >>> 32);
  }

  int next(int slot) {
    return (int) (keys[slot] - 1);
  }

  long countAt(int slot) {
    return counts[slot];
  }
}
