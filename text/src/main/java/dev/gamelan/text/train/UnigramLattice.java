package dev.gamelan.text.train;

import dev.gamelan.text.unicode.ByteTrie;
import java.util.Arrays;

/**
 * All ways to cut a word into tokens. Sums of probabilities are kept as a number and an exponent of
 * {@link #STEP} each, so that words of any length neither underflow nor need logarithms. For one
 * thread at a time.
 */
final class UnigramLattice {
  private static final double STEP = 0x1p256;
  private static final double LOG_STEP = 256 * Math.log(2);
  private final ByteTrie trie;
  private final double[] scores;
  private final double[] probabilities;

  // Tokens found in a word: from, to, id.
  private int[] edgeFrom = new int[256];
  private int[] edgeTo = new int[256];
  private int[] edgeId = new int[256];
  private int edges;
  private double[] forward = new double[64];
  private int[] forwardExponent = new int[64];
  private double[] backward = new double[64];
  private int[] backwardExponent = new int[64];
  private double[] best = new double[64];
  private int[] bestEdge = new int[64];

  /**
   * @param trie tokens' bytes and ids
   * @param scores log-probabilities by id
   * @param probabilities their exponentials
   */
  UnigramLattice(ByteTrie trie, double[] scores, double[] probabilities) {
    this.trie = trie;
    this.scores = scores;
    this.probabilities = probabilities;
  }

  private void edges(byte[] text, int from, int to) {
    int n = to - from;
    if (forward.length <= n) {
      int size = Math.max(n + 1, 2 * forward.length);
      forward = new double[size];
      forwardExponent = new int[size];
      backward = new double[size];
      backwardExponent = new int[size];
      best = new double[size];
      bestEdge = new int[size];
    }
    edges = 0;
    for (int start = 0; start < n; start++) {
      int node = ByteTrie.ROOT;
      for (int p = start; p < n; p++) {
        node = trie.child(node, text[from + p]);
        if (node == ByteTrie.NONE) {
          break;
        }
        int id = trie.value(node);
        if (id != ByteTrie.NONE) {
          add(start, p + 1, id);
        }
      }
    }
  }

  private void add(int from, int to, int id) {
    if (edges == edgeFrom.length) {
      edgeFrom = Arrays.copyOf(edgeFrom, 2 * edges);
      edgeTo = Arrays.copyOf(edgeTo, 2 * edges);
      edgeId = Arrays.copyOf(edgeId, 2 * edges);
    }
    edgeFrom[edges] = from;
    edgeTo[edges] = to;
    edgeId[edges++] = id;
  }

  /**
   * Adds to {@code expected} how often each token is expected in a word, times {@code weight}; the
   * logarithm of the word's probability.
   */
  double expect(byte[] text, int from, int to, double weight, double[] expected) {
    edges(text, from, to);
    int n = to - from;
    Arrays.fill(forward, 0, n + 1, 0);
    Arrays.fill(backward, 0, n + 1, 0);
    Arrays.fill(forwardExponent, 0, n + 1, 0);
    Arrays.fill(backwardExponent, 0, n + 1, 0);
    forward[0] = 1;
    for (int e = 0; e < edges; e++) {
      sum(forward, forwardExponent, edgeFrom[e], edgeTo[e], probabilities[edgeId[e]]);
    }
    backward[n] = 1;
    for (int e = edges - 1; e >= 0; e--) {
      sum(backward, backwardExponent, edgeTo[e], edgeFrom[e], probabilities[edgeId[e]]);
    }
    double total = forward[n];
    for (int e = 0; e < edges; e++) {
      int a = edgeFrom[e];
      int b = edgeTo[e];
      int exponent = forwardExponent[a] + backwardExponent[b] - forwardExponent[n];
      double share = forward[a] / total * probabilities[edgeId[e]] * backward[b];
      if (exponent != 0) {
        share = exponent < -3 ? 0 : Math.scalb(share, 256 * exponent);
      }
      expected[edgeId[e]] += weight * share;
    }
    return Math.log(total) + forwardExponent[n] * LOG_STEP;
  }

  // Adds what stands at one place, times a probability, to another.
  private static void sum(double[] values, int[] exponents, int a, int b, double probability) {
    double value = values[a];
    int exponent = exponents[a];
    if (value == 0) {
      return;
    }
    if (value < 1 / STEP) {
      value *= STEP;
      exponent--;
      values[a] = value;
      exponents[a] = exponent;
    }
    value *= probability;
    if (values[b] == 0) {
      values[b] = value;
      exponents[b] = exponent;
    } else if (exponents[b] == exponent) {
      values[b] += value;
    } else if (exponents[b] < exponent) {
      values[b] = value + values[b] * down(exponent - exponents[b]);
      exponents[b] = exponent;
    } else {
      values[b] += value * down(exponents[b] - exponent);
    }
  }

  private static double down(int exponents) {
    return exponents > 3 ? 0 : Math.scalb(1.0, -256 * exponents);
  }

  /** The best way's tokens, written to {@code out}; how many they are. */
  int best(byte[] text, int from, int to, int[] out) {
    return best(text, from, to, ByteTrie.NONE, out);
  }

  /**
   * The best way's tokens without one token; 0 if there is no way without it. Its score is {@link
   * #score}.
   */
  int best(byte[] text, int from, int to, int without, int[] out) {
    edges(text, from, to);
    int n = to - from;
    Arrays.fill(bestEdge, 0, n + 1, -1);
    best[0] = 0;
    for (int e = 0; e < edges; e++) {
      int a = edgeFrom[e];
      int b = edgeTo[e];
      if (edgeId[e] == without || a > 0 && bestEdge[a] < 0) {
        continue;
      }
      double score = best[a] + scores[edgeId[e]];
      if (bestEdge[b] < 0 || score > best[b]) {
        best[b] = score;
        bestEdge[b] = e;
      }
    }
    int count = 0;
    for (int b = n; b > 0; b = edgeFrom[bestEdge[b]]) {
      if (bestEdge[b] < 0) {
        return 0;
      }
      out[count++] = edgeId[bestEdge[b]];
    }
    return count;
  }

  /** The score of the way found last, for a word of so many bytes. */
  double score(int length) {
    return best[length];
  }
}
