package dev.gamelan.kernels.x86;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.kernels.vector.PanelKernel;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.random.CounterRandom;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compact panels stand, to the bit, for the floats that their blocks stand for. */
class CompactWeightsTest {
  private static final int K = 512;
  private final Arena arena = Arena.ofAuto();

  private Tensor weight(DType dtype, int columns) {
    MemorySegment bytes = arena.allocate(dtype.bytes((long) columns * K), 64);
    CounterRandom random = new CounterRandom(7, dtype.ordinal());
    for (long i = 0; i < bytes.byteSize(); i++) {
      // Without the upper bit of exponents, no scale is infinite or no number.
      bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (random.bits(i) & 0xBF));
    }
    return Tensor.of(bytes, dtype, new Shape(columns, K));
  }

  private MemorySegment panel(NativeCompact kernels, Tensor weight, int columns) {
    DType dtype = weight.dtype();
    MemorySegment panel = arena.allocate(kernels.panelBytes(dtype, K), 64);
    long step = dtype.isQuantized() ? 0 : dtype.bytes(1);
    kernels.pack(dtype, columns, K, weight.address(), dtype.bytes(K), step, panel.address());
    return panel;
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"F32", "I32"})
  void unpacked_they_are_what_the_blocks_say(DType dtype) throws Exception {
    for (Simd simd : Simd.values()) {
      if (simd == Simd.AVX2) {
        Machine.assumeRuns(simd);
      } else if (!runs(simd)) {
        continue;
      }
      NativeCompact kernels = new NativeCompact(new CodeMemory(), simd);
      int columns = simd.columns() - 3;
      Tensor weight = weight(dtype, columns);
      MemorySegment panel = panel(kernels, weight, columns);
      MemorySegment floats = arena.allocate(4L * K * simd.columns(), 64);
      kernels.unpack(dtype, panel.address(), 0, K, floats.address());
      for (int c = 0; c < simd.columns(); c++) {
        for (int p = 0; p < K; p++) {
          float expected = c < columns ? weight.get(c, p) : 0;
          float actual = floats.getAtIndex(ValueLayout.JAVA_FLOAT, (long) p * simd.columns() + c);
          // Adding 0 makes -0 and 0 one.
          assertThat(actual + 0f).as("column %d, step %d", c, p).isEqualTo(expected + 0f);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"F32", "I32"})
  void a_row_has_the_same_bits_alone_among_others_and_through_unpacked_panels(DType dtype)
      throws Exception {
    Machine.assumeRuns(Simd.AVX2);
    Simd simd = Simd.AVX2;
    NativeCompact kernels = new NativeCompact(new CodeMemory(), simd);
    PanelKernel product = new NativePanels(new CodeMemory().place(PanelCode.emit(simd).toBytes()));
    int panels = 3;
    int n = panels * simd.columns();
    Tensor weight = weight(dtype, n);
    long bytes = kernels.panelBytes(dtype, K);
    MemorySegment packed = arena.allocate(panels * bytes, 64);
    long row = 4L * n;
    long p = 4L * simd.columns();
    MemorySegment floats = arena.allocate(row * K, 64);
    for (int q = 0; q < panels; q++) {
      long step = dtype.isQuantized() ? 0 : 2;
      long from = weight.address() + q * simd.columns() * dtype.bytes(K);
      long to = packed.address() + q * bytes;
      kernels.pack(dtype, simd.columns(), K, from, dtype.bytes(K), step, to);
      kernels.unpack(dtype, to, 0, K, floats.address() + q * p * K);
    }
    int rows = 4;
    Tensor x = Tensor.zeros(rows, K);
    CounterRandom random = new CounterRandom(9, 9);
    for (int i = 0; i < rows * K; i++) {
      x.set(i / K, i % K, random.bits(i) / 1e9f);
    }
    Tensor zeros = Tensor.zeros(rows, n);
    Tensor expected = Tensor.zeros(rows, n);
    product.run(
        rows,
        panels,
        K,
        x.address(),
        4L * K,
        4,
        floats.address(),
        p,
        p * K,
        zeros.address(),
        row,
        p,
        expected.address(),
        row,
        p);
    for (int m = 1; m <= kernels.directRows(dtype); m++) {
      Tensor y = Tensor.zeros(m, n);
      kernels.direct(
          dtype, m, panels, K, x.address(), 4L * K, packed.address(), bytes, y.address(), row, p);
      assertThat(y.toFloats()).isEqualTo(expected.rows(0, m).toFloats());
    }
  }

  private static boolean runs(Simd simd) throws Exception {
    return CpuFeatures.detect(new CodeMemory()).has().containsAll(simd.needs());
  }
}
