package dev.gamelan.eval.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class PrefixTreeTest {
  @Test
  void what_sequences_share_stands_once() {
    PrefixTree tree =
        new PrefixTree(
            List.of(
                new int[] {1, 2, 3, 4}, new int[] {1, 2, 3, 5, 6}, new int[] {1, 2}, new int[] {7}),
            new int[] {3, 2, 1, 0});

    assertThat(tree.given()).isEqualTo(12);
    assertThat(tree.stored()).isEqualTo(7);
    assertThat(tree.roots()).hasSize(2);
    PrefixTree.Node first = tree.roots().getFirst();
    assertThat(first.length()).isEqualTo(2);
    assertThat(first.marks()).containsExactly(new PrefixTree.Mark(1, 2, 1));
    assertThat(first.children().getFirst().length()).isEqualTo(1);
    assertThat(first.children().getFirst().marks()).containsExactly(new PrefixTree.Mark(0, 1, 2));
    assertThat(first.children().getFirst().children()).hasSize(2);
  }

  @Property(tries = 200)
  void every_sequence_is_a_path_with_all_its_marks(@ForAll long seed) {
    Random random = new Random(seed);
    List<int[]> sequences = new ArrayList<>();
    int[] firstMark = new int[1 + random.nextInt(30)];
    for (int i = 0; i < firstMark.length; i++) {
      sequences.add(random.ints(1 + random.nextInt(12), 0, 3).toArray());
      firstMark[i] = random.nextInt(sequences.get(i).length);
    }
    PrefixTree tree = new PrefixTree(sequences, firstMark);

    Map<Integer, Set<Integer>> marked = new HashMap<>();
    Set<List<Integer>> prefixes = new HashSet<>();
    long stored = 0;
    for (PrefixTree.Node root : tree.roots()) {
      stored += walk(root, new ArrayList<>(), sequences, marked, prefixes);
    }
    assertThat(stored).isEqualTo(tree.stored());
    assertThat(prefixes).as("no prefix stands twice").hasSize((int) stored);
    for (int i = 0; i < firstMark.length; i++) {
      assertThat(marked.get(i)).hasSize(sequences.get(i).length - firstMark[i]);
    }
  }

  private static long walk(
      PrefixTree.Node node,
      List<Integer> before,
      List<int[]> sequences,
      Map<Integer, Set<Integer>> marked,
      Set<List<Integer>> prefixes) {
    List<Integer> path = new ArrayList<>(before);
    for (int i = 0; i < node.length(); i++) {
      path.add(node.tokens()[node.from() + i]);
      prefixes.add(List.copyOf(path));
    }
    for (PrefixTree.Mark mark : node.marks()) {
      int[] sequence = sequences.get(mark.sequence());
      assertThat(mark.place()).isEqualTo(before.size() + mark.at());
      assertThat(path.subList(0, mark.place() + 1))
          .containsExactlyElementsOf(
              Arrays.stream(sequence).limit(mark.place() + 1L).boxed().toList());
      assertThat(marked.computeIfAbsent(mark.sequence(), s -> new HashSet<>()).add(mark.place()))
          .isTrue();
    }
    long stored = node.length();
    for (PrefixTree.Node child : node.children()) {
      stored += walk(child, path, sequences, marked, prefixes);
    }
    return stored;
  }

  @Test
  void a_long_text_is_cut_into_windows_that_dont_overlap() {
    int[] tokens = {10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
    List<TokenPair> windows = TokenPair.windows(tokens, 99, 4);

    assertThat(windows).hasSize(3);
    assertThat(windows.get(0).input(4)).containsExactly(99, 10, 11, 12);
    assertThat(windows.get(1).input(4)).containsExactly(13, 14, 15, 16);
    assertThat(windows.get(2).input(4)).containsExactly(15, 16, 17, 18);
    assertThat(windows.get(2).continuation()).containsExactly(18, 19);
    assertThat(TokenPair.windows(new int[0], 99, 4)).isEmpty();
  }

  @Test
  void too_long_a_request_loses_its_beginning() {
    TokenPair pair = new TokenPair(new int[] {1, 2, 3, 4, 5}, new int[] {6, 7});
    assertThat(pair.input(4)).containsExactly(3, 4, 5, 6);
    assertThat(pair.input(100)).containsExactly(1, 2, 3, 4, 5, 6);
  }
}
