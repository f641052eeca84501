package dev.gamelan.eval.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.eval.known.KnownHooks;
import dev.gamelan.eval.task.Measure;
import dev.gamelan.eval.task.TaskConfig.FilterPipeline;
import dev.gamelan.eval.task.TaskConfig.FilterStep;
import dev.gamelan.eval.task.TaskException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Expected figures were computed with lm_eval 0.4.13 and scikit-learn. */
final class ScoringTest {
  private static ObjectNode json(String text) {
    return (ObjectNode) JsonMapper.shared().readTree(text.replace('\'', '"'));
  }

  private static JsonNode filtered(String options, String document, String... answers) {
    ObjectNode step = json(options);
    String function = step.get("function").asString();
    step.remove("function");
    Filters filters =
        new Filters(
            new FilterPipeline("f", List.of(new FilterStep(function, Optional.empty(), step))),
            new KnownHooks());
    return filters.apply(
        Stream.of(answers).map(a -> (JsonNode) JsonNodeFactory.instance.stringNode(a)).toList(),
        json(document));
  }

  @Test
  void a_pattern_extracts_the_first_or_last_match_or_the_fallback() {
    String flexible =
        "{'function': 'regex', 'group_select': -1, 'regex_pattern': '(-?[$0-9.,]{2,})|(-?[0-9]+)'}";
    assertThat(filtered(flexible, "{}", "It is 12, no $1,300. Or 7", "none").toString())
        .isEqualTo("[\"7\",\"[invalid]\"]");
    String strict = "{'function': 'regex', 'regex_pattern': '#### (-?[0-9.,]+)'}";
    assertThat(filtered(strict, "{}", "so #### 18 and #### 20").toString()).isEqualTo("[\"18\"]");
  }

  @Test
  void votes_and_selections_choose() {
    assertThat(filtered("{'function': 'majority_vote'}", "{}", "a", "b", "b").toString())
        .isEqualTo("[\"b\"]");
    assertThat(filtered("{'function': 'majority_vote'}", "{}", "a", "b").toString())
        .as("of equals the first")
        .isEqualTo("[\"a\"]");
    assertThat(filtered("{'function': 'take_first'}", "{}", "a", "b").asString()).isEqualTo("a");
    assertThat(filtered("{'function': 'take_first_k', 'k': 2}", "{}", "a", "b", "c").toString())
        .isEqualTo("[\"a\",\"b\"]");
    assertThatThrownBy(() -> filtered("{'function': 'take_first_k', 'k': 3}", "{}", "a"))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("raise repeats");
    assertThatThrownBy(() -> filtered("{'function': 'bold'}", "{}", "a"))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("no filter 'bold'");
  }

  @Test
  void a_choice_is_found_by_pattern_words_or_letter() {
    String options =
        "{'function': 'multi_choice_regex', 'ignore_case': true, 'ignore_punctuation': true,"
            + " 'group_select': -1, 'regex_pattern': '(\\\\([A-Z]\\\\))'}";
    String document = "{'choices': ['Red wine', 'Beer', 'Water']}";
    assertThat(
            filtered(options, document, "I say (B).", "surely red, wine!", "answer: C", "what?")
                .toString())
        .isEqualTo("[\"(B)\",\"(A)\",\"(C)\",\"[invalid]\"]");
  }

  @ParameterizedTest
  @CsvSource({
    "'1,000', '1000', true",
    "'$5.', '5', true",
    "'work #### 42', '42', true",
    "'ABC', 'abc', true",
    "'a b', 'ab', false"
  })
  void exact_match_ignores_what_the_task_says(String reference, String prediction, boolean same) {
    ExactMatch match =
        new ExactMatch(
            json(
                "{'ignore_case': true, 'regexes_to_ignore': [',', '\\\\$', '(?s).*#### ', '\\\\.$']}"));
    assertThat(match.same(reference, prediction)).isEqualTo(same);
  }

  private static List<Measure> classes(int... pairs) {
    return java.util.stream.IntStream.range(0, pairs.length / 2)
        .<Measure>mapToObj(i -> new Measure.Classes(pairs[2 * i], pairs[2 * i + 1]))
        .toList();
  }

  @Test
  void aggregations_are_the_references() {
    List<Measure> binary = classes(1, 1, 1, 0, 0, 0, 0, 1, 1, 1);
    assertThat(Aggregation.Named.F1.of(binary)).isCloseTo(2.0 / 3, within(1e-12));
    assertThat(Aggregation.Named.MATTHEWS_CORRCOEF.of(binary))
        .isCloseTo(0.16666666666666666, within(1e-12));
    assertThat(Aggregation.Named.MATTHEWS_CORRCOEF.of(classes(0, 0, 1, 2, 2, 2, 1, 1)))
        .isCloseTo(0.7, within(1e-12));
    List<Measure> weighted = List.of(new Measure.Weighted(-10, 4), new Measure.Weighted(-2, 2));
    assertThat(Aggregation.Named.WEIGHTED_PERPLEXITY.of(weighted))
        .isCloseTo(Math.exp(2), within(1e-12));
    assertThat(Aggregation.Named.BITS_PER_BYTE.of(weighted))
        .isCloseTo(2 / Math.log(2), within(1e-12));
    assertThat(
            Aggregation.Named.BRIER_SCORE.of(
                List.of(new Measure.Distribution(0, List.of(0.8, 0.2)))))
        .isCloseTo(0.08, within(1e-12));
  }

  @Test
  void a_bootstrap_draws_what_python_draws() {
    List<Measure> values =
        Stream.of(-1.0, -2.5, -0.25, -4.0, -3.0).<Measure>map(Measure.Number::new).toList();
    assertThat(StandardError.of(Aggregation.Named.PERPLEXITY, values, 2000).orElseThrow())
        .isCloseTo(6.686632191883755, within(1e-9));
    assertThat(StandardError.of(Aggregation.Named.MEAN, values, 2000).orElseThrow())
        .isCloseTo(0.6782329983125267, within(1e-12));
    assertThat(StandardError.of(Aggregation.Named.MEAN, values, 0)).isEmpty();
    assertThat(StandardError.of(Aggregation.Named.BITS_PER_BYTE, List.of(), 10)).isEmpty();
    assertThat(StandardError.pooled(new double[] {0.05, 0.02}, new int[] {100, 400}))
        .isCloseTo(0.018862214412155336, within(1e-12));
  }
}
