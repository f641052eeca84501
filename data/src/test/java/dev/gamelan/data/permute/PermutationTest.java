package dev.gamelan.data.permute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class PermutationTest {
  @Property(tries = 300)
  void every_element_is_hit_once(
      @ForAll @IntRange(min = 1, max = 3000) int size, @ForAll long seed, @ForAll long stream) {
    Permutation permutation = new Permutation(size, seed, stream);
    BitSet seen = new BitSet(size);
    for (int i = 0; i < size; i++) {
      long image = permutation.apply(i);
      assertThat(image).isBetween(0L, size - 1L);
      seen.set((int) image);
      assertThat(permutation.invert(image)).isEqualTo(i);
    }
    assertThat(seen.cardinality()).isEqualTo(size);
  }

  @Property
  void it_can_be_inverted_at_any_size(
      @ForAll @LongRange(min = 1, max = 1L << 62) long size,
      @ForAll @LongRange(min = 0) long index,
      @ForAll long seed) {
    Permutation permutation = new Permutation(size, seed, 1);
    long image = permutation.apply(index % size);
    assertThat(image).isBetween(0L, size - 1);
    assertThat(permutation.invert(image)).isEqualTo(index % size);
  }

  @Test
  void all_orders_of_four_occur_about_equally_often() {
    int[] counts = new int[256];
    int draws = 24_000;
    for (int seed = 0; seed < draws; seed++) {
      Permutation permutation = new Permutation(4, seed, 0);
      int order = 0;
      for (int i = 0; i < 4; i++) {
        order = order << 2 | (int) permutation.apply(i);
      }
      counts[order]++;
    }
    double chiSquare = 0;
    int orders = 0;
    for (int count : counts) {
      if (count > 0) {
        orders++;
        chiSquare += (count - draws / 24.0) * (count - draws / 24.0) / (draws / 24.0);
      }
    }
    assertThat(orders).isEqualTo(24);
    // 23 degrees of freedom: 49.7 is the 99.9th percentile.
    assertThat(chiSquare).isLessThan(49.7);
  }

  @Test
  void neighbours_are_scattered() {
    Permutation permutation = new Permutation(1_000_000, 3, 0);
    double sum = 0;
    for (int i = 0; i < 10_000; i++) {
      sum += Math.abs(permutation.apply(i) - permutation.apply(i + 1));
    }
    // Two independent uniform draws are a third of the range apart.
    assertThat(sum / 10_000 / 1_000_000).isBetween(0.32, 0.347);
  }

  @Test
  void streams_and_seeds_give_other_orders() {
    Set<Long> images = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      images.add(new Permutation(1L << 40, i, 0).apply(7));
      images.add(new Permutation(1L << 40, 0, i + 1).apply(7));
    }
    assertThat(images).hasSize(40);
  }

  @Test
  void impossible_sizes_and_indices_are_errors() {
    assertThatThrownBy(() -> new Permutation(0, 1, 1)).hasMessageContaining("size is 0");
    assertThatThrownBy(() -> new Permutation(5, 1, 1).apply(5)).hasMessageContaining("[0, 5)");
    assertThatThrownBy(() -> new Permutation(5, 1, 1).invert(-1)).hasMessageContaining("[0, 5)");
  }
}
