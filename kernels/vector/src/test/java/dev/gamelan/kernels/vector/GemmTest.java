package dev.gamelan.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GemmTest {
  private static final Tiling MACHINE = Tiling.of(Capabilities.detect());
  private static final Tiling TALL = Tiling.of(new Capabilities(32, 32 << 10, 1 << 20, 32 << 20));
  // Blocks so small that every size here crosses all of them.
  private static final Tiling TINY = new Tiling(6, 10, 12, 0, 0);
  private static final Tiling TINY_TALL = new Tiling(12, 7, 24, 8L * 7 * Tiling.columns(), 0);

  private static Workers one;
  private static Workers three;
  private static List<Gemm> engines;

  private Arena arena;

  /** How a product reads its operands. */
  enum Orientation {
    /** Forward: x · Wᵀ. */
    A_BY_ROWS_B_BY_COLUMNS,
    /** Gradient of the input: dy · W. */
    A_BY_ROWS_B_BY_ROWS,
    /** Gradient of the weight: dyᵀ · x. */
    A_BY_COLUMNS_B_BY_ROWS,
    A_BY_COLUMNS_B_BY_COLUMNS,
    NEITHER_CONTIGUOUS;

    Operand a(Arena arena, int m, int k) {
      return switch (this) {
        case A_BY_ROWS_B_BY_COLUMNS, A_BY_ROWS_B_BY_ROWS ->
            Operand.rowMajor(arena, m, k, 3, 1).random(1);
        case A_BY_COLUMNS_B_BY_ROWS, A_BY_COLUMNS_B_BY_COLUMNS ->
            Operand.columnMajor(arena, m, k, 1, 2).random(1);
        case NEITHER_CONTIGUOUS -> Operand.sparse(arena, m, k, 1, 3).random(1);
      };
    }

    Operand b(Arena arena, int k, int n) {
      return switch (this) {
        case A_BY_ROWS_B_BY_COLUMNS, A_BY_COLUMNS_B_BY_COLUMNS ->
            Operand.columnMajor(arena, k, n, 2, 3).random(2);
        case A_BY_ROWS_B_BY_ROWS, A_BY_COLUMNS_B_BY_ROWS ->
            Operand.rowMajor(arena, k, n, 5, 1).random(2);
        case NEITHER_CONTIGUOUS -> Operand.sparse(arena, k, n, 0, 2).random(2);
      };
    }
  }

  record Size(int m, int n, int k) {}

  @BeforeAll
  static void start() {
    one = new Workers(1);
    three = new Workers(3);
    engines =
        List.of(
            new Gemm(one, MACHINE),
            new Gemm(three, MACHINE),
            new Gemm(one, TALL),
            new Gemm(one, TINY),
            new Gemm(three, TINY),
            new Gemm(three, TINY_TALL));
  }

  @AfterAll
  static void stop() {
    engines.forEach(Gemm::close);
    one.close();
    three.close();
  }

  @BeforeEach
  void open() {
    arena = Arena.ofConfined();
  }

  @AfterEach
  void close() {
    arena.close();
  }

  static Stream<Size> awkwardSizes() {
    List<Size> sizes = new ArrayList<>();
    for (int size : new int[] {0, 1, 7, 13, 207, 4098}) {
      sizes.add(new Size(size, 5, 9));
      sizes.add(new Size(3, size, 9));
      sizes.add(new Size(7, 18, size));
      if (size <= 207) {
        sizes.add(new Size(size, 2 * Tiling.columns(), 3));
        sizes.add(new Size(13, size, 2));
      }
    }
    for (int m = 1; m <= 14; m++) {
      sizes.add(new Size(m, 4 * Tiling.columns() + 3, 11));
    }
    sizes.add(new Size(61, 71, 67));
    return sizes.stream();
  }

  @ParameterizedTest
  @MethodSource("awkwardSizes")
  void every_element_is_summed_in_rising_order_whatever_the_layout_tiles_threads_and_epilogue(
      Size size) {
    for (Orientation orientation : Orientation.values()) {
      Operand a = orientation.a(arena, size.m, size.k);
      Operand b = orientation.b(arena, size.k, size.n);
      Operand c = Operand.rowMajor(arena, size.m, size.n, 3, 5);
      for (Epilogues.Choice epilogue : Epilogues.all(arena, c)) {
        int[] expected = Reference.bits(a, b, c.random(3), epilogue);
        for (int e = 0; e < engines.size(); e++) {
          product(engines.get(e), a, b, c.random(3), epilogue);
          assertThat(c.bits())
              .as("%s, %s, engine %d", orientation, epilogue, e)
              .isEqualTo(expected);
          packedProduct(engines.get(e), a, b, c.random(3), epilogue);
          assertThat(c.bits())
              .as("%s, %s, packed, engine %d", orientation, epilogue, e)
              .isEqualTo(expected);
        }
      }
      assertThat(List.of(a, b, c)).as("canaries, %s", orientation).allMatch(Operand::canariesLive);
    }
  }

  @ParameterizedTest
  @MethodSource("awkwardSizes")
  void blocks_follow_the_same_order(Size size) {
    for (Orientation orientation :
        List.of(Orientation.A_BY_ROWS_B_BY_ROWS, Orientation.A_BY_COLUMNS_B_BY_ROWS)) {
      Operand a = orientation.a(arena, size.m, size.k);
      Operand b = orientation.b(arena, size.k, size.n);
      Operand c = Operand.rowMajor(arena, size.m, size.n, 3, 5);
      for (Epilogues.Choice epilogue : List.of(Epilogues.NONE, Epilogues.ACCUMULATE)) {
        int[] expected = Reference.bits(a, b, c.random(3), epilogue);
        for (Gemm engine : engines) {
          c.random(3);
          long scratch = Memory.allocate(arena, engine.blockScratchBytes(size.k));
          engine.block(
              size.m,
              size.n,
              size.k,
              a.address(),
              a.rowStride,
              a.colStride,
              b.address(),
              b.rowStride,
              c.address(),
              c.rowStride,
              epilogue.accumulate(),
              scratch);
          assertThat(c.bits()).isEqualTo(expected);
        }
      }
      assertThat(List.of(a, b, c)).allMatch(Operand::canariesLive);
    }
  }

  @Test
  void a_row_has_the_same_bits_alone_and_among_512_rows_and_with_any_number_of_threads() {
    int m = 512;
    int n = 130;
    int k = 700;
    Operand a = Orientation.A_BY_ROWS_B_BY_COLUMNS.a(arena, m, k);
    Operand b = Orientation.A_BY_ROWS_B_BY_COLUMNS.b(arena, k, n);
    Operand whole = Operand.rowMajor(arena, m, n, 0, 0);
    Operand other = Operand.rowMajor(arena, m, n, 0, 0);
    product(engines.get(0), a, b, whole, Epilogues.NONE);
    product(engines.get(1), a, b, other, Epilogues.NONE);
    assertThat(other.bits()).isEqualTo(whole.bits());
    PackedB packed = PackedB.allocate(arena, k, n);
    engines.get(0).pack(b.address(), b.rowStride, b.colStride, packed);
    for (int i : new int[] {0, 1, 255, 511}) {
      other.random(9);
      long row = i * 4L;
      engines
          .get(1)
          .product(
              1,
              a.address() + row * a.rowStride,
              a.rowStride,
              a.colStride,
              packed,
              other.address() + row * other.rowStride,
              other.rowStride,
              false,
              0,
              0,
              0);
      for (int j = 0; j < n; j++) {
        assertThat(other.at(i, j)).isEqualTo(whole.at(i, j));
      }
    }
  }

  @Test
  void the_error_stays_below_k_epsilon_times_the_sum_of_magnitudes() {
    int k = 4098;
    Operand a = Orientation.A_BY_ROWS_B_BY_COLUMNS.a(arena, 20, k);
    Operand b = Orientation.A_BY_ROWS_B_BY_COLUMNS.b(arena, k, 37);
    Operand c = Operand.rowMajor(arena, 20, 37, 0, 0);
    product(engines.get(1), a, b, c, Epilogues.NONE);
    for (int i = 0; i < c.rows; i++) {
      for (int j = 0; j < c.cols; j++) {
        double sum = 0;
        double magnitude = 0;
        for (int p = 0; p < k; p++) {
          double term = (double) a.at(i, p) * b.at(p, j);
          sum += term;
          magnitude += Math.abs(term);
        }
        assertThat(Math.abs(c.at(i, j) - sum)).isLessThanOrEqualTo(k * 0x1p-24 * magnitude);
      }
    }
  }

  @Test
  void nan_and_infinity_reach_exactly_the_elements_that_depend_on_them() {
    for (Gemm engine : engines) {
      Operand a = Operand.rowMajor(arena, 15, 9, 1, 0).random(1);
      Operand b = Operand.rowMajor(arena, 9, 45, 1, 0).random(2);
      Operand c = Operand.rowMajor(arena, 15, 45, 0, 0);
      a.set(3, 4, Float.NaN);
      a.set(7, 0, Float.POSITIVE_INFINITY);
      a.set(14, 8, 0);
      b.set(8, 44, Float.NEGATIVE_INFINITY);
      product(engine, a, b, c, Epilogues.NONE);
      assertThat(c.bits()).isEqualTo(Reference.bits(a, b, c, Epilogues.NONE));
      assertThat(c.at(3, 0)).isNaN();
      assertThat(c.at(7, 0)).isInfinite();
      assertThat(c.at(14, 44)).isNaN();
      assertThat(c.at(14, 43)).isFinite();
    }
  }

  @Test
  void a_pack_can_be_filled_again_after_the_weights_changed() {
    Operand a = Operand.rowMajor(arena, 5, 20, 0, 0).random(1);
    Operand b = Operand.columnMajor(arena, 20, 33, 0, 0).random(2);
    Operand c = Operand.rowMajor(arena, 5, 33, 0, 0);
    PackedB packed = PackedB.allocate(arena, 20, 33);
    for (int seed = 2; seed < 4; seed++) {
      b.random(seed);
      engines.get(1).pack(b.address(), b.rowStride, b.colStride, packed);
      engines
          .get(1)
          .product(5, a.address(), 20, 1, packed, c.address(), c.rowStride, false, 0, 0, 0);
      assertThat(c.bits()).isEqualTo(Reference.bits(a, b, c, Epilogues.NONE));
    }
  }

  @Test
  void bad_sizes_and_strides_are_named() {
    Gemm engine = engines.get(0);
    assertThatThrownBy(() -> engine.product(-1, 2, 3, 0, 3, 1, 0, 2, 1, 0, 2, false, 0, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("m = -1, n = 2, k = 3");
    assertThatThrownBy(() -> engine.product(2, 4, 3, 0, 3, 1, 0, 4, 1, 0, 3, false, 0, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rows of C are 3 apart but 4 long");
    assertThatThrownBy(() -> engine.product(2, 4, 3, 0, -3, 1, 0, 4, 1, 0, 4, false, 0, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("strides of A are -3 and 1");
    assertThatThrownBy(() -> PackedB.allocate(arena, -1, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("B[-1, 2]");
  }

  @Test
  void a_product_inside_a_task_of_its_own_team_is_refused() {
    Gemm engine = engines.get(1);
    assertThatThrownBy(
            () ->
                three.run(
                    2,
                    (task, worker) ->
                        engine.product(1, 1, 0, 0, 0, 1, 0, 1, 1, 0, 1, false, 0, 0, 0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a task");
  }

  static void product(Gemm engine, Operand a, Operand b, Operand c, Epilogues.Choice epilogue) {
    engine.product(
        c.rows,
        c.cols,
        a.cols,
        a.address(),
        a.rowStride,
        a.colStride,
        b.address(),
        b.rowStride,
        b.colStride,
        c.address(),
        c.rowStride,
        epilogue.accumulate(),
        epilogue.biasAddress(),
        epilogue.addendAddress(),
        epilogue.addendRow());
  }

  private static void packedProduct(
      Gemm engine, Operand a, Operand b, Operand c, Epilogues.Choice epilogue) {
    try (Arena own = Arena.ofConfined()) {
      PackedB packed = PackedB.allocate(own, b.rows, b.cols);
      engine.pack(b.address(), b.rowStride, b.colStride, packed);
      engine.product(
          c.rows,
          a.address(),
          a.rowStride,
          a.colStride,
          packed,
          c.address(),
          c.rowStride,
          epilogue.accumulate(),
          epilogue.biasAddress(),
          epilogue.addendAddress(),
          epilogue.addendRow());
    }
  }
}
