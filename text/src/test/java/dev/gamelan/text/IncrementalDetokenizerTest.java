package dev.gamelan.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.text.Tokenizer.Special;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IncrementalDetokenizerTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "models/stories260K/tok512.bin",
        "tokenizers/llama2.c/tokenizer.bin",
        "tokenizers/kitoken/tests/models/tokenizers/gpt2.json",
        "models/smollm2/tokenizer.json"
      })
  void text_in_parts_is_the_text_of_the_whole(String file) throws IOException {
    Tokenizer t = Tokenizers.open(SharedAssets.file(file));
    SplittableRandom random = new SplittableRandom(5);
    for (int round = 0; round < 300; round++) {
      int[] ids = new int[random.nextInt(30)];
      for (int i = 0; i < ids.length; i++) {
        // Low ids are control tokens and bytes in these vocabularies.
        ids[i] = random.nextInt(random.nextBoolean() ? 260 : t.vocabularySize());
      }
      IncrementalDetokenizer parts = IncrementalDetokenizer.fromStart(t);
      StringBuilder text = new StringBuilder();
      for (int id : ids) {
        text.append(parts.add(id));
      }
      assertThat(text.append(parts.finish())).hasToString(t.decode(ids));
    }
  }

  @Test
  void a_character_is_given_out_when_its_last_byte_has_come() throws IOException {
    Tokenizer t = Tokenizers.open(SharedAssets.file("models/stories260K/tok512.bin"));
    IncrementalDetokenizer d = IncrementalDetokenizer.continuing(t);
    List<String> parts = new ArrayList<>();
    for (int b : new int[] {'h', 0xF0, 0x9F, 0x98, 0x8A, 0xC3, '!', 0xE2, 0x82}) {
      parts.add(d.add(3 + b));
    }
    parts.add(d.finish());
    assertThat(parts).containsExactly("h", "", "", "", "😊", "", "\uFFFD!", "", "", "\uFFFD");
    assertThat(d.finish()).isEmpty();
  }

  @Test
  void the_space_before_the_first_word_is_dropped_at_the_start_only() throws IOException {
    Tokenizer t = Tokenizers.open(SharedAssets.file("models/stories260K/tok512.bin"));
    int[] ids = t.encode("Once upon");
    assertThat(all(IncrementalDetokenizer.fromStart(t), ids)).isEqualTo("Once upon");
    assertThat(all(IncrementalDetokenizer.continuing(t), ids)).isEqualTo(" Once upon");
    int[] withBos = t.encode("<s>Once upon</s>", Special.PARSE);
    assertThat(withBos[0]).isEqualTo(1);
    assertThat(all(IncrementalDetokenizer.fromStart(t), withBos)).isEqualTo("<s>Once upon</s>");
    assertThat(all(IncrementalDetokenizer.fromStart(t).withoutSpecial(), withBos))
        .isEqualTo("Once upon");
  }

  @Test
  void an_id_outside_the_vocabulary_is_refused() throws IOException {
    Tokenizer t = Tokenizers.open(SharedAssets.file("models/stories260K/tok512.bin"));
    assertThatThrownBy(() -> IncrementalDetokenizer.fromStart(t).add(512))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("512");
    assertThatThrownBy(() -> t.decode(new int[] {-1})).hasMessageContaining("-1");
  }

  private static String all(IncrementalDetokenizer d, int[] ids) {
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(d.add(id));
    }
    return text.append(d.finish()).toString();
  }
}
