package dev.gamelan.kernels.x86;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.EnumSet;
import java.util.Set;

/** What the machine that runs the tests can run. */
final class Machine {
  private Machine() {}

  /** Skips the test, naming what the CPU lacks, where it can't run such kernels. */
  static void assumeRuns(Simd simd) throws CodeMemory.RefusedException {
    X86Provider.machine(System.getProperty("os.name"), System.getProperty("os.arch"))
        .ifPresent(reason -> assumeTrue(false, "skipped: " + reason));
    Set<CpuFeatures.Feature> lacking = EnumSet.copyOf(simd.needs());
    lacking.removeAll(CpuFeatures.detect(new CodeMemory()).has());
    assumeTrue(lacking.isEmpty(), () -> "skipped: this CPU lacks " + lacking);
  }
}
