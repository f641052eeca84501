package dev.gamelan.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MachinePeakTest {
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
