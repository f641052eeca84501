package dev.gamelan.eval.known;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.eval.task.TaskException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

final class InstructionTest {
  private static boolean follows(String id, String kwargs, String answer) {
    return new Instruction(id, JsonMapper.shared().readTree(kwargs.replace('\'', '"')))
        .follows(answer.replace("\\n", "\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          keywords:existence | {'keywords': ['cat', 'dog']} | Dogs and CATS. | true
          keywords:existence | {'keywords': ['cat', 'cow']} | Dogs and CATS. | false
          keywords:forbidden_words | {'forbidden_words': ['cat']} | Category. | true
          keywords:forbidden_words | {'forbidden_words': ['cat']} | A Cat! | false
          keywords:frequency | {'keyword': 'a', 'frequency': 2, 'relation': 'less than'} | a A | false
          keywords:letter_frequency | {'letter': 'E', 'let_frequency': 2, 'let_relation': 'at least'} | eel | true
          length_constraints:number_words | {'num_words': 3, 'relation': 'at least'} | one, two three! | true
          length_constraints:number_sentences | {'num_sentences': 3, 'relation': 'less than'} | One. Two! | true
          length_constraints:number_paragraphs | {'num_paragraphs': 2} | a\\n***\\nb | true
          length_constraints:number_paragraphs | {'num_paragraphs': 2} | a\\n***\\n***\\nb | false
          length_constraints:nth_paragraph_first_word | {'num_paragraphs': 2, 'nth_paragraph': 2, 'first_word': 'weird'} | a\\n\\n"Weird, b | true
          detectable_content:number_placeholders | {'num_placeholders': 2} | [a] and [b] | true
          detectable_content:postscript | {'postscript_marker': 'P.P.S'} | x\\nP. P. S. y | true
          detectable_format:number_bullet_lists | {'num_bullets': 2} | * a\\n- b\\n**c** | true
          detectable_format:constrained_response | {} | Well: My answer is no. | true
          detectable_format:number_highlighted_sections | {'num_highlights': 2} | *a* and *b* or ** | true
          detectable_format:multiple_sections | {'section_spliter': 'SECTION', 'num_sections': 2} | SECTION 1 x SECTION 2 y | true
          detectable_format:json_format | {} | ```json\\n{"a": 1}\\n``` | true
          detectable_format:json_format | {} | {"a": } | false
          detectable_format:title | {} | <<A title>> text | true
          detectable_format:title | {} | << >> text | false
          combination:two_responses | {} | a ****** b | true
          combination:two_responses | {} | a ****** a | false
          combination:repeat_prompt | {'prompt_to_repeat': 'Say IT'} | say it: it | true
          startend:end_checker | {'end_phrase': 'The End.'} | and so on. the end." | true
          startend:quotation | {} | "x" | true
          change_case:capital_word_frequency | {'capital_frequency': 2, 'capital_relation': 'at least'} | A WELL-KNOWN case | true
          change_case:english_capital | {} | THIS IS THE END OF IT. | true
          change_case:english_lowercase | {} | this is The end of it. | false
          punctuation:no_comma | {} | a, b | false
          language:response_language | {'language': 'ta'} | வணக்கம் உலகம் | true
          language:response_language | {'language': 'de'} | Das ist nicht der Hund und die Katze. | true
          language:response_language | {'language': 'hi'} | यह एक किताब है और वह भी। | true
          """)
  void answers_are_checked(String id, String kwargs, String answer, boolean followed) {
    assertThat(follows(id, kwargs, answer)).isEqualTo(followed);
  }

  @Test
  void what_isnt_known_or_lacks_its_arguments_is_said() {
    assertThatThrownBy(() -> follows("length:odd", "{}", "x"))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("length:odd");
    assertThatThrownBy(() -> follows("length_constraints:number_words", "{}", "x"))
        .isInstanceOf(TaskException.class)
        .hasMessageContaining("lacks its relation");
  }
}
