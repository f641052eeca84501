package dev.gamelan.text.split;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.text.unicode.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MarkedSequencesTest {
  private static final List<String> KINDS = List.of("DNA", "SMILES", "I_SMILES");
  private static final String PLAIN = " ?[a-z]+|\\s+|.";

  @Test
  void pieces_are_those_of_the_expressions_themselves() {
    String[] parts = {
      "[START_DNA]",
      "[END_DNA]",
      "[START_SMILES]",
      "[END_SMILES]",
      "[START_I_SMILES]",
      "[END_I_SMILES]",
      "[",
      "]",
      "[START_",
      "C(=O)",
      "é",
      "🙂",
      " a",
      "\n",
      "acgt",
      "[END_X]"
    };
    SplittableRandom random = new SplittableRandom(5);
    for (String expression :
        List.of(
            MarkedSequences.spans(KINDS),
            MarkedSequences.characters(KINDS),
            MarkedSequences.wholeOr(KINDS, PLAIN))) {
      Splitter fast = MarkedSequences.splitter(expression).orElseThrow();
      Splitter slow =
          new RegexSplitter(Oniguruma.compile(expression), SplitBehavior.ISOLATED, false);
      for (int i = 0; i < 3_000; i++) {
        StringBuilder text = new StringBuilder();
        for (int n = random.nextInt(7); n >= 0; n--) {
          text.append(parts[random.nextInt(parts.length)]);
        }
        assertThat(pieces(fast, text.toString()))
            .as("%s on %s", expression, text)
            .isEqualTo(pieces(slow, text.toString()));
      }
    }
  }

  @Test
  void other_expressions_are_left_to_the_general_engine() {
    assertThat(MarkedSequences.splitter("\\[START_DNA\\].*")).isEmpty();
    assertThat(MarkedSequences.splitter(" ?\\p{L}+")).isEmpty();
  }

  private static List<String> pieces(Splitter splitter, String text) {
    byte[] bytes = Utf8.encode(text);
    Pieces out = new Pieces();
    out.reset(bytes, 0);
    splitter.split(bytes, 0, bytes.length, out);
    List<String> pieces = new ArrayList<>();
    for (int i = 0; i < out.size(); i++) {
      pieces.add(Utf8.decode(bytes, out.start(i), out.end(i)));
    }
    return pieces;
  }
}
