package dev.gamelan.tensor.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class CounterRandomTest {
  /** Known answers of Philox4x32-10 from the Random123 distribution (kat_vectors). */
  @Test
  void the_bits_are_those_of_the_published_philox_vectors() {
    assertThat(new CounterRandom(0, 0).bits(0)).isEqualTo(0x6627e8d5_e169c58dL);
    assertThat(new CounterRandom(-1, -1).bits(-1)).isEqualTo(0x408f276d_41c83b0eL);
    assertThat(
            new CounterRandom(0x299f31d0_a4093822L, 0x03707344_13198a2eL)
                .bits(0x85a308d3_243f6a88L))
        .isEqualTo(0xd16cfe09_94fdccebL);
  }

  @Property
  void a_draw_below_a_bound_lies_in_its_range(
      @ForAll @LongRange(min = 1) long bound, @ForAll long seed, @ForAll long index) {
    assertThat(new CounterRandom(seed, 3).below(bound, index)).isBetween(0L, bound - 1);
  }

  @Test
  void normals_have_mean_zero_and_variance_one() {
    CounterRandom random = new CounterRandom(7, 1);
    double sum = 0;
    double squares = 0;
    int n = 100_000;
    for (int i = 0; i < n; i++) {
      double x = random.normal(i);
      sum += x;
      squares += x * x;
    }
    assertThat(sum / n).isCloseTo(0, within(0.015));
    assertThat(squares / n).isCloseTo(1, within(0.02));
  }

  @Test
  void streams_and_seeds_differ() {
    assertThat(new CounterRandom(1, 1).bits(5)).isNotEqualTo(new CounterRandom(1, 2).bits(5));
    assertThat(new CounterRandom(1, 1).bits(5)).isNotEqualTo(new CounterRandom(2, 1).bits(5));
    assertThat(new CounterRandom(1, 1).child(1)).isNotEqualTo(new CounterRandom(1, 1).child(2));
  }

  @Test
  void an_impossible_bound_is_an_error_that_names_it() {
    assertThatThrownBy(() -> new CounterRandom(1, 1).below(0, 0))
        .hasMessageContaining("bound is 0");
  }
}
