package dev.gamelan.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.random.CounterRandom;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Epilogue;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.ProductKernels.Use;
import dev.gamelan.tensor.spi.WeightLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Quantized weights give, to the bit, what the floats that they stand for give. */
class QuantizedWeightsTest {
  private static final int ROWS = 37;
  private static final int COLUMNS = 512;

  private static Tensor random(DType dtype) {
    MemorySegment bytes = Arena.ofAuto().allocate(dtype.bytes((long) ROWS * COLUMNS), 64);
    CounterRandom random = new CounterRandom(5, 1);
    for (long i = 0; i < bytes.byteSize(); i++) {
      // Without the two upper bits of exponents, no scale is infinite or no number.
      bytes.set(ValueLayout.JAVA_BYTE, i, (byte) (random.bits(i) & 0x2F));
    }
    return Tensor.of(bytes, dtype, new Shape(ROWS, COLUMNS));
  }

  private static Tensor floats(int n) {
    Tensor x = Tensor.zeros(n, COLUMNS);
    for (int r = 0; r < n; r++) {
      for (int c = 0; c < COLUMNS; c++) {
        x.set(r, c, (r * 31 + c * 17) % 23 / 23f - 0.4f);
      }
    }
    return x;
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"F32", "F16", "BF16", "I32"})
  void products_gradients_embeddings_and_heads_agree_with_the_floats(DType dtype) {
    Tensor quantized = random(dtype);
    Tensor plain = Tensor.copyOf(quantized.toFloats(), ROWS, COLUMNS);
    assertThat(plain.toFloats()).isNotEqualTo(new float[ROWS * COLUMNS]);
    for (String name : new String[] {"vector", "scalar"}) {
      try (Kernels kernels = Backends.open(Optional.of(name), 2, ComputeMode.F32)) {
        for (Use use : Use.values()) {
          assertThat(linear(kernels, quantized, use)).isEqualTo(linear(kernels, plain, use));
          assertThat(backward(kernels, quantized, use)).isEqualTo(backward(kernels, plain, use));
        }
        for (boolean add : new boolean[] {false, true}) {
          assertThat(embedding(kernels, quantized, add)).isEqualTo(embedding(kernels, plain, add));
        }
        assertThat(heads(kernels, quantized)).isEqualTo(heads(kernels, plain));
        assertThatThrownBy(() -> kernels.copy(Tensor.zeros(ROWS, COLUMNS), quantized))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  private static float[] linear(Kernels kernels, Tensor weight, Use use) {
    Tensor y = Tensor.zeros(3, ROWS);
    kernels.linear(floats(3), kernels.pack(weight, WeightLayout.OUT_IN, use), Epilogue.NONE, y);
    return y.toFloats();
  }

  private static float[] backward(Kernels kernels, Tensor weight, Use use) {
    Tensor dx = Tensor.zeros(3, COLUMNS);
    Tensor dy = Tensor.zeros(3, ROWS);
    kernels.fill(dy, 0.5f);
    kernels.linearBackwardInput(dy, kernels.pack(weight, WeightLayout.OUT_IN, use), false, dx);
    return dx.toFloats();
  }

  private static float[] embedding(Kernels kernels, Tensor table, boolean add) {
    Tensor y = floats(4);
    kernels.embedding(Tensor.copyOf(new int[] {0, 36, 7, 7}, 1, 4), 0, table, add, y);
    return y.toFloats();
  }

  private static float[] heads(Kernels kernels, Tensor head) {
    Tensor y = Tensor.zeros(1, 3);
    kernels.headLogProbs(
        floats(3),
        kernels.pack(head, WeightLayout.OUT_IN, Use.INFERENCE),
        Tensor.copyOf(new int[] {0, 5, 36}, 1, 3),
        y,
        Tensor.zeros(1, 3));
    return y.toFloats();
  }
}
