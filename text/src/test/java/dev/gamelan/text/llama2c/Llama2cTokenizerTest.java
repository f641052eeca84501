package dev.gamelan.text.llama2c;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.SharedAssets;
import dev.gamelan.text.Tokenizer.Special;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class Llama2cTokenizerTest {
  private static final String FOLDER = "models/stories260K/";

  @Test
  void the_teacher_forced_ids_of_stories260K_are_those_of_its_text() throws Exception {
    Llama2cTokenizer t = Llama2cTokenizer.read(SharedAssets.file(FOLDER + "tok512.bin"));
    JsonNode golden = SharedAssets.json(FOLDER + "golden_teacher_forced.json").get("tokens");
    int[] ids = golden.values().stream().mapToInt(JsonNode::intValue).toArray();
    assertThat(ids[0]).isEqualTo(t.bos().orElseThrow());
    int[] withoutBos = Arrays.copyOfRange(ids, 1, ids.length);
    String text = t.decode(withoutBos);
    assertThat(t.encode(text)).isEqualTo(withoutBos);
    assertThat(t.decode(ids)).isEqualTo("<s>" + text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"golden_greedy_256.txt", "golden_topp09_seed133742.txt", "story1.txt"})
  void texts_come_back(String file) throws Exception {
    Llama2cTokenizer t = Llama2cTokenizer.read(SharedAssets.file(FOLDER + "tok512.bin"));
    String text = SharedAssets.text(FOLDER + file);
    assertThat(t.decode(t.encode(text))).isEqualTo(text);
  }

  @Test
  void llamas_own_vocabulary_gives_the_ids_of_other_implementations() throws Exception {
    Llama2cTokenizer t =
        Llama2cTokenizer.read(SharedAssets.file("tokenizers/llama2.c/tokenizer.bin"));
    List<JsonNode> inputs = SharedAssets.jsonLines("tokenizers/natural-vectors/input.jsonl");
    List<JsonNode> rows = SharedAssets.jsonLines("tokenizers/natural-vectors/hfjs_llama2.jsonl");
    int compared = 0;
    for (int i = 0; i < inputs.size(); i++) {
      String text = inputs.get(i).get("text").stringValue();
      if (text.isEmpty() || text.contains("<s>") || text.contains("▁")) {
        // Parsed there; and U+2581 is a space in SentencePiece alone.
        continue;
      }
      int[] ids = rows.get(i).get("ids").values().stream().mapToInt(JsonNode::intValue).toArray();
      assertThat(t.encode(text)).as(text).isEqualTo(ids);
      compared++;
    }
    assertThat(compared).isGreaterThan(400);
  }

  @Test
  void scores_decide_which_tokens_merge_first_and_ties_go_to_the_left() {
    // " " has no token of its own here, so it is a byte.
    Llama2cTokenizer t =
        Llama2cTokenizer.of(
            file(
                List.of("a", "b", "c", "ab", "bc", "aa", "aaa"),
                new float[] {0, 0, 0, -2, -1, -3, -4}));
    int space = 3 + ' ';
    assertThat(t.encode("abc")).containsExactly(space, 259, 263);
    assertThat(t.encode("ab")).containsExactly(space, 262);
    assertThat(t.encode("aaaa")).containsExactly(space, 264, 264);
    assertThat(t.encode("aaaaa")).containsExactly(space, 264, 265);
    assertThat(t.decode(t.encode("aé\u0000"))).isEqualTo("aé\u0000");
  }

  @Test
  void control_tokens_are_parsed_or_text() {
    Llama2cTokenizer t = Llama2cTokenizer.of(file(List.of(" ", "x"), new float[] {0, 0}));
    assertThat(t.encode("<s>x</s>x", Special.PARSE)).containsExactly(1, 259, 260, 2, 260);
    assertThat(t.encode("<s>x")).doesNotContain(1).hasSize(5);
    assertThat(t.decode(new int[] {1, 259, 260, 2})).isEqualTo("<s>x</s>");
    assertThat(t.id("<s>")).hasValue(1);
    assertThat(t.isSpecial(2)).isTrue();
    assertThat(t.isSpecial(3)).isFalse();
    assertThat(t.encode("", Special.PARSE)).isEmpty();
  }

  @Test
  void damaged_files_are_refused_with_what_is_wrong() {
    byte[] good = file(List.of("a", "b"), new float[] {0, 0});
    assertThat(Llama2cTokenizer.of(good).vocabularySize()).isEqualTo(261);
    for (int n = 0; n < good.length; n += 7) {
      byte[] torn = Arrays.copyOf(good, n);
      assertThatThrownBy(() -> Llama2cTokenizer.of(torn))
          .isInstanceOf(InvalidTokenizerException.class)
          .hasMessageStartingWith("llama2.c tokenizer: ");
    }
    byte[] nan = good.clone();
    ByteBuffer.wrap(nan).order(ByteOrder.LITTLE_ENDIAN).putFloat(4, Float.NaN);
    assertThatThrownBy(() -> Llama2cTokenizer.of(nan)).hasMessageContaining("score of token 0");
    byte[] other = good.clone();
    other[good.length - 20] ^= 0x20;
    assertThatThrownBy(() -> Llama2cTokenizer.of(other))
        .isInstanceOf(InvalidTokenizerException.class);
  }

  static byte[] file(List<String> tokens, float[] scores) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(little(7));
    List<String> control = List.of("<unk>", "\n<s>\n", "\n</s>\n");
    control.forEach(name -> token(out, name, 0));
    IntStream.range(0, 256).forEach(b -> token(out, "<0x%02X>".formatted(b), 0));
    for (int i = 0; i < tokens.size(); i++) {
      token(out, tokens.get(i), scores[i]);
    }
    return out.toByteArray();
  }

  private static void token(ByteArrayOutputStream out, String name, float score) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    out.writeBytes(little(Float.floatToRawIntBits(score)));
    out.writeBytes(little(bytes.length));
    out.writeBytes(bytes);
  }

  private static byte[] little(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }
}
