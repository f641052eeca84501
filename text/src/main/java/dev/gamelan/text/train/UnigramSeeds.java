package dev.gamelan.text.train;

import dev.gamelan.text.unicode.Utf8;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The substrings of words that occur most, weighted by their length: with what a unigram model's
 * pruning begins. All suffixes of all words are sorted, by their first characters only, for tokens
 * are short; neighbours in that order share the substrings that go on in different ways (the inner
 * nodes of a suffix tree), and suffixes themselves are the ends of words.
 */
final class UnigramSeeds {
  // As many bytes as a trie of all seeds can have nodes, with some to spare.
  private static final long MOST_BYTES = 15_000_000;
  private static final int CUTOFF = 12;
  private final byte[] text;
  private final int[] suffixes;
  private final long[] weights;
  private final int[] wordEnds;
  private final PieceTrainingOptions options;
  private final int longestBytes;

  private long[] scores = new long[1 << 12];
  private int[] starts = new int[1 << 12];
  private int[] lengths = new int[1 << 12];
  private int found;

  /** A seed and the count of its characters in the text. */
  record Seed(String name, double score) {}

  UnigramSeeds(WordCounts words, PieceTrainingOptions options) {
    this.options = options;
    this.longestBytes = 4 * options.longestPiece();
    // Words, each ended by a zero, which no word has.
    text = new byte[Math.addExact(words.totalBytes(), words.size())];
    wordEnds = new int[words.size()];
    weights = new long[words.size()];
    int n = 0;
    int at = 0;
    for (int w = 0; w < words.size(); w++) {
      int length = words.end(w) - words.start(w);
      System.arraycopy(words.bytes(), words.start(w), text, at, length);
      for (int i = at; i < at + length; i++) {
        n += isStart(text[i]) ? 1 : 0;
      }
      at += length;
      wordEnds[w] = at++;
      weights[w] = words.count(w);
    }
    suffixes = new int[n];
    n = 0;
    for (int i = 0; i < text.length; i++) {
      if (text[i] != 0 && isStart(text[i])) {
        suffixes[n++] = i;
      }
    }
  }

  private static boolean isStart(byte b) {
    return (b & 0xC0) != 0x80;
  }

  /** The seeds of two characters or more, best first. */
  List<Seed> find() {
    sort(0, suffixes.length, 0);
    intervals();
    return best();
  }

  // Three-way radix quicksort (Bentley and Sedgewick, 1997).
  private void sort(int from, int to, int depth) {
    while (to - from > CUTOFF && depth < longestBytes) {
      int pivot = median(at(from, depth), at(from + to >>> 1, depth), at(to - 1, depth));
      int less = from;
      int more = to;
      for (int i = from; i < more; ) {
        int b = at(i, depth);
        if (b < pivot) {
          swap(less++, i++);
        } else if (b > pivot) {
          swap(i, --more);
        } else {
          i++;
        }
      }
      sort(from, less, depth);
      if (pivot != 0) {
        sort(less, more, depth + 1);
      }
      from = more;
    }
    for (int i = from + 1; i < to && depth < longestBytes; i++) {
      for (int j = i; j > from && compare(suffixes[j - 1], suffixes[j], depth) > 0; j--) {
        swap(j - 1, j);
      }
    }
  }

  private int at(int i, int depth) {
    return text[suffixes[i] + depth] & 0xFF;
  }

  private static int median(int a, int b, int c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }

  private void swap(int i, int j) {
    int held = suffixes[i];
    suffixes[i] = suffixes[j];
    suffixes[j] = held;
  }

  private int compare(int a, int b, int depth) {
    for (int d = depth; d < longestBytes; d++) {
      int c = Integer.compare(text[a + d] & 0xFF, text[b + d] & 0xFF);
      if (c != 0 || text[a + d] == 0) {
        return c;
      }
    }
    return 0;
  }

  // What two suffixes share, in bytes, up to whole characters and the longest token.
  private int shared(int a, int b) {
    int characters = 0;
    int whole = 0;
    for (int d = 0; ; d++) {
      boolean startA = isStart(text[a + d]);
      if (startA) {
        if (!isStart(text[b + d]) || characters == options.longestPiece()) {
          return isStart(text[b + d]) ? d : whole;
        }
        whole = d;
        characters++;
      }
      if (text[a + d] != text[b + d]) {
        return whole;
      } else if (text[a + d] == 0) {
        return d;
      }
    }
  }

  private void intervals() {
    int n = suffixes.length;
    long[] sums = new long[n + 1];
    for (int i = 0; i < n; i++) {
      int w = Arrays.binarySearch(wordEnds, suffixes[i]);
      sums[i + 1] = Math.addExact(sums[i], weights[~w]);
    }
    int[] depths = new int[longestBytes + 2];
    int[] lefts = new int[longestBytes + 2];
    int top = 0;
    int before = 0;
    for (int i = 0; i < n; i++) {
      int after = i + 1 < n ? shared(suffixes[i], suffixes[i + 1]) : 0;
      int own = length(suffixes[i]);
      if (own > Math.max(before, after)) {
        candidate(suffixes[i], own, sums[i + 1] - sums[i]);
      }
      // Intervals that end here.
      int left = i;
      while (top > 0 && depths[top - 1] > after) {
        top--;
        candidate(suffixes[lefts[top]], depths[top], sums[i + 1] - sums[lefts[top]]);
        left = lefts[top];
      }
      if (after > 0 && (top == 0 || depths[top - 1] < after)) {
        depths[top] = after;
        lefts[top] = left;
        top++;
      }
      before = after;
    }
  }

  // The bytes up to the word's end; 0 if they are too many for a token.
  private int length(int start) {
    int characters = 0;
    int i = start;
    for (; text[i] != 0; i++) {
      characters += isStart(text[i]) ? 1 : 0;
      if (characters > options.longestPiece()) {
        return 0;
      }
    }
    return i - start;
  }

  private void candidate(int start, int length, long weight) {
    int characters = 0;
    for (int i = start; i < start + length; i++) {
      characters += isStart(text[i]) ? 1 : 0;
    }
    if (characters < 2 || weight < 2) {
      return;
    }
    if (found == scores.length) {
      scores = Arrays.copyOf(scores, 2 * found);
      starts = Arrays.copyOf(starts, 2 * found);
      lengths = Arrays.copyOf(lengths, 2 * found);
    }
    scores[found] = Math.multiplyExact(weight, (long) characters);
    starts[found] = start;
    lengths[found++] = length;
  }

  private List<Seed> best() {
    long least = 0;
    if (found > options.seeds()) {
      long[] sorted = Arrays.copyOf(scores, found);
      Arrays.parallelSort(sorted);
      least = sorted[found - options.seeds()];
    }
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < found; i++) {
      if (scores[i] >= least) {
        order.add(i);
      }
    }
    // Equal ones by their order of discovery, which is that of their strings.
    order.sort((a, b) -> Long.compare(scores[b], scores[a]));
    List<Seed> best = new ArrayList<>();
    long bytes = 0;
    for (int i : order) {
      String name = Utf8.decode(text, starts[i], starts[i] + lengths[i]);
      bytes += lengths[i];
      if (best.size() == options.seeds() || bytes > MOST_BYTES) {
        break;
      }
      if (PieceRules.allows(name, options)) {
        best.add(new Seed(name, scores[i]));
      }
    }
    return best;
  }
}
