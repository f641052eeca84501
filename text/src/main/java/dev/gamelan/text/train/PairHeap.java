package dev.gamelan.text.train;

import dev.gamelan.text.train.BpeTrainingOptions.Ties;
import java.util.Arrays;

/**
 * Pairs by count, then by the rule for ties. An entry's count may be older than the pair's and then
 * is larger; it is corrected when it comes to the top.
 */
final class PairHeap {
  private final PairCounts pairs;
  private final TokenBytes tokens;
  private final Ties ties;
  private long[] counts = new long[1 << 12];
  private int[] entries = new int[1 << 12];
  private int size;

  PairHeap(PairCounts pairs, TokenBytes tokens, Ties ties) {
    this.pairs = pairs;
    this.tokens = tokens;
    this.ties = ties;
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
    if (countA != countB) {
      return countA > countB;
    }
    return switch (ties) {
      case GREATEST_BYTES -> {
        int c = tokens.compare(pairs.left(a), pairs.left(b));
        yield (c != 0 ? c : tokens.compare(pairs.right(a), pairs.right(b))) > 0;
      }
      case LOWEST_IDS -> {
        int c = Integer.compare(pairs.left(a), pairs.left(b));
        yield (c != 0 ? c : Integer.compare(pairs.right(a), pairs.right(b))) < 0;
      }
    };
  }
}
