package dev.gamelan.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** What a backend says of itself, and its memory. */
public abstract class OpeningContract extends BackendContract {
  @Test
  void a_backend_tells_what_a_run_records() {
    for (ComputeMode mode : modes()) {
      for (int threads : new int[] {1, 2, 3}) {
        try (Kernels k = open(threads, mode)) {
          assertThat(k.mode()).isEqualTo(mode);
          assertThat(k.threads()).isEqualTo(threads);
          assertThat(k.name()).isNotBlank();
          assertThat(k.hardware()).isNotBlank();
        }
      }
    }
  }

  @Test
  void two_backends_are_open_at_once_and_either_may_close_first() {
    Operands o = operands();
    Tensor x = o.input(33, 64);
    Tensor y = o.output(33, 64);
    try (Kernels second = open(2, ComputeMode.F32)) {
      kernels.scale(x, 2, y);
      second.scale(x, 2, y);
      second.finish();
    }
    Tensor again = o.output(33, 64);
    kernels.scale(x, 2, again);
    kernels.finish();
    assertSameBits("scale", again, y);
  }

  @Test
  void memory_is_zeroed_and_aligned_and_may_be_empty() {
    try (Arena arena = Arena.ofShared()) {
      for (long bytes : new long[] {0, 1, 63, 4096, 100_001}) {
        MemorySegment memory = kernels.allocate(arena, bytes);
        assertThat(memory.byteSize()).isGreaterThanOrEqualTo(bytes);
        assertThat(memory.address() % Tensor.ALIGNMENT).isZero();
        assertThat(memory.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
      }
    }
  }
}
