package dev.gamelan.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.hf.GgufVocabulary;
import dev.gamelan.text.hf.HfTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufTokenizerTest {
  private static final Path VECTORS =
      Path.of(System.getProperty("gamelan.shared", "../../shared"))
          .resolve("assets/tokenizers/llama.cpp/models");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"gpt-2", "refact", "starcoder", "mpt"})
  void vocabularies_of_llama_cpp_give_its_ids(String name) throws IOException {
    Path packed = VECTORS.resolve("ggml-vocab-" + name + ".gguf.gz");
    assumeTrue(Files.exists(packed), () -> "skipped: there is no " + packed);
    Path file = folder.resolve(name + ".gguf");
    try (var in = new GZIPInputStream(Files.newInputStream(packed))) {
      Files.copy(in, file);
    }
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

  private static GgufVocabulary vocabulary(String pre, List<String> tokens, List<String> merges) {
    return new GgufVocabulary(
        pre,
        tokens,
        IntStream.range(0, tokens.size()).map(i -> 1).toArray(),
        merges,
        OptionalInt.empty(),
        OptionalInt.of(0));
  }

  @Test
  void a_vocabulary_comes_back_from_its_tokenizer() {
    GgufVocabulary given =
        new GgufVocabulary(
            "smollm",
            List.of("<|end|>", "a", "b", "ab", "  "),
            new int[] {3, 1, 1, 1, 4},
            List.of("a b"),
            OptionalInt.empty(),
            OptionalInt.of(0));
    HfTokenizer tokenizer = given.tokenizer();
    GgufVocabulary back = GgufVocabulary.of(tokenizer);
    assertThat(back.tokens()).isEqualTo(given.tokens());
    assertThat(back.types()).isEqualTo(given.types());
    assertThat(back.merges()).isEqualTo(given.merges());
    assertThat(back.pre()).isEqualTo("smollm");
    assertThat(back.eos()).hasValue(0);
    assertThat(tokenizer.encode("ab  a<|end|>", Tokenizer.Special.PARSE))
        .containsExactly(3, 4, 1, 0);
  }

  @Test
  void vocabularies_that_contradict_themselves_are_refused() {
    assertThatThrownBy(() -> vocabulary("of mars", List.of("a"), List.of()).tokenizer())
        .hasMessageContaining("\"of mars\" is not known");
    assertThatThrownBy(() -> vocabulary("gpt-2", List.of("a", "a"), List.of()).tokenizer())
        .hasMessageContaining("has the ids 0 and 1");
    assertThatThrownBy(() -> vocabulary("gpt-2", List.of("a", "b"), List.of("a c")).tokenizer())
        .hasMessageContaining("merge 0, \"a c\"");
    assertThatThrownBy(() -> vocabulary("gpt-2", List.of(), List.of()).tokenizer())
        .hasMessageContaining("no token has the id 0");
  }
}
