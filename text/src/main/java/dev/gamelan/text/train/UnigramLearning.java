package dev.gamelan.text.train;

import dev.gamelan.text.unicode.ByteTrie;
import dev.gamelan.text.unicode.Utf8;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Learns a unigram model (Kudo, 2018) as SentencePiece does: from many substrings, two steps of
 * expectation and maximization (with the digamma function, which disfavours rare tokens), then
 * pruning of those whose loss would matter least, again and again. Characters always stay.
 */
final class UnigramLearning {
  // The words are cut into so many parts, whose sums are added in order: the result doesn't depend
  // on the number of threads.
  private static final int PARTS = 8;
  private static final int STEPS = 2;
  private static final double SHRINKING = 0.75;
  private static final double SPARE = 1.1;
  private static final double LEAST_EXPECTED = 0.5;
  private static final double UNUSED_PENALTY = 10;

  private final WordCounts words;
  private final PieceAlphabet alphabet;
  private final int wanted;
  private final PieceTrainingOptions options;
  private final TrainingProgress progress;
  private final int characters;
  // The characters, then other tokens.
  private byte[][] names;
  private double[] scores;
  private ExecutorService pool;

  /** A token learnt. */
  record Piece(String name, double score) {}

  UnigramLearning(
      WordCounts words,
      PieceAlphabet alphabet,
      int wanted,
      PieceTrainingOptions options,
      TrainingProgress progress) {
    this.words = words;
    this.alphabet = alphabet;
    this.wanted = wanted;
    this.options = options;
    this.progress = progress;
    this.characters = alphabet.characters().size();
  }

  /** The tokens, the most probable first. */
  List<Piece> learn() throws InterruptedException {
    seed();
    int target = Math.max((int) (wanted * SPARE), characters);
    try (ExecutorService threads = Executors.newFixedThreadPool(options.threads())) {
      pool = threads;
      try {
        while (true) {
          for (int step = 0; step < STEPS; step++) {
            maximize(expected());
          }
          progress.pruning(names.length, target);
          int before = names.length;
          if (used() <= target) {
            break;
          }
          prune(target);
          if (names.length == before) {
            break;
          }
        }
      } finally {
        threads.shutdownNow();
      }
    }
    return chosen();
  }

  private void seed() throws InterruptedException {
    List<UnigramSeeds.Seed> seeds = new UnigramSeeds(words, options).find();
    int n = characters + seeds.size();
    names = new byte[n][];
    scores = new double[n];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      if (i < characters) {
        int c = alphabet.characters().get(i);
        names[i] = Utf8.encode(Character.toString(c));
        scores[i] = alphabet.count(c);
      } else {
        UnigramSeeds.Seed seed = seeds.get(i - characters);
        names[i] = Utf8.encode(seed.name());
        scores[i] = seed.score();
      }
      sum += scores[i];
    }
    for (int i = 0; i < n; i++) {
      scores[i] = Math.log(scores[i]) - Math.log(sum);
    }
    progress.pruning(n, wanted);
    if (Thread.interrupted()) {
      throw new InterruptedException("tokenizer training was interrupted");
    }
  }

  private interface Part {
    void run(UnigramLattice lattice, int word, byte[] text, int from, int to);
  }

  // Gives every word to the part it belongs to.
  private void forWords(Part[] parts) throws InterruptedException {
    ByteTrie trie = new ByteTrie();
    double[] probabilities = new double[names.length];
    for (int i = 0; i < names.length; i++) {
      trie.put(names[i], i);
      probabilities[i] = Math.exp(scores[i]);
    }
    List<Future<?>> running = new ArrayList<>();
    for (int p = 0; p < parts.length; p++) {
      Part part = parts[p];
      int from = (int) ((long) words.size() * p / parts.length);
      int to = (int) ((long) words.size() * (p + 1) / parts.length);
      running.add(
          pool.submit(
              () -> {
                UnigramLattice lattice = new UnigramLattice(trie, scores, probabilities);
                for (int w = from; w < to && !Thread.currentThread().isInterrupted(); w++) {
                  part.run(lattice, w, words.bytes(), words.start(w), words.end(w));
                }
              }));
    }
    for (Future<?> each : running) {
      try {
        each.get();
      } catch (ExecutionException e) {
        switch (e.getCause()) {
          case RuntimeException cause -> throw cause;
          case Error cause -> throw cause;
          default -> throw new IllegalStateException("tokenizer training: unigram model", e);
        }
      }
    }
  }

  private double[] expected() throws InterruptedException {
    double[][] sums = new double[PARTS][names.length];
    Part[] parts = new Part[PARTS];
    for (int p = 0; p < PARTS; p++) {
      double[] sum = sums[p];
      parts[p] =
          (lattice, w, text, from, to) -> lattice.expect(text, from, to, words.count(w), sum);
    }
    forWords(parts);
    return added(sums);
  }

  private static double[] added(double[][] sums) {
    double[] all = sums[0];
    for (int p = 1; p < sums.length; p++) {
      for (int i = 0; i < all.length; i++) {
        all[i] += sums[p][i];
      }
    }
    return all;
  }

  private void maximize(double[] expected) {
    int[] kept = new int[names.length];
    int n = 0;
    double sum = 0;
    for (int i = 0; i < names.length; i++) {
      boolean enough = expected[i] >= LEAST_EXPECTED;
      if (enough || i < characters) {
        kept[n++] = i;
        sum += enough ? expected[i] : 0;
      }
    }
    double logSum = digamma(sum);
    double least = 0;
    double[] changed = new double[n];
    for (int k = 0; k < n; k++) {
      boolean enough = expected[kept[k]] >= LEAST_EXPECTED;
      changed[k] = enough ? digamma(expected[kept[k]]) - logSum : Double.NaN;
      least = enough ? Math.min(least, changed[k]) : least;
    }
    for (int k = 0; k < n; k++) {
      // A character that hardly any way uses stays possible.
      changed[k] = Double.isNaN(changed[k]) ? least - UNUSED_PENALTY : changed[k];
    }
    keep(Arrays.copyOf(kept, n), changed);
  }

  private void keep(int[] kept, double[] changed) {
    byte[][] left = new byte[kept.length][];
    for (int k = 0; k < kept.length; k++) {
      left[k] = names[kept[k]];
    }
    names = left;
    scores = changed;
  }

  // How many tokens there are, without characters that are kept only to be safe.
  private int used() {
    double least = 0;
    for (int i = characters; i < scores.length; i++) {
      least = Math.min(least, scores[i]);
    }
    int used = 0;
    for (double score : scores) {
      used += score >= least - UNUSED_PENALTY / 2 ? 1 : 0;
    }
    return used;
  }

  private void prune(int target) throws InterruptedException {
    int n = names.length;
    double[][] counts = new double[PARTS][n];
    double[][] containing = new double[PARTS][n];
    Part[] parts = new Part[PARTS];
    for (int p = 0; p < PARTS; p++) {
      double[] count = counts[p];
      double[] contains = containing[p];
      int[] seen = new int[n];
      int[][] out = {new int[256]};
      parts[p] =
          (lattice, w, text, from, to) -> {
            if (out[0].length < to - from) {
              out[0] = new int[2 * (to - from)];
            }
            int length = lattice.best(text, from, to, out[0]);
            for (int i = 0; i < length; i++) {
              int id = out[0][i];
              count[id] += words.count(w);
              if (seen[id] != w + 1) {
                seen[id] = w + 1;
                contains[id] += words.count(w);
              }
            }
          };
    }
    forWords(parts);
    double[] count = added(counts);
    double[] contains = added(containing);
    double sum = Arrays.stream(count).sum();
    double allWords = 0;
    for (int w = 0; w < words.size(); w++) {
      allWords += words.count(w);
    }
    int[][] others = others();
    double logSum = Math.log(sum);
    double[] losses = new double[n];
    List<Integer> candidates = new ArrayList<>();
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      if (i < characters) {
        kept.add(i);
      } else if (others[i].length == 0) {
        // Its own parts are more probable than itself.
        continue;
      } else if (count[i] > 0) {
        double logAfter = Math.log(sum + count[i] * (others[i].length - 1));
        double after = 0;
        for (int id : others[i]) {
          after += Math.log(count[id] + count[i]) - logAfter;
        }
        losses[i] = contains[i] / allWords * (Math.log(count[i]) - logSum - after);
        candidates.add(i);
      } else {
        // Never on a best way, but better than its parts: the first to go.
        losses[i] = Double.NEGATIVE_INFINITY;
        candidates.add(i);
      }
    }
    candidates.sort(
        (a, b) -> {
          int c = Double.compare(losses[b], losses[a]);
          return c != 0 ? c : Integer.compare(a, b);
        });
    int size = Math.max(target, (int) (SHRINKING * n));
    for (int i : candidates) {
      if (kept.size() >= size) {
        break;
      }
      kept.add(i);
    }
    int[] ids = kept.stream().mapToInt(Integer::intValue).sorted().toArray();
    double[] left = new double[ids.length];
    Arrays.setAll(left, k -> scores[ids[k]]);
    keep(ids, left);
  }

  // What each token would be cut into if it weren't there; nothing where that is better anyway.
  private int[][] others() {
    ByteTrie trie = new ByteTrie();
    for (int i = 0; i < names.length; i++) {
      trie.put(names[i], i);
    }
    UnigramLattice lattice = new UnigramLattice(trie, scores, scores);
    int[][] others = new int[names.length][];
    int[] out = new int[4 * options.longestPiece() + 1];
    for (int i = characters; i < names.length; i++) {
      int length = lattice.best(names[i], 0, names[i].length, i, out);
      boolean worse = lattice.score(names[i].length) < scores[i];
      others[i] = worse ? Arrays.copyOf(out, length) : new int[0];
    }
    return others;
  }

  private List<Piece> chosen() {
    List<Integer> order = new ArrayList<>();
    double least = 0;
    for (int i = 0; i < names.length; i++) {
      if (i >= characters) {
        order.add(i);
        least = Math.min(least, scores[i]);
      }
    }
    order.sort(this::byScore);
    List<Piece> chosen = new ArrayList<>();
    for (int i = 0; i < characters; i++) {
      chosen.add(new Piece(Utf8.decode(names[i]), Math.max(scores[i], least - i * 1e-4)));
    }
    for (int i : order) {
      if (chosen.size() < wanted) {
        chosen.add(new Piece(Utf8.decode(names[i]), scores[i]));
      }
    }
    chosen.sort(
        (a, b) -> {
          int c = Double.compare(b.score(), a.score());
          return c != 0 ? c : a.name().compareTo(b.name());
        });
    return chosen;
  }

  private int byScore(int a, int b) {
    int c = Double.compare(scores[b], scores[a]);
    return c != 0 ? c : Arrays.compareUnsigned(names[a], names[b]);
  }

  /** The derivative of the logarithm of the gamma function, for x above 0. */
  static double digamma(double x) {
    double shift = 0;
    for (; x < 7; x++) {
      shift -= 1 / x;
    }
    // Its asymptotic series at x - 1/2.
    double y = x - 0.5;
    double r = 1 / (y * y);
    return shift
        + Math.log(y)
        + r * (1.0 / 24 - r * (7.0 / 960 - r * (31.0 / 8064 - r * 127.0 / 30720)));
  }
}
