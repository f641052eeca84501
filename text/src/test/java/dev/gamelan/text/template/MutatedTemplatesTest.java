package dev.gamelan.text.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.node.ObjectNode;

/** Published templates and the features' lines, spoilt at random. */
class MutatedTemplatesTest {
  private static final List<String> SOURCES = sources();
  private static final List<ObjectNode> CONTEXTS = List.copyOf(Fixtures.contexts().values());
  private static final Limits LIMITS = new Limits(50_000, 200_000, 10_000, 300);

  private static List<String> sources() {
    List<String> sources = new ArrayList<>(Fixtures.sources().values());
    Fixtures.resource("features.jsonl")
        .lines()
        .skip(1)
        .forEach(line -> sources.add(Fixtures.JSON.readTree(line).get("source").stringValue()));
    return sources;
  }

  /** Takes {@code length} characters at a place away and puts a part of another template there. */
  record Mutation(int place, int length, int other, int from, int copied) {
    String applied(String text) {
      int at = place % (text.length() + 1);
      int end = Math.min(text.length(), at + length);
      String source = SOURCES.get(other % SOURCES.size());
      int start = source.isEmpty() ? 0 : from % source.length();
      String part = source.substring(start, Math.min(source.length(), start + copied));
      return text.substring(0, at) + part + text.substring(end);
    }
  }

  @Property(tries = 3000)
  void whatever_a_template_says_the_outcome_is_text_or_a_template_exception(
      @ForAll("mutated") String source, @ForAll("contexts") int context) {
    try {
      ChatTemplate template = ChatTemplate.parse("spoilt", source);
      Rendering rendering = template.render(CONTEXTS.get(context), LIMITS, Fixtures.CLOCK);
      assertThat(rendering.text().length()).isLessThanOrEqualTo(LIMITS.maxLength());
    } catch (TemplateException e) {
      assertThat(e.getMessage()).startsWith("spoilt").endsWith(e.reason());
      assertThat(e.reason()).isNotNull();
    }
  }

  @Provide
  Arbitrary<String> mutated() {
    Arbitrary<Integer> anywhere = Arbitraries.integers().between(0, 20_000);
    Arbitrary<Mutation> mutation =
        Combinators.combine(
                anywhere,
                Arbitraries.integers().between(0, 6),
                anywhere,
                anywhere,
                Arbitraries.integers().between(0, 20))
            .as(Mutation::new);
    return Combinators.combine(Arbitraries.of(SOURCES), mutation.list().ofMinSize(1).ofMaxSize(4))
        .as(
            (source, mutations) -> {
              String text = source;
              for (Mutation m : mutations) {
                text = m.applied(text);
              }
              return text;
            });
  }

  @Provide
  Arbitrary<Integer> contexts() {
    return Arbitraries.integers().between(0, CONTEXTS.size() - 1);
  }
}
