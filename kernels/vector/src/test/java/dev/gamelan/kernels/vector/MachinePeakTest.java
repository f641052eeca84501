package dev.gamelan.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MachinePeakTest {
  @Test
  void of_two_measurements_the_larger_figures_count() {
    MachinePeak a = new MachinePeak(256, 2, 10, 40, 5, 6);
    MachinePeak b = new MachinePeak(256, 2, 20, 30, 4, 7);
    MachinePeak best = new MachinePeak(256, 2, 20, 40, 5, 7);
    assertThat(a.atBest(b)).isEqualTo(best);
    assertThat(b.atBest(a)).isEqualTo(best);
  }

  @Test
  void measurements_of_unlike_machines_are_not_compared() {
    MachinePeak a = new MachinePeak(256, 2, 10, 40, 5, 6);
    MachinePeak b = new MachinePeak(256, 1, 20, 30, 4, 7);
    assertThatThrownBy(() -> a.atBest(b))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 threads")
        .hasMessageContaining("1");
  }

  @Test
  void rates_are_those_of_a_machine_that_exists() {
    try (Workers workers = new Workers(2)) {
      MachinePeak peak = MachinePeak.measure(workers);
      assertThat(peak.threads()).isEqualTo(2);
      assertThat(peak.vectorBits()).isEqualTo(Lanes.SPECIES.vectorBitSize());
      // Bounds on the arithmetic of the probe (units, factors), not on the machine's speed.
      assertThat(peak.gigaflops()).isBetween(0.01, 2000.0);
      assertThat(peak.gigaflopsTogether()).isBetween(0.01, 4000.0);
      assertThat(peak.gigabytes()).isBetween(0.01, 2000.0);
      assertThat(peak.gigabytesTogether()).isBetween(0.01, 4000.0);
    }
  }
}
