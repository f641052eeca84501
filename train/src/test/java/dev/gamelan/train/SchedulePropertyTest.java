package dev.gamelan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.train.Schedule.Decay;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class SchedulePropertyTest {
  private static final String SEED = "20261123";

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
}
