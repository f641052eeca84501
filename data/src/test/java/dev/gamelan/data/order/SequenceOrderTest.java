package dev.gamelan.data.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.data.shard.Datasets;
import dev.gamelan.data.shard.DocumentEntry;
import dev.gamelan.data.shard.TokenDataset;
import dev.gamelan.data.shard.TokenView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequenceOrderTest {
  private static final int T = 16;

  @TempDir Path temporary;
  private TokenDataset dataset;

  @BeforeEach
  void open() {
    dataset = Datasets.open(150, 40, 3, temporary.resolve("set"));
  }

  @AfterEach
  void close() {
    dataset.close();
  }

  /** The rows [position, position + batch) as inputs and targets, T + T numbers each. */
  private static List<List<Integer>> rows(SequenceOrder order, long position, int batch) {
    int t = order.length();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment inputs = arena.allocate(ValueLayout.JAVA_INT, (long) batch * t);
      MemorySegment targets = arena.allocate(ValueLayout.JAVA_INT, (long) batch * t);
      order.fill(position, batch, inputs, targets);
      List<List<Integer>> rows = new ArrayList<>();
      for (int b = 0; b < batch; b++) {
        List<Integer> row = new ArrayList<>();
        for (MemorySegment side : List.of(inputs, targets)) {
          for (int i = 0; i < t; i++) {
            row.add(side.getAtIndex(ValueLayout.JAVA_INT, (long) b * t + i));
          }
        }
        rows.add(row);
      }
      return rows;
    }
  }

  @Test
  void an_epoch_holds_every_window_once_and_the_next_in_another_order() {
    SequenceOrder order = new SequenceOrder(dataset.all(), T, 5);
    long n = order.sequencesPerEpoch();
    assertThat(n).isEqualTo((dataset.tokens() - 1) / T);
    List<Long> first = LongStream.range(0, n).mapToObj(order::window).toList();
    List<Long> second = LongStream.range(n, 2 * n).mapToObj(order::window).toList();
    List<Long> all = LongStream.range(0, n).boxed().toList();
    assertThat(first).containsExactlyInAnyOrderElementsOf(all).isNotEqualTo(all);
    assertThat(second).containsExactlyInAnyOrderElementsOf(all).isNotEqualTo(first);
    assertThat(order.epoch(n - 1)).isZero();
    assertThat(order.epoch(n)).isEqualTo(1);
  }

  @Test
  void a_sequence_does_not_depend_on_the_batch_it_rides_in() {
    SequenceOrder order = new SequenceOrder(dataset.all(), T, 5);
    int n = (int) order.sequencesPerEpoch() + 20; // into the second epoch
    List<List<Integer>> single =
        IntStream.range(0, n).mapToObj(i -> rows(order, i, 1).getFirst()).toList();
    assertThat(rows(order, 0, n)).isEqualTo(single);
    assertThat(rows(order, 13, 7)).isEqualTo(single.subList(13, 20));
    assertThat(rows(new SequenceOrder(dataset.all(), T, 6), 0, n)).isNotEqualTo(single);
  }

  @Test
  void threads_see_the_same_sequences() {
    SequenceOrder order = new SequenceOrder(dataset.all(), T, 5);
    List<List<Integer>> parallel =
        IntStream.range(0, 300).parallel().mapToObj(i -> rows(order, i, 1).getFirst()).toList();
    assertThat(parallel).isEqualTo(rows(order, 0, 300));
  }

  @Test
  void targets_are_the_tokens_that_follow_across_shards_and_splits() {
    for (TokenView view :
        List.of(
            dataset.all(), dataset.split(0.2, 1).training(), dataset.split(0.2, 1).validation())) {
      SequenceOrder order = new SequenceOrder(view, T, 5);
      for (int p = 0; p < order.sequencesPerEpoch(); p++) {
        List<Integer> row = rows(order, p, 1).getFirst();
        long start = order.start(p);
        for (int i = 0; i < T; i++) {
          assertThat(row.get(i)).isEqualTo(view.token(start + i));
          assertThat(row.get(T + i)).isEqualTo(view.token(start + i + 1));
        }
      }
    }
  }

  @Test
  void the_documents_of_a_sequence_are_those_its_tokens_lie_in() {
    TokenView view = dataset.split(0.2, 1).training();
    SequenceOrder order = new SequenceOrder(view, T, 5);
    for (int p = 0; p < 40; p++) {
      Set<String> expected = new LinkedHashSet<>();
      for (int i = 0; i <= T; i++) {
        expected.add(dataset.documentAt(view.datasetPosition(order.start(p) + i)).id());
      }
      assertThat(order.documentsOf(p))
          .extracting(DocumentEntry::id)
          .containsExactlyElementsOf(expected);
    }
  }

  @Test
  void the_fingerprint_changes_with_whatever_changes_the_order() {
    TokenView all = dataset.all();
    assertThat(new SequenceOrder(all, T, 5).fingerprint())
        .isEqualTo(new SequenceOrder(dataset.all(), T, 5).fingerprint());
    assertThat(
            List.of(
                new SequenceOrder(all, T, 5).fingerprint(),
                new SequenceOrder(all, T, 6).fingerprint(),
                new SequenceOrder(all, T + 1, 5).fingerprint(),
                new SequenceOrder(dataset.split(0.2, 1).training(), T, 5).fingerprint(),
                new SequenceOrder(dataset.split(0.2, 2).training(), T, 5).fingerprint()))
        .doesNotHaveDuplicates();
  }

  @Test
  void awkward_lengths_are_legal() {
    for (int t : new int[] {1, 7, (int) dataset.tokens() - 1}) {
      SequenceOrder order = new SequenceOrder(dataset.all(), t, 5);
      List<Integer> row = rows(order, 0, 1).getFirst();
      assertThat(row.getLast()).isEqualTo(dataset.token(order.start(0) + t));
    }
  }

  @Test
  void too_few_tokens_or_too_small_a_segment_is_an_error() {
    int tokens = (int) dataset.tokens();
    assertThatThrownBy(() -> new SequenceOrder(dataset.all(), tokens, 5))
        .hasMessageContaining("too few");
    SequenceOrder order = new SequenceOrder(dataset.all(), T, 5);
    MemorySegment small = MemorySegment.ofArray(new int[2 * T - 1]);
    assertThatThrownBy(() -> order.fill(0, 2, small, small))
        .hasMessageContaining("needs 128 bytes");
    assertThatThrownBy(() -> order.window(-1)).hasMessageContaining("position is -1");
  }
}
