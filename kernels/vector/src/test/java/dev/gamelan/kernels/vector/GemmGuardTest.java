package dev.gamelan.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** Nothing outside an operand is read or written, not even for nothing. */
class GemmGuardTest {
  private static final int[] SIZES = {1, 2, 5, 6, 7, 13, 16, 17, 31, 48, 61};

  @Test
  void operands_may_begin_and_end_at_pages_that_cannot_be_touched() {
    assumeThat(GuardedMemory.isPossible()).as("mprotect as on Linux").isTrue();
    try (Workers workers = new Workers(1);
        Arena arena = Arena.ofConfined();
        Gemm gemm = new Gemm(workers, Tiling.of(Capabilities.detect()));
        Gemm tall = new Gemm(workers, new Tiling(12, 9, 24, 0, 0));
        GuardedMemory aMemory = new GuardedMemory(61 * 61);
        GuardedMemory bMemory = new GuardedMemory(61 * 61);
        GuardedMemory cMemory = new GuardedMemory(61 * 61)) {
      for (int m : SIZES) {
        for (int n : SIZES) {
          for (int k : new int[] {1, 8, 13}) {
            for (boolean atEnd : new boolean[] {false, true}) {
              long a = atEnd ? aMemory.last((long) m * k) : aMemory.first();
              long b = atEnd ? bMemory.last((long) k * n) : bMemory.first();
              long c = atEnd ? cMemory.last((long) m * n) : cMemory.first();
              everyWay(gemm, arena, m, n, k, a, b, c);
              everyWay(tall, arena, m, n, k, a, b, c);
            }
          }
        }
      }
    }
  }

  private static void everyWay(
      Gemm gemm, Arena arena, int m, int n, int k, long a, long b, long c) {
    fill(a, (long) m * k, 1);
    fill(b, (long) k * n, 2);
    fill(c, (long) m * n, 3);
    // With the rows' ones and twos every element of a product is 2k, whatever the orientation.
    for (boolean byRows : new boolean[] {true, false}) {
      long aRow = byRows ? k : 1;
      long aCol = byRows ? 1 : m;
      gemm.product(m, n, k, a, aRow, aCol, b, n, 1, c, n, false, 0, 0, 0);
      assertThat(Memory.f32(c + 4L * (m * n - 1))).isEqualTo(2f * k);
      gemm.product(m, n, k, a, aRow, aCol, b, 1, k, c, n, true, b, 0, 0);
      assertThat(Memory.f32(c)).isEqualTo(4f * k + 2);
    }
    gemm.product(m, n, k, a, k, 1, b, n, 1, c, n, false, 0, c, n);
    long scratch = Memory.allocate(arena, gemm.blockScratchBytes(k));
    gemm.block(m, n, k, a, k, 1, b, n, c, n, false, scratch);
    gemm.block(m, n, k, a, k, 1, b, n, c, n, true, scratch);
    assertThat(Memory.f32(c + 4L * (m * n - 1))).isEqualTo(4f * k);
  }

  private static void fill(long address, long floats, float value) {
    for (long i = 0; i < floats; i++) {
      Memory.f32(address + 4 * i, value);
    }
  }
}
