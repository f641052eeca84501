package dev.gamelan.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitTest {
  @TempDir Path temporary;

  private static List<Long> positions(TokenView view) {
    List<Long> positions = new ArrayList<>();
    for (long i = 0; i < view.tokens(); i++) {
      positions.add(view.datasetPosition(i));
    }
    return positions;
  }

  @Test
  void the_parts_are_disjoint_whole_documents_and_together_everything() throws IOException {
    try (TokenDataset dataset = Datasets.open(200, 40, 1, temporary.resolve("set"))) {
      Split split = dataset.split(0.1, 7);
      List<Long> training = positions(split.training());
      List<Long> validation = positions(split.validation());
      assertThat(training).isSorted();
      assertThat(validation).isSorted();
      Set<Long> all = new HashSet<>(training);
      all.addAll(validation);
      assertThat(all).hasSize((int) dataset.tokens());
      assertThat(training.size() + validation.size()).isEqualTo((int) dataset.tokens());
      Set<Long> documents = new HashSet<>();
      validation.forEach(p -> documents.add(dataset.documentAt(p).index()));
      training.forEach(p -> assertThat(documents).doesNotContain(dataset.documentAt(p).index()));
      assertThat(validation.size() / (double) dataset.tokens()).isBetween(0.09, 0.1);
    }
  }

  @Test
  void it_is_a_function_of_the_seed() {
    try (TokenDataset dataset = Datasets.open(200, 40, 1, temporary.resolve("set"))) {
      List<Long> first = positions(dataset.split(0.1, 7).validation());
      assertThat(positions(dataset.split(0.1, 7).validation())).isEqualTo(first);
      assertThat(positions(dataset.split(0.1, 8).validation())).isNotEqualTo(first);
    }
  }

  @Test
  void a_single_long_text_gives_its_tail() {
    try (TokenDataset dataset = Datasets.of(temporary.resolve("set"), "x".repeat(999))) {
      Split split = dataset.split(0.1, 7);
      assertThat(split.training().tokens()).isEqualTo(900);
      assertThat(split.validation().tokens()).isEqualTo(100);
      assertThat(split.validation().datasetPosition(0)).isEqualTo(900);
    }
  }

  @Test
  void an_impossible_fraction_is_an_error() {
    try (TokenDataset dataset = Datasets.of(temporary.resolve("set"), "abc")) {
      for (double fraction : new double[] {0, 1, -0.1, Double.NaN}) {
        assertThatThrownBy(() -> dataset.split(fraction, 1)).hasMessageContaining("(0, 1)");
      }
      assertThatThrownBy(() -> dataset.split(0.1, 1)).hasMessageContaining("less than one token");
    }
  }
}
