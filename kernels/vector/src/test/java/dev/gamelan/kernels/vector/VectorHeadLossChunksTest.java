package dev.gamelan.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.random.CounterRandom;
import dev.gamelan.tensor.scalar.ScalarProvider;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.ProductKernels.Use;
import dev.gamelan.tensor.spi.WeightLayout;
import java.lang.foreign.Arena;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** More rows than a chunk, more words than a group of blocks, rows that are left out. */
class VectorHeadLossChunksTest {
  private static final int ROWS = 600;
  private static final int WORDS = 3500;

  private record Result(float[] losses, float[] dhidden, float[] dhead, float[] logProbs) {}

  @Test
  void chunks_blocks_and_groups_give_the_losses_and_gradients_of_the_reference() {
    for (WeightLayout layout : WeightLayout.values()) {
      for (int d : new int[] {20, 32}) {
        for (DType dtype : new DType[] {DType.F32, DType.BF16}) {
          Result expected;
          Result actual;
          try (Kernels scalar = new ScalarProvider().open(1, ComputeMode.F32);
              Kernels vector = new VectorProvider().open(2, ComputeMode.F32)) {
            expected = result(scalar, layout, d, dtype);
            actual = result(vector, layout, d, dtype);
          }
          String what = "%s, d %d, %s: ".formatted(layout, d, dtype);
          close(what + "losses", actual.losses, expected.losses, 2e-5f);
          close(what + "dhidden", actual.dhidden, expected.dhidden, 2e-5f);
          close(what + "dhead", actual.dhead, expected.dhead, 2e-5f);
          close(what + "log probabilities", actual.logProbs, expected.logProbs, 2e-5f);
        }
      }
    }
  }

  private static void close(String what, float[] actual, float[] expected, float tolerance) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).as("%s, element %d", what, i).isCloseTo(expected[i], offset(tolerance));
    }
  }

  private static Result result(Kernels kernels, WeightLayout layout, int d, DType dtype) {
    try (Arena arena = Arena.ofShared()) {
      boolean words = layout == WeightLayout.OUT_IN;
      Tensor hidden = random(arena, 1, DType.F32, ROWS, d);
      Tensor weight = random(arena, 2, dtype, words ? WORDS : d, words ? d : WORDS);
      Tensor targets = Tensor.allocate(arena, DType.I32, ROWS);
      Tensor weights = Tensor.allocate(arena, DType.F32, ROWS);
      CounterRandom random = new CounterRandom(5, 3);
      for (int i = 0; i < ROWS; i++) {
        targets.setInt(0, i, i % 9 == 4 ? -1 : (int) random.below(WORDS, i));
        weights.set(0, i, i % 7 == 3 ? 0 : 0.01f * (1 + i % 5));
      }
      Tensor losses = Tensor.allocate(arena, DType.F32, ROWS);
      Tensor dhidden = random(arena, 4, DType.F32, ROWS, d);
      Tensor dhead = random(arena, 5, DType.F32, words ? WORDS : d, words ? d : WORDS);
      Packed head = kernels.pack(weight, layout, Use.TRAINING);
      kernels.headLossBackward(
          hidden, head, targets, weights, losses, false, dhidden, Optional.of(dhead));
      Tensor logProbs = Tensor.allocate(arena, DType.F32, ROWS);
      Tensor lse = Tensor.allocate(arena, DType.F32, ROWS);
      kernels.headLogProbs(hidden, head, targets, logProbs, lse);
      kernels.headLogProbsBackward(
          weights, hidden, head, targets, lse, true, dhidden, Optional.of(dhead));
      kernels.finish();
      return new Result(
          losses.toFloats(), dhidden.toFloats(), dhead.toFloats(), logProbs.toFloats());
    }
  }

  private static Tensor random(Arena arena, int stream, DType dtype, long rows, long columns) {
    CounterRandom random = new CounterRandom(5, stream);
    Tensor tensor = Tensor.allocate(arena, dtype, rows, columns);
    for (long i = 0; i < rows * columns; i++) {
      tensor.set(i / columns, i % columns, (float) random.normal(i) * 0.5f);
    }
    return tensor;
  }
}
