package dev.gamelan.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.text.Tokenizer.Special;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The ids and texts that other implementations gave, for the tokenizers of every format. */
class PublishedFormatsTest {
  private static final String ROOT = "tokenizers/";
  private static final String DATA = ROOT + "kitoken/tests/data/";
  private static final String MODELS = ROOT + "kitoken/tests/models/";

  @ParameterizedTest
  @CsvSource({
    "tokenizers/bert_base_cased.json, tokenizers, bert_base_cased, PARSE",
    "tokenizers/gte.json, tokenizers, gte, PARSE",
    "tokenizers/hw_doc_summarizer.json, tokenizers, hw_doc_summarizer, PARSE",
    "tokenizers/llama2.json, tokenizers, llama2, PARSE",
    "tokenizers/mistral01.json, tokenizers, mistral01, PARSE",
    "tokenizers/mistral03.json, tokenizers, mistral03, PARSE",
    "tokenizers/sqlpilot.json, tokenizers, sqlpilot, PARSE",
    "tokenizers/xlnet_base_cased.json, tokenizers, xlnet_base_cased, PARSE",
    "sentencepiece/llama2.model, sentencepiece, llama2, LITERAL",
    "sentencepiece/mistral01.model, sentencepiece, mistral01, LITERAL",
    "sentencepiece/mistral03.model, sentencepiece, mistral03, LITERAL",
    "sentencepiece/nai-t5.model, sentencepiece, nai-t5, LITERAL",
    "sentencepiece/nerdstash.model, sentencepiece, nerdstash, LITERAL",
    "sentencepiece/xlnet_base_cased.model, sentencepiece, xlnet_base_cased, LITERAL",
    "tiktoken/cl100k_base.tiktoken, tiktoken, cl100k_base, PARSE",
    "tiktoken/kimi_k2.tiktoken, tiktoken, kimi_k2, PARSE",
    "tiktoken/llama4.tiktoken, tiktoken, llama4, PARSE",
    "tiktoken/o200k_base.tiktoken, tiktoken, o200k_base, PARSE",
    "tiktoken/p50k_base.tiktoken, tiktoken, p50k_base, PARSE",
    "../../../npm-tiktoken/cl100k_base.json, tiktoken, cl100k_base, PARSE",
    "../../../npm-tiktoken/o200k_base.json, tiktoken, o200k_base, PARSE",
    "../../../npm-tiktoken/p50k_base.json, tiktoken, p50k_base, PARSE",
    "../../../mistral-tekken-ts/240718.json, tekken, mistral2410, LITERAL",
    "../../../mistral-tekken-ts/240718.json, tokenizers, mistral2410, PARSE",
    "../../../mistral-tekken-ts/tekken_240718.tiktoken, tekken, mistral2410, LITERAL",
    "../../../npm-lenml/gemma3/tokenizer.json, tokenizers, gemma3, PARSE"
  })
  void kitokens_vectors_are_reproduced(String model, String kind, String name, Special special)
      throws IOException {
    Tokenizer t = Tokenizers.open(SharedAssets.file(MODELS + model));
    for (String set : List.of("small", "mixed", "utf8")) {
      boolean escaped = set.equals("small");
      List<String> inputs = rows(DATA + set + "_input.txt", set, escaped);
      String stem = DATA + kind + "/" + set;
      List<String> ids =
          List.of(SharedAssets.text(stem + "_tokens_" + name + ".txt").split("\n", -1));
      for (int i = 0; i < inputs.size(); i++) {
        int[] expected = numbers(ids.get(i));
        int[] found = t.encode(inputs.get(i), special);
        if (name.equals("gte")) {
          // Its vectors were cut to 128 ids and filled up to them, which is aside here.
          expected =
              Arrays.copyOf(expected, (int) Arrays.stream(expected).filter(x -> x > 0).count());
          found = Arrays.copyOf(found, Math.min(found.length, expected.length));
        }
        assertThat(found).as("%s %d: %s", set, i, inputs.get(i)).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "tokenizers/bert_base_cased.json, tokenizers, bert_base_cased",
    "tokenizers/clip_base.json, tokenizers, clip_base",
    "tokenizers/hw_doc_summarizer.json, tokenizers, hw_doc_summarizer",
    "tokenizers/mistral01.json, tokenizers, mistral01",
    "tokenizers/mistral03.json, tokenizers, mistral03",
    "tokenizers/sqlpilot.json, tokenizers, sqlpilot",
    "tokenizers/xlnet_base_cased.json, tokenizers, xlnet_base_cased",
    "sentencepiece/nai-t5.model, sentencepiece, nai-t5",
    "sentencepiece/xlnet_base_cased.model, sentencepiece, xlnet_base_cased"
  })
  void ids_are_decoded_as_the_original_does(String model, String kind, String name)
      throws IOException {
    Tokenizer t = Tokenizers.open(SharedAssets.file(MODELS + model));
    for (String set : List.of("small", "mixed", "utf8")) {
      String stem = DATA + kind + "/" + set;
      List<String> ids =
          List.of(SharedAssets.text(stem + "_tokens_" + name + ".txt").split("\n", -1));
      List<String> texts = rows(stem + "_output_" + name + ".txt", set, set.equals("small"));
      for (int i = 0; i < texts.size(); i++) {
        String text = texts.get(i);
        // Spaces at the end of a line are escaped.
        boolean escaped = text.endsWith("\\s");
        text = escaped ? text.substring(0, text.length() - 2) + " " : text;
        assertThat(t.decode(numbers(ids.get(i)))).as("%s %d", set, i).isEqualTo(text);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ggml-vocab-bert-bge.gguf, bert-bge",
    "ggml-vocab-deepseek-coder.gguf, deepseek-coder",
    "ggml-vocab-deepseek-llm.gguf, deepseek-llm",
    "ggml-vocab-falcon.gguf, falcon",
    "ggml-vocab-gpt-2.gguf, gpt-2",
    "ggml-vocab-llama-spm.gguf, llama-spm",
    "ggml-vocab-mpt.gguf, mpt",
    "ggml-vocab-phi-3.gguf, phi-3",
    "ggml-vocab-refact.gguf, refact",
    "ggml-vocab-starcoder.gguf, starcoder",
    "../../npm-lenml/llama3/tokenizer.json, llama-bpe",
    "../../npm-lenml/qwen3/tokenizer.json, qwen2",
    "../../npm-lenml/qwen3/tokenizer.json, deepseek-r1-qwen"
  })
  void llama_cpps_vectors_are_reproduced(String file, String name) throws IOException {
    String folder = ROOT + "llama.cpp/models/";
    Tokenizer t = Tokenizers.open(SharedAssets.file(folder + file));
    String stem = folder + "ggml-vocab-" + name + ".gguf";
    String[] inputs = SharedAssets.text(stem + ".inp").split("\n__ggml_vocab_test__\n", -1);
    String[] ids = SharedAssets.text(stem + ".out").split("\n", -1);
    for (int i = 0; i < inputs.length; i++) {
      assertThat(t.encode(inputs[i])).as("%d: %s", i, inputs[i]).isEqualTo(numbers(ids[i]));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "kitoken/tests/models/tokenizers/bert_base_cased.json, hfjs_bert_base_cased, PARSE",
    "kitoken/tests/models/tokenizers/llama2.json, hfjs_llama2, PARSE",
    "kitoken/tests/models/tokenizers/mistral01.json, hfjs_mistral01, PARSE",
    "kitoken/tests/models/tiktoken/cl100k_base.tiktoken, tiktoken_cl100k_base, LITERAL",
    "npm-tiktoken/r50k_base.json, tiktoken_r50k_base, LITERAL",
    "npm-tiktoken/gpt2.json, tiktoken_r50k_base, LITERAL",
    "gpt2-original/vocab.bpe, hfjs_gpt2, PARSE",
    "gpt2-original/encoder.json, hfjs_gpt2, PARSE"
  })
  void natural_texts_have_the_ids_of_other_implementations(
      String file, String vectors, Special special) throws IOException {
    Tokenizer t = Tokenizers.open(SharedAssets.file(ROOT + file));
    List<JsonNode> inputs = SharedAssets.jsonLines(ROOT + "natural-vectors/input.jsonl");
    List<JsonNode> expected =
        SharedAssets.jsonLines(ROOT + "natural-vectors/" + vectors + ".jsonl");
    for (int i = 0; i < inputs.size(); i++) {
      String text = inputs.get(i).get("text").stringValue();
      JsonNode row = expected.get(i).get("ids");
      int[] ids = new int[row.size()];
      Arrays.setAll(ids, at -> row.get(at).intValue());
      assertThat(t.encode(text, special)).as("%d: %s", i, text).isEqualTo(ids);
    }
  }

  @Test
  void what_libraries_put_around_texts_is_added_on_request() throws IOException {
    Tokenizer bert = open("tokenizers/bert_base_cased.json");
    assertThat(bert.addSpecial(new int[] {7})).containsExactly(101, 7, 102);
    assertThat(bert.addsBos()).isTrue();
    assertThat(open("tokenizers/clip_base.json").addSpecial(new int[0]))
        .containsExactly(49406, 49407);
    assertThat(open("tokenizers/gpt2.json").addSpecial(new int[] {7})).containsExactly(7);
    assertThat(open("tokenizers/gpt2.json").addsBos()).isFalse();
    assertThat(open("tokenizers/llama2.json").addSpecial(new int[] {7})).containsExactly(1, 7);
    assertThat(open("tokenizers/llama2.json").addsBos()).isTrue();
    assertThat(open("tokenizers/xlnet_base_cased.json").addSpecial(new int[] {7}))
        .containsExactly(7, 4, 3);
    assertThat(open("sentencepiece/llama2.model").addSpecial(new int[] {7})).containsExactly(1, 7);
    assertThat(open("sentencepiece/nai-t5.model").addSpecial(new int[] {7})).containsExactly(7);
    // Here the configuration beside the file says so.
    Tokenizer deepseek =
        Tokenizers.open(SharedAssets.file(ROOT + "npm-lenml/deepseek_v3/tokenizer.json"));
    assertThat(deepseek.addSpecial(new int[] {7})).containsExactly(0, 7);
  }

  @Test
  void control_tokens_of_sentencepiece_are_parsed_or_text_as_asked() throws IOException {
    Tokenizer t = open("sentencepiece/llama2.model");
    assertThat(t.encode("<s>Hello", Special.PARSE)).containsExactly(1, 15043);
    assertThat(t.encode("<s>Hello")).doesNotContain(1);
    assertThat(t.decode(t.encode("<s>Hello"))).isEqualTo("<s>Hello");
  }

  private static Tokenizer open(String model) throws IOException {
    return Tokenizers.open(SharedAssets.file(MODELS + model));
  }

  private static List<String> rows(String file, String set, boolean escaped) {
    String text = SharedAssets.text(file);
    List<String> rows = new ArrayList<>();
    for (String row : set.equals("utf8") ? new String[] {text} : text.split("\n")) {
      rows.add(escaped ? row.replace("\\n", "\n").replace("\\s", " ") : row);
    }
    return rows;
  }

  private static int[] numbers(String row) {
    return row.isBlank()
        ? new int[0]
        : Arrays.stream(row.strip().split("[, ]+")).mapToInt(Integer::parseInt).toArray();
  }
}
