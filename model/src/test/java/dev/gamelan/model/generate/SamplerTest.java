package dev.gamelan.model.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.random.CounterRandom;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplerTest {
  private static Sampling sampling(
      double temperature, int topK, double topP, double minP, double penalty, long seed) {
    return new Sampling(10, temperature, topK, topP, minP, penalty, seed, List.of());
  }

  private static Tensor row(float... logits) {
    return Tensor.copyOf(logits, 1, logits.length);
  }

  @Test
  void greedy_takes_the_likeliest_and_among_equals_the_lowest_id() {
    Sampler sampler = new Sampler(Sampling.greedy(1));

    assertThat(sampler.next(row(1, 3, 2, 3), 0)).isEqualTo(1);
    assertThat(sampler.next(row(-5, -5, -5), 1)).isZero();
    assertThat(sampler.next(row(Float.NEGATIVE_INFINITY, -3e38f), 2)).isEqualTo(1);
  }

  @Test
  void a_penalty_divides_positive_and_multiplies_negative_logits_of_what_occurred() {
    Sampler sampler = new Sampler(sampling(0, 0, 1, 0, 2, 1));
    sampler.saw(0);
    assertThat(sampler.next(row(3, 2, 1), 0)).isEqualTo(1);

    Sampler negative = new Sampler(sampling(0, 0, 1, 0, 2, 1));
    negative.saw(0);
    assertThat(negative.next(row(-1, -1.5f, -3), 0)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"0", "1"})
  void a_logit_that_is_no_number_or_infinite_is_an_error(double temperature) {
    Sampler sampler = new Sampler(sampling(temperature, 0, 1, 0, 1, 1));

    for (int place = 0; place < 3; place++) {
      for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
        float[] logits = {1, 2, 3};
        logits[place] = bad;
        assertThatThrownBy(() -> sampler.next(row(logits), 0))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("token " + place)
            .hasMessageContaining("diverged");
      }
    }
    float none = Float.NEGATIVE_INFINITY;
    assertThatThrownBy(() -> sampler.next(row(none, none), 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("diverged");
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

  @ParameterizedTest
  @CsvSource({
    "0, 1, 0, 1, 0, 1, max tokens",
    "1, -1, 0, 1, 0, 1, temperature",
    "1, NaN, 0, 1, 0, 1, temperature",
    "1, 1, -1, 1, 0, 1, top-k",
    "1, 1, 0, 0, 0, 1, top-p",
    "1, 1, 0, 1.1, 0, 1, top-p",
    "1, 1, 0, NaN, 0, 1, top-p",
    "1, 1, 0, 1, -0.1, 1, min-p",
    "1, 1, 0, 1, 2, 1, min-p",
    "1, 1, 0, 1, 0, 0, repetition penalty",
    "1, 1, 0, 1, 0, NaN, repetition penalty"
  })
  void settings_out_of_range_are_named(
      int max, double temperature, int k, double p, double minP, double penalty, String name) {
    assertThatThrownBy(() -> new Sampling(max, temperature, k, p, minP, penalty, 0, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name);
  }

  @Test
  void an_empty_stop_string_is_refused() {
    assertThatThrownBy(() -> new Sampling(1, 0, 0, 1, 0, 1, 0, List.of("x", "")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("stop string is empty");
  }
}
