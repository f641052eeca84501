package dev.gamelan.kernels.x86;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No byte outside of an operand is read or written. */
class GuardPagesTest {
  @ParameterizedTest
  @EnumSource(Simd.class)
  void operands_may_end_at_pages_that_cannot_be_touched(Simd simd) throws Exception {
    Machine.assumeRuns(simd);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=/dev/null",
                "-cp",
                System.getProperty("java.class.path"),
                GuardedOperands.class.getName(),
                simd.name())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).contains("untouched");
  }
}
