package dev.gamelan.text.train;

import dev.gamelan.text.bpe.IntList;

/**
 * The merges of BPE over counted words: again and again the most frequent pair becomes a token.
 * Counts of pairs are kept up to date where a merge happens, so that the work is in proportion to
 * the text's different words, not to these times the vocabulary.
 */
final class Merging {
  /** Says what a pair becomes. */
  interface Rule {
    /** The pair may not be merged. */
    int NEVER = -1;

    /** The token that the pair becomes, added to the tokens if it is new, or {@link #NEVER}. */
    int merged(int left, int right);
  }

  private static final int REPORT_EVERY = 256;
  private final TokenRow row;
  private final TokenBytes tokens;
  private final long minFrequency;
  private final Rule rule;
  private final PairCounts pairs = new PairCounts();
  private final PairHeap heap;
  private final IntList left = new IntList(1 << 12);
  private final IntList right = new IntList(1 << 12);
  // Pairs that a merge has made more frequent.
  private final IntList grown = new IntList(1 << 10);
  private int step;

  Merging(TokenRow row, TokenBytes tokens, PairHeap.Order order, long minFrequency, Rule rule) {
    this.row = row;
    this.tokens = tokens;
    this.minFrequency = minFrequency;
    this.rule = rule;
    this.heap = new PairHeap(pairs, order);
  }

  /** Left tokens of the merges done, in order. */
  int[] left() {
    return left.toArray();
  }

  /** Right ones. */
  int[] right() {
    return right.toArray();
  }

  /** Merges until there are so many tokens, or no pair is frequent enough. */
  void run(int wanted, TrainingProgress progress) throws InterruptedException {
    countPairs();
    int reported = 0;
    while (tokens.size() < wanted) {
      int pair = heap.poll(minFrequency);
      if (pair < 0) {
        break;
      }
      merge(pair);
      if (tokens.size() >= reported + REPORT_EVERY) {
        reported = tokens.size();
        progress.merging(tokens.size(), wanted);
        if (Thread.interrupted()) {
          throw new InterruptedException("tokenizer training was interrupted");
        }
      }
    }
    progress.merging(tokens.size(), wanted);
  }

  private void countPairs() {
    int place = 1;
    while (place + 1 < row.length()) {
      int a = row.at(place);
      if (a < 0) {
        place++;
        continue;
      }
      int next = row.next(place);
      int b = row.at(next);
      if (b >= 0) {
        int pair = pairs.index(a, b);
        pairs.add(pair, row.count(place));
        pairs.addPlace(pair, place);
      }
      place = next;
    }
    for (int pair = 0; pair < pairs.size(); pair++) {
      heap.push(pair);
    }
  }

  private void merge(int pair) {
    int a = pairs.left(pair);
    int b = pairs.right(pair);
    int merged = rule.merged(a, b);
    if (merged == Rule.NEVER) {
      pairs.setCount(pair, 0);
      pairs.forgetPlaces(pair);
      return;
    }
    if (pairs.becomesMerge(pair)) {
      left.add(a);
      right.add(b);
    }
    step++;
    int[] places = pairs.places(pair);
    int n = pairs.placeCount(pair);
    pairs.forgetPlaces(pair);
    grown.clear();
    for (int i = 0; i < n; i++) {
      int place = places[i];
      if (row.at(place) == a) {
        int next = row.next(place);
        if (row.at(next) == b) {
          replace(place, next, a, b, merged);
        }
      }
    }
    pairs.setCount(pair, 0);
    for (int i = 0; i < grown.size(); i++) {
      if (pairs.count(grown.at(i)) >= minFrequency) {
        heap.push(grown.at(i));
      }
    }
  }

  private void replace(int place, int next, int a, int b, int merged) {
    long count = row.count(place);
    int before = row.previous(place);
    int after = row.next(next);
    row.merge(place, next, merged);
    int l = row.at(before);
    if (l >= 0) {
      pairs.add(pairs.index(l, a), -count);
      grow(pairs.index(l, merged), before, count);
    }
    int r = row.at(after);
    if (r >= 0) {
      pairs.add(pairs.index(b, r), -count);
      grow(pairs.index(merged, r), place, count);
    }
  }

  private void grow(int pair, int place, long count) {
    // One entry in the heap for every pair that a merge makes grow, not for every place.
    if (pairs.mark(pair, step)) {
      grown.add(pair);
    }
    pairs.add(pair, count);
    pairs.addPlace(pair, place);
  }
}
