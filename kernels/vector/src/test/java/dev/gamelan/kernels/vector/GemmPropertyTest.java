package dev.gamelan.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class GemmPropertyTest {
  private static Workers workers;
  private static List<Gemm> engines;

  @BeforeContainer
  static void start() {
    workers = new Workers(2);
    engines =
        List.of(
            new Gemm(workers, Tiling.of(Capabilities.detect())),
            new Gemm(workers, new Tiling(6, 16, 12, 16 * 16 * 4, 4096)),
            new Gemm(workers, new Tiling(12, 22, 36, 4096, 1024)));
  }

  @AfterContainer
  static void stop() {
    engines.forEach(Gemm::close);
    workers.close();
  }

  @Property(tries = 300)
  void products_of_any_shape_layout_and_epilogue_have_the_bits_of_the_definition(
      @ForAll GemmTest.Orientation orientation,
      @ForAll @IntRange(max = 80) int m,
      @ForAll @IntRange(max = 80) int n,
      @ForAll @IntRange(max = 80) int k,
      @ForAll @IntRange(max = 5) int epilogue) {
    try (Arena arena = Arena.ofConfined()) {
      Operand a = orientation.a(arena, m, k);
      Operand b = orientation.b(arena, k, n);
      Operand c = Operand.rowMajor(arena, m, n, 2, 1);
      Epilogues.Choice choice = Epilogues.all(arena, c).get(epilogue);
      int[] expected = Reference.bits(a, b, c.random(3), choice);
      for (Gemm engine : engines) {
        GemmTest.product(engine, a, b, c.random(3), choice);
        assertThat(c.bits()).isEqualTo(expected);
      }
      assertThat(List.of(a, b, c)).allMatch(Operand::canariesLive);
    }
  }
}
