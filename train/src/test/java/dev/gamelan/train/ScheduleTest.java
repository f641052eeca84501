package dev.gamelan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.train.Schedule.Decay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {
  @Test
  void pythia_s_rates_are_those_of_its_formula() {
    Schedule pythia = new Schedule(Decay.COSINE, 1e-3, 1430, 143000, 0.1);

    assertThat(pythia.rate(1)).isEqualTo(1e-3 / 1430);
    assertThat(pythia.rate(715)).isEqualTo(5e-4);
    assertThat(pythia.rate(1430)).isEqualTo(1e-3);
    assertThat(pythia.rate(1430 + (143000 - 1430) / 2)).isCloseTo(5.5e-4, within(1e-12));
    assertThat(pythia.rate(143000)).isCloseTo(1e-4, within(1e-15));
  }

  @Test
  void a_linear_fall_is_straight_and_a_constant_rate_stays() {
    Schedule linear = new Schedule(Decay.LINEAR, 1, 0, 10, 0.5);
    for (int step = 1; step <= 10; step++) {
      assertThat(linear.rate(step)).isCloseTo(1 - 0.05 * step, within(1e-12));
      assertThat(new Schedule(Decay.CONSTANT, 1, 0, 10, 0.5).rate(step)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 10, 0.1, learning_rate",
    "-1, 1, 10, 0.1, learning_rate",
    "NaN, 1, 10, 0.1, learning_rate",
    "Infinity, 1, 10, 0.1, learning_rate",
    "1, -1, 10, 0.1, warm-up",
    "1, 11, 10, 0.1, warm-up",
    "1, 0, 0, 0.1, at least one step",
    "1, 1, 10, -0.1, floor",
    "1, 1, 10, 1.1, floor",
    "1, 1, 10, NaN, floor"
  })
  void impossible_schedules_are_refused(
      double peak, long warmup, long steps, double floor, String message) {
    assertThatThrownBy(() -> new Schedule(Decay.COSINE, peak, warmup, steps, floor))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
