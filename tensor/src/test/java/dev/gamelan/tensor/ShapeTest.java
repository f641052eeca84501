package dev.gamelan.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void leading_extents_fold_into_rows() {
    Shape shape = new Shape(2, 3, 5, 7);
    assertThat(shape.rank()).isEqualTo(4);
    assertThat(shape.rows()).isEqualTo(30);
    assertThat(shape.columns()).isEqualTo(7);
    assertThat(shape.elements()).isEqualTo(210);
  }

  @Test
  void a_vector_is_one_row_and_a_scalar_one_element() {
    assertThat(new Shape(7).rows()).isEqualTo(1);
    assertThat(new Shape(7).columns()).isEqualTo(7);
    assertThat(new Shape().rows()).isEqualTo(1);
    assertThat(new Shape().columns()).isEqualTo(1);
    assertThat(new Shape().elements()).isEqualTo(1);
  }

  @Test
  void an_extent_of_0_leaves_no_elements() {
    assertThat(new Shape(0, 7).elements()).isZero();
    assertThat(new Shape(7, 0).rows()).isEqualTo(7);
  }

  @Test
  void negative_dimensions_count_from_the_end() {
    Shape shape = new Shape(2, 3, 5);
    assertThat(shape.extent(0)).isEqualTo(2);
    assertThat(shape.extent(-1)).isEqualTo(5);
    assertThat(shape.extent(-3)).isEqualTo(2);
  }

  @Test
  void a_negative_extent_is_refused() {
    assertThatThrownBy(() -> new Shape(2, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("shape [2, -1]: extents must be at least 0");
  }

  @Test
  void more_elements_than_a_long_counts_are_refused() {
    assertThatThrownBy(() -> new Shape(1L << 32, 1L << 31))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("shape [4294967296, 2147483648]: more elements than 2^63-1");
  }

  @Test
  void equal_extents_make_equal_shapes_and_print_alike() {
    assertThat(new Shape(2, 3)).isEqualTo(new Shape(2, 3)).hasSameHashCodeAs(new Shape(2, 3));
    assertThat(new Shape(2, 3)).isNotEqualTo(new Shape(3, 2)).isNotEqualTo(new Shape(6));
    assertThat(new Shape(2, 3)).hasToString("[2, 3]");
    assertThat(new Shape()).hasToString("[]");
  }

  @Test
  void extents_cannot_be_changed_from_outside() {
    long[] extents = {2, 3};
    Shape shape = new Shape(extents);
    extents[0] = 9;
    shape.extents()[1] = 9;
    assertThat(shape).isEqualTo(new Shape(2, 3));
  }
}
