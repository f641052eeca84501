package dev.gamelan.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class TensorTest {
  private final Tensor matrix =
      Tensor.copyOf(new float[] {0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23}, 3, 4);

  @Test
  void an_allocation_is_zeroed_and_aligned() {
    try (Arena arena = Arena.ofConfined()) {
      for (DType dtype : DType.values()) {
        int columns = dtype.isQuantized() ? dtype.elementsPerBlock() : 5;
        Tensor tensor = Tensor.allocate(arena, dtype, 3, columns);
        assertThat(tensor.address() % Tensor.ALIGNMENT).isZero();
        assertThat(tensor.toFloats())
            .containsOnly(dtype.isQuantized() ? tensor.get(0, 0) : 0)
            .hasSize(3 * columns);
        assertThat(tensor.dtype()).isEqualTo(dtype);
        assertThat(tensor.segment().byteSize()).isEqualTo(dtype.bytes(3L * columns));
      }
    }
  }

  @Test
  void leading_extents_are_rows() {
    Tensor tensor = Tensor.zeros(2, 3, 5);
    assertThat(tensor.rows()).isEqualTo(6);
    assertThat(tensor.columns()).isEqualTo(5);
    assertThat(tensor.rowStride()).isEqualTo(5);
    assertThat(tensor.isContiguous()).isTrue();
    assertThat(tensor).hasToString("F32[2, 3, 5]");
  }

  @Test
  void rows_and_columns_are_views_of_the_same_memory() {
    Tensor view = matrix.rows(1, 3).columns(1, 3);
    assertThat(view.toFloats()).containsExactly(11, 12, 21, 22);
    assertThat(view.rowStride()).isEqualTo(4);
    assertThat(view.isContiguous()).isFalse();
    assertThat(view.address()).isEqualTo(matrix.address() + 5 * 4);
    assertThat(view.segment().byteSize()).isEqualTo(6 * 4);
    view.set(1, 0, -1);
    assertThat(matrix.get(2, 1)).isEqualTo(-1);
  }

  @Test
  void one_row_of_a_strided_view_is_contiguous_and_can_be_reshaped() {
    Tensor row = matrix.columns(1, 3).rows(2, 3);
    assertThat(row.isContiguous()).isTrue();
    assertThat(row.reshape(2, 1).toFloats()).containsExactly(21, 22);
    assertThat(row.reshape(2, 1).rowStride()).isEqualTo(1);
  }

  @Test
  void empty_views_are_legal_wherever_they_begin() {
    assertThat(matrix.rows(3, 3).elements()).isZero();
    assertThat(matrix.rows(0, 0).rows()).isZero();
    assertThat(matrix.columns(4, 4).columns()).isZero();
    assertThat(matrix.columns(4, 4).toFloats()).isEmpty();
    assertThat(Tensor.zeros(0, 7).rows(0, 0).columns(7, 7).elements()).isZero();
    assertThat(Tensor.copyOf(new int[0], 0).toInts()).isEmpty();
  }

  @Test
  void views_beyond_the_tensor_are_refused() {
    assertThatThrownBy(() -> matrix.rows(2, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rows [2, 4) of tensor [3, 4]: they must lie in [0, 3]");
    assertThatThrownBy(() -> matrix.columns(-1, 2))
        .hasMessage("columns [-1, 2) of tensor [3, 4]: they must lie in [0, 4]");
    assertThatThrownBy(() -> matrix.rows(2, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void elements_beyond_the_tensor_are_refused() {
    assertThatThrownBy(() -> matrix.get(0, 4))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("element (0, 4) of a tensor of 3 × 4");
    assertThatThrownBy(() -> matrix.set(3, 0, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> matrix.getInt(0, -1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void reshaping_keeps_the_elements_and_refuses_gaps_and_other_counts() {
    assertThat(matrix.reshape(2, 6).get(1, 0)).isEqualTo(12);
    assertThat(matrix.reshape(12).shape()).isEqualTo(new Shape(12));
    assertThatThrownBy(() -> matrix.reshape(5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("reshape [3, 4] to [5]: the elements must be as many and contiguous");
    assertThatThrownBy(() -> matrix.columns(0, 2).reshape(6))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void memory_is_used_in_place_and_need_not_be_aligned() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(17);
      Tensor tensor = Tensor.of(segment.asSlice(1), DType.F32, new Shape(2, 2));
      tensor.set(1, 1, 2.5f);
      assertThat(segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 13)).isEqualTo(2.5f);
      assertThat(tensor.toFloats()).containsExactly(0, 0, 0, 2.5f);
      assertThat(tensor.address()).isEqualTo(segment.address() + 1);
    }
  }

  @Test
  void memory_that_is_too_short_or_in_the_heap_is_refused() {
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> Tensor.of(arena.allocate(15), DType.F32, new Shape(2, 2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("tensor F32[2, 2] needs 16 bytes, the segment has 15");
    }
    assertThatThrownBy(
            () -> Tensor.of(MemorySegment.ofArray(new float[4]), DType.F32, new Shape(2, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be off-heap");
  }

  @Test
  void given_values_must_be_as_many_as_the_shape_says() {
    assertThatThrownBy(() -> Tensor.copyOf(new float[3], 2, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tensor [2, 2]: 3 values given");
    assertThatThrownBy(() -> Tensor.copyOf(new int[5], 2, 2))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void integers_are_kept_exactly() {
    Tensor ints = Tensor.copyOf(new int[] {Integer.MIN_VALUE, -1, 16_777_217, 7}, 2, 2);
    assertThat(ints.toInts()).containsExactly(Integer.MIN_VALUE, -1, 16_777_217, 7);
    ints.setInt(1, 0, Integer.MAX_VALUE);
    assertThat(ints.getInt(1, 0)).isEqualTo(Integer.MAX_VALUE);
    assertThat(ints.columns(1, 2).toInts()).containsExactly(-1, 7);
  }

  @Test
  void a_16_bit_tensor_stores_the_nearest_value() {
    try (Arena arena = Arena.ofConfined()) {
      Tensor bf16 = Tensor.allocate(arena, DType.BF16, 1, 1);
      bf16.set(0, 0, 1 + 0x1.8p-8f);
      assertThat(bf16.get(0, 0)).isEqualTo(1 + 0x1p-7f);
      Tensor f16 = Tensor.allocate(arena, DType.F16, 1, 1);
      f16.set(0, 0, 1 + 0x1.8p-11f);
      assertThat(f16.get(0, 0)).isEqualTo(1 + 0x1p-10f);
    }
  }
}
