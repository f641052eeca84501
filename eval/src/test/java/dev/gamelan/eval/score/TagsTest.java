package dev.gamelan.eval.score;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What format_span gives was produced by the reference (0.4.13); regex_pos is worked by hand from
 * its rules.
 */
final class TagsTest {
  private final ObjectNode options = JsonNodeFactory.instance.objectNode();

  @Test
  void tags_of_words_are_listed_and_none_is_invalid() {
    assertThat(Tags.partsOfSpeech("[('a', 'DET'), ('dog', 'NOUN')]", options).toString())
        .isEqualTo("[\"DET\",\"NOUN\"]");
    assertThat(Tags.partsOfSpeech("nothing", options).toString()).isEqualTo("[\"invalid\"]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "Person: Ada, Bob $$ Location: none $$ Date: 1843$$ | per: ada $ per: bob $ date: 1843",
        "PER: Ada\\nLOC: Kenya, Uganda\\nORG: none | per: ada $ loc: kenya $ loc: uganda",
        "the person : X $ company: person: Y | per: x $ org: PER: y",
        "per diem: 3 date : today | date: today",
        "nothing at all | \"\"",
        "people: Ünal $$$ time: noon | per: ünal $ date: noon",
      })
  void names_are_listed_by_kind(String said, String expected) {
    assertThat(Tags.spans(said.replace("\\n", "\n"))).isEqualTo(expected);
  }
}
