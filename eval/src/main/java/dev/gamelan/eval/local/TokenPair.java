package dev.gamelan.eval.local;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tokens before and tokens to score.
 *
 * @param continuation at least one
 */
record TokenPair(int[] context, int[] continuation) {
  /**
   * What the model reads: both without the last token, which is only predicted, cut on the left to
   * the model's length.
   *
   * @throws IllegalArgumentException if the continuation alone is longer
   */
  int[] input(int maxLength) {
    if (continuation.length > maxLength) {
      throw new IllegalArgumentException(
          "eval: a continuation has %d tokens, the model's length is %d; it can't be scored"
              .formatted(continuation.length, maxLength));
    }
    int[] all = Arrays.copyOf(context, context.length + continuation.length);
    System.arraycopy(continuation, 0, all, context.length, continuation.length);
    int from = Math.max(0, all.length - (maxLength + 1));
    return Arrays.copyOfRange(all, from, all.length - 1);
  }

  /**
   * Cuts a text into windows that don't overlap: each token is predicted once, the first of a
   * window after the one before it, the very first after {@code prefix}.
   */
  static List<TokenPair> windows(int[] tokens, int prefix, int maxLength) {
    List<TokenPair> windows = new ArrayList<>();
    int n = tokens.length;
    int first = Math.min(maxLength, n);
    if (n == 0) {
      return windows;
    }
    windows.add(new TokenPair(new int[] {prefix}, Arrays.copyOf(tokens, first)));
    for (int at = first; at < n; ) {
      int end = Math.min(n, at + maxLength);
      // The last window begins early enough to be full, but scores only what is left.
      int[] context = Arrays.copyOfRange(tokens, end - maxLength - 1, at);
      windows.add(new TokenPair(context, Arrays.copyOfRange(tokens, at, end)));
      at = end;
    }
    return windows;
  }
}
