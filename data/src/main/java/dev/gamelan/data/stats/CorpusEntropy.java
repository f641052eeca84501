package dev.gamelan.data.stats;

import dev.gamelan.data.shard.TokenView;
import java.lang.foreign.MemorySegment;

/**
 * How well counting alone predicts a corpus, in nats a token: what a language model must get below
 * to have learnt anything.
 *
 * <p>With c(a) the training count of token a, c(a,b) that of the adjacent pair, V the vocabulary:
 *
 * <ul>
 *   <li>{@code unigramTraining} = −Σ p ln p with p = c(a)/N;
 *   <li>{@code bigramTraining} = H(next | previous) of the training pairs, by maximum likelihood;
 *       it flatters itself on a small corpus;
 *   <li>{@code unigramValidation} = cross-entropy of the validation tokens under add-one smoothing,
 *       u(a) = (c(a) + 1) / (N + V);
 *   <li>{@code bigramValidation} = cross-entropy of the validation pairs under interpolated
 *       absolute discounting (Ney, Essen and Kneser, "On structuring probabilistic dependences in
 *       stochastic language modelling", 1994) with d = {@value #DISCOUNT}: p(b|a) = (max(c(a,b) −
 *       d, 0) + d·t(a)·u(b)) / c(a·), where t(a) is the number of different followers of a and
 *       c(a·) that of its pairs; u(b) where a never had a follower.
 * </ul>
 *
 * <p>Pairs reach over the ends of documents, as training sequences do.
 *
 * @param unigramTraining nats a token
 * @param bigramTraining nats a token
 * @param unigramValidation nats a token
 * @param bigramValidation nats a token
 * @param trainingTokens counted
 * @param validationTokens counted
 * @param distinctTokens of the vocabulary that occur in training
 * @param distinctPairs that occur in training
 * @param passes over the tokens that the memory allowed made necessary
 */
public record CorpusEntropy(
    double unigramTraining,
    double bigramTraining,
    double unigramValidation,
    double bigramValidation,
    long trainingTokens,
    long validationTokens,
    int distinctTokens,
    long distinctPairs,
    int passes) {
  static final double DISCOUNT = 0.75;
  private static final int CHUNK = 1 << 16;
  private static final int SLOT_BYTES = 16;
  private static final long MINIMUM_BYTES = 1 << 16;

  /** 256 MB for the pair table. */
  public static CorpusEntropy measure(TokenView training, TokenView validation) {
    return measure(training, validation, 256L << 20);
  }

  /**
   * Measures with a bounded table of pairs: where the pairs are more than fit, they are counted in
   * several passes, each for some of the previous tokens. The figures stay exact.
   *
   * @param pairBytes memory for the pair table, at least 64 KiB; beside it stand 20 bytes for each
   *     id of the vocabulary
   * @throws IllegalArgumentException if either part has fewer than 2 tokens, or the memory is too
   *     little for the followers of a single token
   */
  public static CorpusEntropy measure(TokenView training, TokenView validation, long pairBytes) {
    if (training.tokens() < 2 || validation.tokens() < 2) {
      throw new IllegalArgumentException(
          "corpus entropy: %d training and %d validation tokens; both need at least 2"
              .formatted(training.tokens(), validation.tokens()));
    }
    if (pairBytes < MINIMUM_BYTES) {
      throw new IllegalArgumentException(
          "corpus entropy: %d bytes for pairs; give at least %d"
              .formatted(pairBytes, MINIMUM_BYTES));
    }
    return new Counting(training, validation, pairBytes).run();
  }

  /** Sees tokens in order; {@code previous} is −1 at the first. */
  private interface Visitor {
    boolean pair(int previous, int next);
  }

  private static boolean visit(TokenView view, Visitor visitor) {
    int[] chunk = new int[CHUNK];
    MemorySegment target = MemorySegment.ofArray(chunk);
    int previous = -1;
    for (long at = 0; at < view.tokens(); at += CHUNK) {
      int n = (int) Math.min(CHUNK, view.tokens() - at);
      view.copy(at, n, target, 0);
      for (int i = 0; i < n; i++) {
        if (!visitor.pair(previous, chunk[i])) {
          return false;
        }
        previous = chunk[i];
      }
    }
    return true;
  }

  private static final class Counting {
    private final TokenView training;
    private final TokenView validation;
    private final long[] unigrams;
    private final long[] followed;
    private final int[] followers;
    private final PairCounts pairs;
    private final long needed;
    private Sum bigramTraining = new Sum();
    private Sum bigramValidation = new Sum();
    private long distinctPairs;

    Counting(TokenView training, TokenView validation, long pairBytes) {
      this.training = training;
      this.validation = validation;
      int vocabulary = training.dataset().manifest().vocabularySize();
      unigrams = new long[vocabulary];
      followed = new long[vocabulary];
      followers = new int[vocabulary];
      // No more slots than twice the pairs there can be, and within the memory allowed.
      long possible = Long.highestOneBit(Math.max(2 * training.tokens(), 1024)) * 2;
      long allowed = Long.highestOneBit(pairBytes / SLOT_BYTES);
      needed = Math.min(Math.min(possible, allowed), 1 << 30);
      pairs = new PairCounts((int) needed);
    }

    CorpusEntropy run() {
      visit(
          training,
          (previous, next) -> {
            unigrams[next]++;
            if (previous >= 0) {
              followed[previous]++;
            }
            return true;
          });
      int parts = 1;
      int passes = 1;
      int part = 0;
      // A part that doesn't fit is halved, and with it all that remain: residues modulo `parts`.
      while (part < parts) {
        passes++;
        if (count(part, parts)) {
          finish(part, parts);
          part++;
        } else {
          if (parts >= unigrams.length) {
            throw new IllegalArgumentException(
                "corpus entropy: the followers of one token don't fit %d slots; give more memory"
                    .formatted(needed));
          }
          parts *= 2;
          part = 0;
          bigramTraining = new Sum();
          bigramValidation = new Sum();
          distinctPairs = 0;
          java.util.Arrays.fill(followers, 0);
        }
      }
      return new CorpusEntropy(
          unigramTraining(),
          bigramTraining.value() / (training.tokens() - 1),
          unigramValidation(),
          bigramValidation.value() / (validation.tokens() - 1),
          training.tokens(),
          validation.tokens(),
          (int) java.util.Arrays.stream(unigrams).filter(c -> c > 0).count(),
          distinctPairs,
          passes);
    }

    private boolean count(int part, int parts) {
      pairs.clear();
      int bits = parts - 1;
      return visit(
          training,
          (previous, next) ->
              previous < 0 || (previous & bits) != part || pairs.add(previous, next));
    }

    private void finish(int part, int parts) {
      int bits = parts - 1;
      for (int slot = 0; slot < pairs.slots(); slot++) {
        if (pairs.occupied(slot)) {
          long c = pairs.countAt(slot);
          int previous = pairs.previous(slot);
          bigramTraining.add(-c * StrictMath.log((double) c / followed[previous]));
          followers[previous]++;
        }
      }
      distinctPairs += pairs.size();
      visit(
          validation,
          (previous, next) -> {
            if (previous >= 0 && (previous & bits) == part) {
              bigramValidation.add(-StrictMath.log(bigram(previous, next)));
            }
            return true;
          });
    }

    private double bigram(int previous, int next) {
      double unigram = unigram(next);
      if (followed[previous] == 0) {
        return unigram;
      }
      double discounted = Math.max(pairs.count(previous, next) - DISCOUNT, 0);
      return (discounted + DISCOUNT * followers[previous] * unigram) / followed[previous];
    }

    private double unigram(int token) {
      return (unigrams[token] + 1.0) / (training.tokens() + (double) unigrams.length);
    }

    private double unigramTraining() {
      Sum sum = new Sum();
      for (long c : unigrams) {
        if (c > 0) {
          sum.add(-c * StrictMath.log((double) c / training.tokens()));
        }
      }
      return sum.value() / training.tokens();
    }

    private double unigramValidation() {
      long[] seen = new long[unigrams.length];
      visit(
          validation,
          (previous, next) -> {
            seen[next]++;
            return true;
          });
      Sum sum = new Sum();
      for (int token = 0; token < seen.length; token++) {
        sum.add(-seen[token] * StrictMath.log(unigram(token)));
      }
      return sum.value() / validation.tokens();
    }
  }
}
