package dev.gamelan.data.shard;

import dev.gamelan.data.permute.Permutation;
import java.util.Arrays;

/**
 * Training and validation tokens of a dataset: disjoint, together everything, each in the dataset's
 * order.
 *
 * <p>Documents are visited in an order drawn by the seed and taken for validation while they fit
 * into its share of the tokens, until 99% of the share is reached. Where none fits (one long text),
 * the tail of the first one drawn is taken instead, so that there is always something to validate
 * on.
 */
public record Split(TokenView training, TokenView validation) {
  private static final long STREAM = 0x53504C4954L;

  static Split of(TokenDataset dataset, double fraction, long seed) {
    if (!(fraction > 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "split: the validation fraction is %s; it must be in (0, 1)".formatted(fraction));
    }
    long share = (long) (dataset.tokens() * fraction);
    if (share < 1) {
      throw new IllegalArgumentException(
          "split: %s of %d tokens is less than one token; give more text or a larger fraction"
              .formatted(fraction, dataset.tokens()));
    }
    long[] runs = runs(dataset, share, new Permutation(dataset.documents(), seed, STREAM));
    return new Split(
        new TokenView(dataset, complement(runs, dataset.tokens())), new TokenView(dataset, runs));
  }

  /** The validation runs [from, to), in order, adjacent ones joined. */
  private static long[] runs(TokenDataset dataset, long share, Permutation order) {
    long[] chosen = new long[16];
    int n = 0;
    long left = share;
    for (long i = 0; i < order.size() && left > share / 100; i++) {
      long document = order.apply(i);
      long length = dataset.start(document + 1) - dataset.start(document);
      if (length <= left) {
        if (n == chosen.length) {
          chosen = Arrays.copyOf(chosen, 2 * n);
        }
        chosen[n++] = document;
        left -= length;
      }
    }
    if (n == 0) {
      long end = dataset.start(order.apply(0) + 1);
      return new long[] {end - share, end};
    }
    Arrays.sort(chosen, 0, n);
    long[] runs = new long[2 * n];
    int r = 0;
    for (int i = 0; i < n; i++) {
      long from = dataset.start(chosen[i]);
      long to = dataset.start(chosen[i] + 1);
      if (r > 0 && runs[r - 1] == from) {
        runs[r - 1] = to;
      } else {
        runs[r++] = from;
        runs[r++] = to;
      }
    }
    return Arrays.copyOf(runs, r);
  }

  private static long[] complement(long[] runs, long tokens) {
    long[] rest = new long[runs.length + 2];
    int r = 0;
    long at = 0;
    for (int i = 0; i <= runs.length; i += 2) {
      long end = i < runs.length ? runs[i] : tokens;
      if (end > at) {
        rest[r++] = at;
        rest[r++] = end;
      }
      at = i < runs.length ? runs[i + 1] : tokens;
    }
    return Arrays.copyOf(rest, r);
  }
}
