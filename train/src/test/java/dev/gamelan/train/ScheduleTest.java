package dev.gamelan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.train.Schedule.Decay;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {
  private static final String SEED = "20261123";

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

  @Property(tries = 300, seed = SEED)
  void a_rate_rises_to_the_peak_and_falls_to_the_floor(
      @ForAll Decay decay,
      @ForAll @DoubleRange(min = 0.01, max = 10) double peak,
      @ForAll @IntRange(max = 50) int warmup,
      @ForAll @IntRange(min = 1, max = 200) int rest,
      @ForAll @DoubleRange(min = 0, max = 1) double floor) {
    Schedule schedule = new Schedule(decay, peak, warmup, warmup + rest, floor);
    double before = 0;
    for (int step = 1; step <= warmup + rest; step++) {
      double rate = schedule.rate(step);
      assertThat(rate).isBetween(0.0, peak * (1 + 1e-12));
      if (step <= warmup) {
        assertThat(rate).isGreaterThan(before);
      } else {
        assertThat(rate).isGreaterThanOrEqualTo(peak * floor * (1 - 1e-9));
        assertThat(rate).isLessThanOrEqualTo(step == warmup + 1 ? peak : before + 1e-15);
      }
      before = rate;
    }
    double last = decay == Decay.CONSTANT ? peak : peak * floor;
    assertThat(before).isCloseTo(last, within(1e-9 * peak));
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
