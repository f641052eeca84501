package dev.gamelan.text.train;

import java.util.Arrays;

/**
 * Pairs by count, then by the rule for ties. An entry's count may be older than the pair's and then
 * is larger; it is corrected when it comes to the top.
 */
final class PairHeap {
  private final PairCounts pairs;
  private final Order order;
  private long[] counts = new long[1 << 12];
  private int[] entries = new int[1 << 12];
  private int size;

  /** Which of two different pairs of equal count comes first. */
  interface Order {
    boolean before(int leftA, int rightA, int leftB, int rightB);
  }

  PairHeap(PairCounts pairs, Order order) {
    this.pairs = pairs;
    this.order = order;
  }

  void push(int pair) {
    if (size == entries.length) {
      entries = Arrays.copyOf(entries, 2 * size);
      counts = Arrays.copyOf(counts, 2 * size);
    }
    long count = pairs.count(pair);
    int i = size++;
    while (i > 0) {
      int parent = (i - 1) >>> 1;
      if (!before(count, pair, counts[parent], entries[parent])) {
        break;
      }
      set(i, counts[parent], entries[parent]);
      i = parent;
    }
    set(i, count, pair);
  }

  /** The most frequent pair, taken off; -1 if none occurs {@code least} times. */
  int poll(long least) {
    while (size > 0) {
      int pair = entries[0];
      long count = pairs.count(pair);
      if (count == counts[0] && count >= least) {
        removeTop();
        return pair;
      }
      if (count < least) {
        removeTop();
      } else {
        // Lower than it was: it sinks to its place.
        sink(count, pair);
      }
    }
    return -1;
  }

  private void removeTop() {
    size--;
    if (size > 0) {
      sink(counts[size], entries[size]);
    }
  }

  private void sink(long count, int pair) {
    int i = 0;
    for (; ; ) {
      int child = 2 * i + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size
          && before(counts[child + 1], entries[child + 1], counts[child], entries[child])) {
        child++;
      }
      if (!before(counts[child], entries[child], count, pair)) {
        break;
      }
      set(i, counts[child], entries[child]);
      i = child;
    }
    set(i, count, pair);
  }

  private void set(int i, long count, int pair) {
    counts[i] = count;
    entries[i] = pair;
  }

  private boolean before(long countA, int a, long countB, int b) {
    return countA != countB
        ? countA > countB
        : order.before(pairs.left(a), pairs.right(a), pairs.left(b), pairs.right(b));
  }
}
