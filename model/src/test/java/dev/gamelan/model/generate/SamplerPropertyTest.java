package dev.gamelan.model.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.random.CounterRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class SamplerPropertyTest {
  private static final String SEED = "20261123";

  private static Sampling sampling(
      double temperature, int topK, double topP, double minP, double penalty, long seed) {
    return new Sampling(10, temperature, topK, topP, minP, penalty, seed, List.of());
  }

  private static Tensor row(float... logits) {
    return Tensor.copyOf(logits, 1, logits.length);
  }

  @Property(tries = 300, seed = SEED)
  void a_draw_is_a_function_of_seed_and_position(
      @ForAll long seed, @ForAll @IntRange(max = 1000) int position) {
    float[] logits = logits(60, 1);
    Sampler fresh = new Sampler(sampling(1, 0, 0.9, 0, 1, seed));
    Sampler used = new Sampler(sampling(1, 0, 0.9, 0, 1, seed));
    for (int i = 0; i < 3; i++) {
      used.next(row(logits(60, i)), i);
    }

    assertThat(used.next(row(logits), position)).isEqualTo(fresh.next(row(logits), position));
  }

  private static float[] logits(int n, long seed) {
    CounterRandom random = new CounterRandom(seed, 9);
    float[] logits = new float[n];
    for (int i = 0; i < n; i++) {
      // Coarse, so that equals occur; now and then far away, so that the tail matters.
      logits[i] = Math.round(4 * random.normal(i)) / 2f - (random.below(10, i) == 0 ? 15 : 0);
    }
    return logits;
  }

  @Property(tries = 600, seed = SEED)
  void every_draw_comes_from_the_tokens_that_the_plain_definition_keeps(
      @ForAll @IntRange(min = 1, max = 80) int n,
      @ForAll long seed,
      @ForAll @IntRange(max = 12) int topK,
      @ForAll @DoubleRange(min = 0.05, max = 1) double topP,
      @ForAll @DoubleRange(min = 0, max = 0.9) double minP,
      @ForAll @DoubleRange(min = 0.2, max = 3) double temperature) {
    float[] logits = logits(n, seed);
    List<Integer> kept = keptByDefinition(logits, temperature, topK, topP, minP);
    Sampler sampler = new Sampler(sampling(temperature, topK, topP, minP, 1, seed));

    for (int position = 0; position < 8; position++) {
      assertThat(kept).contains(sampler.next(row(logits), position));
    }
  }

  @Property(tries = 25, seed = SEED)
  void every_token_that_the_plain_definition_keeps_is_drawn_as_often_as_it_is_likely(
      @ForAll long seed,
      @ForAll @IntRange(max = 6) int topK,
      @ForAll @DoubleRange(min = 0.3, max = 1) double topP,
      @ForAll @DoubleRange(min = 0, max = 0.3) double minP) {
    float[] logits = logits(12, seed);
    List<Integer> kept = keptByDefinition(logits, 1.3, topK, topP, minP);
    double total = 0;
    for (int token : kept) {
      total += Math.exp(logits[token] / 1.3);
    }
    Sampler sampler = new Sampler(sampling(1.3, topK, topP, minP, 1, seed));
    int draws = 4000;
    int[] counts = new int[12];
    for (int position = 0; position < draws; position++) {
      counts[sampler.next(row(logits), position)]++;
    }

    Set<Integer> seen = new HashSet<>();
    for (int token : kept) {
      double p = Math.exp(logits[token] / 1.3) / total;
      seen.add(token);
      assertThat((double) counts[token] / draws)
          .as("token %d of likelihood %s", token, p)
          .isBetween(
              p - 5 * Math.sqrt(p * (1 - p) / draws) - 1e-3,
              p + 5 * Math.sqrt(p * (1 - p) / draws) + 1e-3);
    }
    for (int token = 0; token < 12; token++) {
      assertThat(counts[token] == 0 || seen.contains(token)).isTrue();
    }
  }

  /** Temperature, top-k, top-p, min-p, each on what the one before left, as transformers does. */
  private static List<Integer> keptByDefinition(
      float[] logits, double temperature, int topK, double topP, double minP) {
    List<Integer> order = new ArrayList<>();
    double[] p = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      order.add(i);
      p[i] = Math.exp(logits[i] / temperature);
    }
    order.sort(Comparator.<Integer>comparingDouble(i -> -p[i]).thenComparing(i -> i));
    List<Integer> kept =
        new ArrayList<>(topK == 0 ? order : order.subList(0, Math.min(topK, order.size())));
    double total = kept.stream().mapToDouble(i -> p[i]).sum();
    double sum = 0;
    int n = 0;
    while (n < kept.size() && (n == 0 || sum < topP * total * (1 - 1e-9))) {
      sum += p[kept.get(n++)];
    }
    kept = new ArrayList<>(kept.subList(0, n));
    double floor = minP * p[order.getFirst()] * (1 - 1e-6);
    kept.removeIf(i -> p[i] < floor);
    return kept;
  }
}
