package dev.gamelan.data.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.data.shard.Datasets;
import dev.gamelan.data.shard.Split;
import dev.gamelan.data.shard.TokenDataset;
import dev.gamelan.data.shard.TokenView;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusEntropyTest {
  private static final int V = 257;

  @TempDir Path temporary;

  /** p(next | previous) straight from the definition, with hash maps of counts. */
  private static final class Definition {
    private final Map<Integer, Integer> unigrams = new HashMap<>();
    private final Map<Integer, Map<Integer, Integer>> pairs = new HashMap<>();
    private final long n;

    Definition(TokenView view) {
      n = view.tokens();
      for (long i = 0; i < n; i++) {
        unigrams.merge(view.token(i), 1, Integer::sum);
        if (i > 0) {
          pairs
              .computeIfAbsent(view.token(i - 1), a -> new HashMap<>())
              .merge(view.token(i), 1, Integer::sum);
        }
      }
    }

    double unigram(int b) {
      return (unigrams.getOrDefault(b, 0) + 1.0) / (n + V);
    }

    double bigram(int a, int b) {
      Map<Integer, Integer> followers = pairs.getOrDefault(a, Map.of());
      if (followers.isEmpty()) {
        return unigram(b);
      }
      double total = followers.values().stream().mapToInt(c -> c).sum();
      double kept = Math.max(followers.getOrDefault(b, 0) - 0.75, 0);
      return (kept + 0.75 * followers.size() * unigram(b)) / total;
    }
  }

  @Test
  void the_figures_are_those_of_the_definition() {
    try (TokenDataset dataset = Datasets.open(300, 60, 1, temporary.resolve("set"))) {
      Split split = dataset.split(0.2, 1);
      CorpusEntropy measured = CorpusEntropy.measure(split.training(), split.validation());
      Definition definition = new Definition(split.training());
      double h = 0;
      for (int c : definition.unigrams.values()) {
        double p = c / (double) split.training().tokens();
        h -= p * Math.log(p);
      }
      assertThat(measured.unigramTraining()).isCloseTo(h, within(1e-12));
      double conditional = 0;
      long distinct = 0;
      for (Map<Integer, Integer> followers : definition.pairs.values()) {
        double total = followers.values().stream().mapToInt(c -> c).sum();
        distinct += followers.size();
        for (int c : followers.values()) {
          conditional -= c / (split.training().tokens() - 1.0) * Math.log(c / total);
        }
      }
      assertThat(measured.bigramTraining()).isCloseTo(conditional, within(1e-12));
      assertThat(measured.distinctPairs()).isEqualTo(distinct);
      TokenView validation = split.validation();
      double unigram = -Math.log(definition.unigram(validation.token(0)));
      double bigram = 0;
      for (long i = 1; i < validation.tokens(); i++) {
        unigram -= Math.log(definition.unigram(validation.token(i)));
        bigram -= Math.log(definition.bigram(validation.token(i - 1), validation.token(i)));
      }
      assertThat(measured.unigramValidation())
          .isCloseTo(unigram / validation.tokens(), within(1e-12));
      assertThat(measured.bigramValidation())
          .isCloseTo(bigram / (validation.tokens() - 1), within(1e-12));
      for (int a : new int[] {'a', 256, 0}) {
        double sum = 0;
        for (int b = 0; b < V; b++) {
          sum += definition.bigram(a, b);
        }
        assertThat(sum).isCloseTo(1, within(1e-12));
      }
    }
  }

  @Test
  void a_text_that_repeats_has_no_bigram_entropy() {
    try (TokenDataset dataset = Datasets.of(temporary.resolve("set"), "abcd".repeat(5000))) {
      CorpusEntropy measured = CorpusEntropy.measure(dataset.all(), dataset.all());
      assertThat(measured.unigramTraining()).isCloseTo(Math.log(4), within(1e-2));
      assertThat(measured.bigramTraining()).isLessThan(1e-2);
    }
  }

  @Test
  void little_memory_needs_more_passes_and_gives_the_same_figures() {
    // 26 letters and the separator: some 700 pairs; 64 KiB hold 4096 slots, so make more pairs.
    StringBuilder text = new StringBuilder();
    for (int a = 0; a < 120; a++) {
      for (int b = 0; b < 120; b++) {
        text.append((char) (1 + a)).append((char) (1 + b));
      }
    }
    try (TokenDataset dataset = Datasets.of(temporary.resolve("set"), text.toString())) {
      CorpusEntropy large = CorpusEntropy.measure(dataset.all(), dataset.all());
      CorpusEntropy small = CorpusEntropy.measure(dataset.all(), dataset.all(), 1 << 16);
      assertThat(large.passes()).isEqualTo(2);
      assertThat(small.passes()).isGreaterThan(5);
      assertThat(small.distinctPairs()).isEqualTo(large.distinctPairs()).isGreaterThan(14_000);
      assertThat(small.bigramTraining()).isCloseTo(large.bigramTraining(), within(1e-12));
      assertThat(small.bigramValidation()).isCloseTo(large.bigramValidation(), within(1e-12));
      assertThat(CorpusEntropy.measure(dataset.all(), dataset.all(), 1 << 16)).isEqualTo(small);
    }
  }

  @Test
  void too_little_to_count_is_an_error() {
    try (TokenDataset dataset = Datasets.of(temporary.resolve("set"), "ab")) {
      TokenView one = dataset.split(0.4, 1).validation();
      assertThatThrownBy(() -> CorpusEntropy.measure(dataset.all(), one))
          .hasMessageContaining("at least 2");
      assertThatThrownBy(() -> CorpusEntropy.measure(dataset.all(), dataset.all(), 100))
          .hasMessageContaining("at least 65536");
    }
  }
}
