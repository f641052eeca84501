package dev.gamelan.eval.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Expected values are those of CPython 3.11's random.Random. */
final class PythonRandomTest {
  private static List<Integer> range(int n) {
    return IntStream.range(0, n).boxed().toList();
  }

  @Test
  void floats_are_pythons() {
    PythonRandom random = new PythonRandom(42);
    assertThat(random.random()).isEqualTo(0.6394267984578837);
    assertThat(random.random()).isEqualTo(0.025010755222666936);
    assertThat(new PythonRandom(0).random()).isEqualTo(0.8444218515250481);
    assertThat(new PythonRandom(-42).random()).isEqualTo(0.6394267984578837);
  }

  @Test
  void seeds_beyond_32_bits_are_pythons() {
    assertThat(new PythonRandom(1L << 40).random()).isEqualTo(0.1036394562812375);
  }

  @Test
  void samples_are_pythons_whatever_the_method_of_drawing() {
    PythonRandom random = new PythonRandom(1234);
    assertThat(random.sample(range(7473), 5)).containsExactly(6374, 3610, 957, 61, 742);
    assertThat(random.sample(range(20), 5)).containsExactly(18, 1, 2, 3, 11);
    assertThat(random.sample(range(100), 30))
        .containsExactly(
            30, 2, 3, 98, 44, 82, 79, 61, 78, 59, 19, 11, 23, 14, 1, 64, 62, 31, 8, 69, 90, 81, 76,
            88, 65, 74, 5, 34, 71, 91);
    assertThat(random.below(1000)).isEqualTo(660);
  }

  @Test
  void shuffles_are_pythons() {
    List<Integer> items = new ArrayList<>(range(12));
    new PythonRandom(42).shuffle(items);
    assertThat(items).containsExactly(7, 5, 2, 8, 9, 6, 11, 3, 4, 0, 1, 10);
  }

  @Test
  void choices_are_pythons() {
    int[] chosen = new int[6];
    new PythonRandom(7).choices(50, chosen);
    assertThat(chosen).containsExactly(16, 7, 32, 3, 26, 18);
  }

  @Test
  void a_sample_of_more_than_all_is_refused() {
    assertThatThrownBy(() -> new PythonRandom(1).sample(range(3), 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("4 out of 3");
  }
}
