package dev.gamelan.app.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

final class TicksTest {
  @Test
  void linear_ticks_are_round_values_within_the_range() {
    Ticks ticks = Ticks.of(Axis.Scale.LINEAR, 0.3, 9.7, 5);
    assertThat(ticks.labels()).containsExactly("2", "4", "6", "8");
    assertThat(Ticks.of(Axis.Scale.LINEAR, 0, 0.001, 4).labels())
        .containsExactly("0", "0.00025", "0.00050", "0.00075", "0.00100");
    assertThat(Ticks.of(Axis.Scale.LINEAR, 0, 40_000, 4).labels())
        .containsExactly("0", "10k", "20k", "30k", "40k");
    assertThat(Ticks.of(Axis.Scale.LINEAR, -1, 1, 4).labels())
        .containsExactly("-1.0", "-0.5", "0", "0.5", "1.0");
  }

  @Test
  void logarithmic_ticks_are_powers_of_ten() {
    assertThat(Ticks.of(Axis.Scale.LOG, 1, 1e6, 6).labels())
        .containsExactly("1", "10", "100", "1k", "10k", "100k", "1M");
    assertThat(Ticks.of(Axis.Scale.LOG, 1, 60, 5).labels())
        .containsExactly("1", "2", "5", "10", "20", "50");
    assertThat(Ticks.of(Axis.Scale.LOG, 1e-6, 1e-3, 5).labels())
        .containsExactly("1e-6", "1e-5", "1e-4", "0.001");
  }

  @Test
  void a_single_value_gets_room_around_it() {
    Ticks zero = Ticks.of(Axis.Scale.LINEAR, 0, 0, 4);
    assertThat(zero.low()).isEqualTo(-1);
    assertThat(zero.high()).isEqualTo(1);
    assertThat(zero.place(Axis.Scale.LINEAR, 0)).isEqualTo(0.5);
    Ticks five = Ticks.of(Axis.Scale.LOG, 5, 5, 4);
    assertThat(five.place(Axis.Scale.LOG, 5)).isCloseTo(0.5, within(1e-12));
  }

  @Property
  void ticks_rise_lie_within_the_range_and_are_few(
      @ForAll @DoubleRange(min = -1e9, max = 1e9) double low,
      @ForAll @DoubleRange(min = 0.01, max = 1e9) double span) {
    Ticks ticks = Ticks.of(Axis.Scale.LINEAR, low, low + span, 6);
    assertThat(ticks.values()).isSorted().hasSizeBetween(2, 15).doesNotHaveDuplicates();
    assertThat(ticks.values().getFirst()).isGreaterThanOrEqualTo(low - span * 1e-6);
    assertThat(ticks.values().getLast()).isLessThanOrEqualTo(low + span * (1 + 1e-6));
    assertThat(ticks.labels()).hasSameSizeAs(ticks.values());
  }
}
