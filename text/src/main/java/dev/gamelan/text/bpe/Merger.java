package dev.gamelan.text.bpe;

import java.util.Arrays;

/**
 * Applies merges to a row of tokens: always the one of lowest rank, and of equal ranks the
 * leftmost, until none is left. Short rows are scanned, long ones kept in a heap, so that n tokens
 * cost O(n log n). Holds its work space: for one thread at a time.
 */
public final class Merger {
  // Up to here scanning the row for the lowest rank is as fast as a heap; measured.
  private static final int SCAN = 80;
  private final MergeTable table;
  // Empty where ranks don't tell what merges give.
  private final int[] byRank;
  private final int[] ranks = new int[SCAN];
  private int[] symbols = new int[256];
  private int size;
  private int[] next = new int[0];
  private int[] previous = new int[0];
  private long[] heap = new long[0];
  private int heapSize;

  /** With these merges. */
  public Merger(MergeTable table) {
    this.table = table;
    this.byRank = table.byRank().orElse(new int[0]);
  }

  /** Begins a new row. */
  public void clear() {
    size = 0;
  }

  /** Appends a token to the row. */
  public void add(int symbol) {
    if (size == symbols.length) {
      symbols = Arrays.copyOf(symbols, 2 * size);
    }
    symbols[size++] = symbol;
  }

  /** The number of tokens in the row. */
  public int size() {
    return size;
  }

  /** The tokens of the row, {@link #size} of them. */
  int[] symbols() {
    return symbols;
  }

  /** Whether a huge row has made this too large to keep. */
  public boolean isLarge() {
    return capacity() > 1 << 22;
  }

  /** How many numbers this holds on to. */
  int capacity() {
    return symbols.length + next.length + previous.length + heap.length;
  }

  /** Merges the row. */
  public void merge() {
    if (size < 2) {
      return;
    }
    if (size <= SCAN) {
      scan();
    } else {
      drain();
    }
  }

  /** Appends the row to {@code out}. */
  public void copyTo(IntList out) {
    out.addAll(symbols, 0, size);
  }

  private int merged(int rank, int left, int right) {
    return byRank.length > 0 ? byRank[rank] : table.merged(left, right);
  }

  private void scan() {
    int[] s = symbols;
    int n = size;
    for (int i = 0; i + 1 < n; i++) {
      ranks[i] = table.rank(s[i], s[i + 1]);
    }
    while (n > 1) {
      int at = 0;
      int lowest = ranks[0];
      for (int i = 1; i < n - 1; i++) {
        // Of equal ranks the leftmost stays.
        if (ranks[i] < lowest) {
          lowest = ranks[i];
          at = i;
        }
      }
      if (lowest == MergeTable.NONE) {
        break;
      }
      s[at] = merged(lowest, s[at], s[at + 1]);
      n--;
      System.arraycopy(s, at + 2, s, at + 1, n - at - 1);
      if (at < n - 1) {
        System.arraycopy(ranks, at + 2, ranks, at + 1, n - at - 2);
        ranks[at] = table.rank(s[at], s[at + 1]);
      }
      if (at > 0) {
        ranks[at - 1] = table.rank(s[at - 1], s[at]);
      }
    }
    size = n;
  }

  private void drain() {
    int n = size;
    if (next.length < n) {
      next = new int[Math.max(n, 2 * next.length)];
      previous = new int[next.length];
    }
    heapSize = 0;
    for (int i = 0; i < n; i++) {
      next[i] = i + 1;
      previous[i] = i - 1;
    }
    next[n - 1] = -1;
    for (int i = 0; i + 1 < n; i++) {
      offer(i, i + 1);
    }
    while (heapSize > 0) {
      long top = poll();
      int i = (int) top;
      int right = next[i];
      // A dead or changed pair is recognised by its rank being another now.
      if (symbols[i] < 0 || right < 0) {
        continue;
      }
      int rank = (int) (top >> 32);
      if (table.rank(symbols[i], symbols[right]) != rank) {
        continue;
      }
      symbols[i] = merged(rank, symbols[i], symbols[right]);
      symbols[right] = -1;
      next[i] = next[right];
      if (next[i] >= 0) {
        previous[next[i]] = i;
        offer(i, next[i]);
      }
      if (previous[i] >= 0) {
        offer(previous[i], i);
      }
    }
    int kept = 0;
    for (int i = 0; i >= 0; i = next[i]) {
      symbols[kept++] = symbols[i];
    }
    size = kept;
  }

  private void offer(int left, int right) {
    int rank = table.rank(symbols[left], symbols[right]);
    if (rank == MergeTable.NONE) {
      return;
    }
    if (heapSize == heap.length) {
      heap = Arrays.copyOf(heap, Math.max(256, 2 * heapSize));
    }
    long key = (long) rank << 32 | left;
    int i = heapSize++;
    while (i > 0) {
      int parent = (i - 1) >>> 1;
      if (heap[parent] <= key) {
        break;
      }
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = key;
  }

  private long poll() {
    long top = heap[0];
    long last = heap[--heapSize];
    int i = 0;
    for (; ; ) {
      int child = 2 * i + 1;
      if (child >= heapSize) {
        break;
      }
      if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[child] >= last) {
        break;
      }
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return top;
  }
}
