package dev.gamelan.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.Tokenizers;
import dev.gamelan.text.gguf.GgufTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufTokenizerTest {
  private static final Path SHARED = Path.of(System.getProperty("gamelan.shared", "../../shared"));
  private static final Path VECTORS = SHARED.resolve("assets/tokenizers/llama.cpp/models");

  @TempDir private Path folder;

  private Path unpacked(String name) throws IOException {
    Path packed = VECTORS.resolve("ggml-vocab-" + name + ".gguf.gz");
    assumeTrue(Files.exists(packed), () -> "skipped: there is no " + packed);
    Path file = folder.resolve(name + ".gguf");
    try (var in = new GZIPInputStream(Files.newInputStream(packed))) {
      Files.copy(in, file);
    }
    return file;
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt-2", "refact", "starcoder", "mpt", "llama-spm", "falcon"})
  void vocabularies_of_llama_cpp_give_its_ids(String name) throws IOException {
    Path file = unpacked(name);
    String[] texts =
        Files.readString(VECTORS.resolve("ggml-vocab-" + name + ".gguf.inp"))
            .split("\n__ggml_vocab_test__\n", -1);
    List<String> ids = Files.readAllLines(VECTORS.resolve("ggml-vocab-" + name + ".gguf.out"));

    Tokenizer tokenizer = GgufModel.tokenizer(file);

    assertThat(ids).hasSizeGreaterThan(20);
    for (int i = 0; i < ids.size(); i++) {
      int[] expected =
          Stream.of(ids.get(i).strip().split(" +"))
              .filter(s -> !s.isEmpty())
              .mapToInt(Integer::parseInt)
              .toArray();
      assertThat(tokenizer.encode(texts[i])).as("text %d: %s", i, texts[i]).isEqualTo(expected);
    }
  }

  @Test
  void what_is_written_of_a_tokenizer_is_what_llama_cpp_s_converter_wrote() throws IOException {
    Path folder = SHARED.resolve("assets/models/smollm2");
    Path file = folder.resolve("SmolLM2-135M-Instruct.Q4_1.gguf");
    assumeTrue(Files.exists(file), () -> "skipped: there is no " + file);
    Gguf gguf = Gguf.open(file);
    GgufTokens tokens = GgufTokens.of(Tokenizers.open(folder.resolve("tokenizer.json.gz")));
    assertThat(tokens.tokens()).isEqualTo(gguf.texts("tokenizer.ggml.tokens").orElseThrow());
    assertThat(tokens.merges()).isEqualTo(gguf.texts("tokenizer.ggml.merges").orElseThrow());
    assertThat(tokens.types().stream().mapToInt(t -> t).toArray())
        .isEqualTo(gguf.ints("tokenizer.ggml.token_type").orElseThrow());
    assertThat(tokens.pre()).isEqualTo(gguf.text("tokenizer.ggml.pre"));
    assertThat(tokens.model()).isEqualTo("gpt2");
    assertThat(tokens.addBos()).isFalse();
    assertThat(tokens.addEos()).isFalse();
  }

  @Test
  void a_sentencepiece_vocabulary_is_written_as_it_was_read() throws IOException {
    Path file = unpacked("llama-spm");
    Gguf gguf = Gguf.open(file);
    GgufTokens tokens = GgufTokens.of(GgufModel.tokenizer(file));
    assertThat(tokens.model()).isEqualTo("llama");
    assertThat(tokens.tokens()).isEqualTo(gguf.texts("tokenizer.ggml.tokens").orElseThrow());
    assertThat(tokens.types().stream().mapToInt(t -> t).toArray())
        .isEqualTo(gguf.ints("tokenizer.ggml.token_type").orElseThrow());
    assertThat(tokens.scores()).hasSameSizeAs(tokens.tokens());
    assertThat(tokens.scores().get(300)).isEqualTo(-41f);
    assertThat(tokens.addBos()).isTrue();
    assertThat(tokens.addEos()).isFalse();
    assertThat(tokens.bos()).hasValue(1);
    assertThat(tokens.unknown()).hasValue(0);
  }

  @Test
  void a_tokenizer_that_gguf_cannot_describe_is_refused() throws IOException {
    Path bert = unpacked("bert-bge");
    assertThatThrownBy(() -> GgufTokens.of(GgufModel.tokenizer(bert)))
        .hasMessageContaining("only byte-level BPE and SentencePiece's BPE are written");
    Path falcon = unpacked("falcon");
    assertThatThrownBy(() -> GgufTokens.of(GgufModel.tokenizer(falcon)))
        .hasMessageContaining("no name for how this tokenizer cuts texts");
  }

  @Test
  void a_bos_and_an_eos_are_put_around_texts_where_the_file_says_so() {
    Path file = folder.resolve("ends.gguf");
    Map<String, GgufValue> keys = new LinkedHashMap<>();
    keys.put("tokenizer.ggml.model", new GgufValue.Text("gpt2"));
    keys.put("tokenizer.ggml.pre", new GgufValue.Text("gpt-2"));
    keys.put("tokenizer.ggml.tokens", GgufValue.texts(List.of("<s>", "</s>", "a", "b", "ab")));
    keys.put("tokenizer.ggml.merges", GgufValue.texts(List.of("a b")));
    keys.put("tokenizer.ggml.bos_token_id", GgufValue.uint32(0));
    keys.put("tokenizer.ggml.eos_token_id", GgufValue.uint32(1));
    GgufWriter.write(file, keys, List.of());
    assertThat(GgufModel.tokenizer(file).addSpecial(new int[] {4})).containsExactly(4);
    keys.put("tokenizer.ggml.add_bos_token", new GgufValue.Flag(true));
    GgufWriter.write(file, keys, List.of());
    assertThat(GgufModel.tokenizer(file).addSpecial(new int[] {4})).containsExactly(0, 4);
    keys.put("tokenizer.ggml.add_eos_token", new GgufValue.Flag(true));
    GgufWriter.write(file, keys, List.of());
    Tokenizer both = GgufModel.tokenizer(file);
    assertThat(both.addSpecial(both.encode("ab"))).containsExactly(0, 4, 1);
    GgufTokens written = GgufTokens.of(both);
    assertThat(written.addBos()).isTrue();
    assertThat(written.addEos()).isTrue();
  }

  @Test
  void vocabularies_that_contradict_themselves_are_refused() {
    Path file = folder.resolve("bad.gguf");
    Map<String, GgufValue> keys = new LinkedHashMap<>();
    keys.put("tokenizer.ggml.model", new GgufValue.Text("gpt2"));
    keys.put("tokenizer.ggml.tokens", GgufValue.texts(List.of("a", "a")));
    GgufWriter.write(file, keys, List.of());
    assertThatThrownBy(() -> GgufModel.tokenizer(file)).hasMessageContaining("both named \"a\"");
    keys.put("tokenizer.ggml.tokens", GgufValue.texts(List.of("a", "b")));
    keys.put("tokenizer.ggml.merges", GgufValue.texts(List.of("a c")));
    GgufWriter.write(file, keys, List.of());
    assertThatThrownBy(() -> GgufModel.tokenizer(file)).hasMessageContaining("\"a c\"");
    keys.put("tokenizer.ggml.pre", new GgufValue.Text("of mars"));
    keys.remove("tokenizer.ggml.merges");
    GgufWriter.write(file, keys, List.of());
    assertThatThrownBy(() -> GgufModel.tokenizer(file)).hasMessageContaining("\"of mars\"");
  }
}
