package dev.gamelan.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.random.CounterRandom;
import dev.gamelan.tensor.spi.AttentionShape;
import dev.gamelan.tensor.spi.CacheRows;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.KvPages;
import java.lang.foreign.Arena;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Sequences of several spans of the cache and several blocks of queries and keys. */
class VectorAttentionLongTest {
  private static final int LENGTH = 1100;
  private static final int DIM = 20;
  private static final int PAGE = 24;

  /** Four query heads, two key heads. */
  private static AttentionShape shape(int window, boolean alibi) {
    int[] q = {0, DIM, 2 * DIM, 3 * DIM};
    int[] k = {4 * DIM, 5 * DIM};
    int[] v = {6 * DIM, 7 * DIM};
    Optional<float[]> slopes =
        alibi ? Optional.of(new float[] {0.5f, 0.25f, 0.1f, 0.01f}) : Optional.empty();
    return new AttentionShape(DIM, q, k, v, 0.3f, window, slopes);
  }

  private static Tensor random(int stream, long rows, long columns) {
    CounterRandom random = new CounterRandom(11, stream);
    Tensor tensor = Tensor.zeros(rows, columns);
    for (long i = 0; i < rows * columns; i++) {
      tensor.set(i / columns, i % columns, (float) random.normal(i));
    }
    return tensor;
  }

  @Test
  void a_row_alone_cut_into_spans_has_the_bits_of_prefill_and_the_values_of_training() {
    for (AttentionShape shape :
        new AttentionShape[] {shape(0, false), shape(0, true), shape(300, false)}) {
      try (Kernels kernels = new VectorProvider().open(2, ComputeMode.F32)) {
        Tensor qkv = random(1, LENGTH, 8 * DIM);
        Tensor trained = Tensor.zeros(LENGTH, 4 * DIM);
        kernels.attention(qkv, shape, 1, LENGTH, trained, Tensor.zeros(LENGTH, 4));
        int pages = (LENGTH + PAGE - 1) / PAGE;
        KvPages cache =
            new KvPages(Tensor.zeros(pages, 2, DIM, PAGE), Tensor.zeros(pages, 2, PAGE, DIM), PAGE);
        Tensor whole = Tensor.zeros(LENGTH, 4 * DIM);
        CacheRows all = rows(0, LENGTH, pages);
        kernels.cacheWrite(qkv, shape, all, cache);
        kernels.cachedAttention(qkv, shape, all, cache, whole);
        for (int i : new int[] {0, 255, 264, 511, 900, LENGTH - 1}) {
          Tensor one = Tensor.zeros(1, 4 * DIM);
          kernels.cachedAttention(qkv.rows(i, i + 1), shape, rows(i, i + 1, pages), cache, one);
          assertThat(one.toFloats()).as("row %d", i).isEqualTo(whole.rows(i, i + 1).toFloats());
        }
        for (int i = 0; i < LENGTH; i++) {
          for (int c = 0; c < 4 * DIM; c++) {
            assertThat((double) whole.get(i, c)).isCloseTo(trained.get(i, c), within());
          }
        }
      }
    }
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(2e-5);
  }

  private static CacheRows rows(int from, int to, int pages) {
    int n = to - from;
    return new CacheRows(
        Tensor.copyOf(IntStream.range(from, to).toArray(), n),
        Tensor.copyOf(new int[n], n),
        Tensor.copyOf(IntStream.range(0, pages).map(p -> pages - 1 - p).toArray(), 1, pages));
  }

  @Test
  void gradients_split_among_more_threads_than_key_heads_have_the_same_bits() {
    for (AttentionShape shape : new AttentionShape[] {shape(0, true), shape(130, false)}) {
      float[] expected = {};
      for (int threads : new int[] {1, 2, 3, 7}) {
        try (Kernels kernels = new VectorProvider().open(threads, ComputeMode.F32)) {
          int n = 331;
          Tensor qkv = random(1, n, 8 * DIM);
          Tensor dout = random(2, n, 4 * DIM);
          Tensor out = Tensor.zeros(n, 4 * DIM);
          Tensor lse = Tensor.zeros(n, 4);
          Tensor dqkv = Tensor.zeros(n, 8 * DIM);
          kernels.attention(qkv, shape, 1, n, out, lse);
          kernels.attentionBackward(dout, qkv, out, lse, shape, 1, n, dqkv);
          if (threads == 1) {
            expected = dqkv.toFloats();
          }
          assertThat(dqkv.toFloats()).as("%d threads", threads).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void rows_of_a_pass_may_be_few_and_then_many_and_then_few() {
    // Scratch grows and keeps what an earlier layout left in it.
    try (Kernels kernels = new VectorProvider().open(2, ComputeMode.F32);
        Kernels fresh = new VectorProvider().open(2, ComputeMode.F32);
        Arena arena = Arena.ofShared()) {
      AttentionShape shape = shape(0, false);
      Tensor qkv = random(3, 400, 8 * DIM);
      for (int n : new int[] {3, 400, 5}) {
        Tensor out = Tensor.allocate(arena, DType.F32, n, 4 * DIM);
        kernels.attention(qkv.rows(0, n), shape, 1, n, out, Tensor.zeros(n, 4));
      }
      Tensor small = Tensor.zeros(7, 4 * DIM);
      Tensor expected = Tensor.zeros(7, 4 * DIM);
      kernels.attention(qkv.rows(0, 7), shape, 1, 7, small, Tensor.zeros(7, 4));
      fresh.attention(qkv.rows(0, 7), shape, 1, 7, expected, Tensor.zeros(7, 4));
      assertThat(small.toFloats()).isEqualTo(expected.toFloats());
    }
  }
}
