package dev.gamelan.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.data.Mixture.AtEnd;
import dev.gamelan.data.Mixture.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MixtureTest {
  /** {@code count} documents of {@code length} bytes each. */
  private static DocumentSource corpus(String name, int count, int length) {
    return DocumentSource.of(
        name,
        IntStream.range(0, count)
            .mapToObj(i -> new Document(name + i, "x".repeat(length), name))
            .toList());
  }

  private static List<Document> read(DocumentSource source) {
    List<Document> all = new ArrayList<>();
    try (DocumentStream documents = source.open()) {
      documents.forEachRemaining(all::add);
    }
    return all;
  }

  private static List<String> ids(DocumentSource source) {
    return read(source).stream().map(Document::id).toList();
  }

  @Test
  void shares_of_bytes_are_as_the_weights_say_however_long_the_documents() {
    Mixture mixture =
        new Mixture(
            List.of(
                new Part(corpus("short", 10, 100), 3, AtEnd.REPEAT),
                new Part(corpus("long", 10, 20_000), 1, AtEnd.REPEAT)),
            5);
    Map<String, Long> bytes =
        read(mixture.limited(10_000_000)).stream()
            .collect(
                Collectors.groupingBy(Document::source, Collectors.summingLong(Document::bytes)));
    assertThat(bytes.get("short") / 10_000_000.0).isBetween(0.72, 0.78);
  }

  @Test
  void the_order_is_a_function_of_the_seed() {
    List<Part> parts =
        List.of(
            new Part(corpus("a", 500, 900), 1, AtEnd.LEAVE),
            new Part(corpus("b", 500, 900), 1, AtEnd.LEAVE));
    List<String> drawn = ids(new Mixture(parts, 5));
    assertThat(ids(new Mixture(parts, 5))).isEqualTo(drawn);
    assertThat(ids(new Mixture(parts, 6))).isNotEqualTo(drawn);
    assertThat(drawn).doesNotHaveDuplicates().hasSize(1000);
    assertThat(drawn.stream().filter(id -> id.startsWith("a")).toList())
        .isEqualTo(ids(corpus("a", 500, 900)));
  }

  @Test
  void a_part_at_its_end_stops_leaves_or_repeats() {
    DocumentSource ten = corpus("ten", 10, 5000);
    DocumentSource many = corpus("many", 1000, 5000);
    List<String> stopped =
        ids(new Mixture(List.of(new Part(ten, 1, AtEnd.STOP), new Part(many, 1, AtEnd.LEAVE)), 1));
    assertThat(stopped).hasSizeBetween(12, 60);
    assertThat(stopped.stream().filter(id -> id.startsWith("ten"))).hasSize(10);
    List<String> left =
        ids(new Mixture(List.of(new Part(ten, 1, AtEnd.LEAVE), new Part(many, 1, AtEnd.LEAVE)), 1));
    assertThat(left).hasSize(1010);
    List<String> repeated =
        ids(new Mixture(List.of(new Part(ten, 1, AtEnd.REPEAT), new Part(many, 1, AtEnd.STOP)), 1));
    assertThat(repeated.stream().filter("ten3"::equals).count()).isGreaterThan(50);
  }

  @Test
  void a_part_that_is_empty_cannot_repeat() {
    Mixture mixture =
        new Mixture(List.of(new Part(DocumentSource.of("void", List.of()), 1, AtEnd.REPEAT)), 1);
    assertThatThrownBy(() -> read(mixture)).hasMessageContaining("void is to be repeated");
  }

  @Test
  void impossible_mixtures_are_errors() {
    assertThatThrownBy(() -> new Mixture(List.of(), 1)).hasMessageContaining("no parts");
    for (double weight : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> new Part(corpus("a", 1, 1), weight, AtEnd.STOP))
          .hasMessageContaining("above 0");
    }
  }
}
