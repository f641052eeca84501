package dev.gamelan.text.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.text.unicode.ByteTrie;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class UnigramLatticeTest {
  private static final String[] NAMES = {"a", "b", "ab", "ba", "aba"};
  private static final double[] PROBABILITIES = {0.3, 0.2, 0.2, 0.1, 0.2};

  private static UnigramLattice lattice(double[] probabilities) {
    ByteTrie trie = new ByteTrie();
    for (int i = 0; i < NAMES.length; i++) {
      trie.put(bytes(NAMES[i]), i);
    }
    return new UnigramLattice(
        trie, Arrays.stream(probabilities).map(Math::log).toArray(), probabilities);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void expectations_are_those_of_all_ways_to_cut_the_word() {
    double[] expected = new double[5];
    double log = lattice(PROBABILITIES).expect(bytes("aba"), 0, 3, 2, expected);
    // a b a, ab a, a ba, aba
    double[] ways = {0.3 * 0.2 * 0.3, 0.2 * 0.3, 0.3 * 0.1, 0.2};
    double all = Arrays.stream(ways).sum();
    assertThat(log).isCloseTo(Math.log(all), within(1e-12));
    assertThat(expected[0]).isCloseTo(2 * (2 * ways[0] + ways[1] + ways[2]) / all, within(1e-12));
    assertThat(expected[1]).isCloseTo(2 * ways[0] / all, within(1e-12));
    assertThat(expected[4]).isCloseTo(2 * ways[3] / all, within(1e-12));
  }

  @Test
  void words_of_any_length_neither_underflow_nor_lose_a_token() {
    double[] tiny = {1e-12, 1e-13, 1e-14, 1e-9, 1e-20};
    String word = "ab".repeat(20_000) + "a".repeat(3_000);
    double[] expected = new double[5];
    double log = lattice(tiny).expect(bytes(word), 0, word.length(), 1, expected);
    assertThat(log).isFinite().isNegative();
    double characters = 0;
    for (int i = 0; i < NAMES.length; i++) {
      characters += NAMES[i].length() * expected[i];
    }
    assertThat(characters).isCloseTo(word.length(), within(1e-6 * word.length()));
  }

  @Test
  void the_best_way_can_be_asked_for_without_a_token() {
    UnigramLattice lattice = lattice(PROBABILITIES);
    int[] out = new int[8];
    assertThat(lattice.best(bytes("aba"), 0, 3, out)).isEqualTo(1);
    assertThat(out[0]).isEqualTo(4);
    assertThat(lattice.best(bytes("aba"), 0, 3, 4, out)).isEqualTo(2);
    assertThat(lattice.score(3)).isCloseTo(Math.log(0.2 * 0.3), within(1e-12));
    assertThat(lattice.best(bytes("b"), 0, 1, 1, out)).isZero();
  }
}
