package dev.gamelan.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code tokenizer train} in its kinds, {@code convert} and {@code compare}. */
final class VocabularyCommandsTest {
  private static final String ENGLISH =
      "Once upon a time there was a fox, and the fox was in the wood. 12 foxes!\n".repeat(30);
  private static final String VIETNAMESE =
      "Ngày xưa có một con cáo, và con cáo ấy sống ở trong rừng sâu.\n".repeat(30);

  @TempDir private Path folder;
  private Path english;
  private Path vietnamese;

  @BeforeEach
  void write_texts() throws Exception {
    english = Files.writeString(folder.resolve("english.txt"), ENGLISH);
    vietnamese = Files.writeString(folder.resolve("vietnamese.txt"), VIETNAMESE);
  }

  private Captured train(String name, Path text, String... more) {
    List<String> words = new ArrayList<>(List.of("tokenizer", "train", "--text", text.toString()));
    words.addAll(List.of("--out", folder.resolve(name).toString()));
    if (!List.of(more).contains("--vocab")) {
      words.addAll(List.of("--vocab", "310"));
    }
    words.addAll(List.of(more));
    return Captured.run("", words.toArray(String[]::new));
  }

  private String decoded(String name, String text) {
    String tokenizer = folder.resolve(name).toString();
    String ids = Captured.run(text, "tokenizer", "encode", "--tokenizer", tokenizer).out();
    return Captured.run(ids, "tokenizer", "decode", "--tokenizer", tokenizer).out();
  }

  @Test
  void every_kind_is_trained_and_gives_back_every_text() {
    List<String[]> kinds =
        List.of(
            new String[] {"--sentencepiece", "--dummy-prefix", "--special", "<|user|>"},
            new String[] {"--algorithm", "unigram", "--split-digits", "--reserve", "3"},
            new String[] {"--algorithm", "unigram", "--normalize", "NFC", "--longest", "5"},
            new String[] {"--science"},
            new String[] {
              "--counts", folder.resolve("counts").toString(), "--counts-memory", "1M"
            });
    for (int i = 0; i < kinds.size(); i++) {
      Captured run = train("kind" + i, english, kinds.get(i));
      assertThat(run.status()).as(run.err()).isZero();
      assertThat(run.out()).contains("kind" + i + "/tokenizer.json: ");
      String odd = " fox 🙂 [START_DNA]ACG\u0000\n\t  x12";
      assertThat(decoded("kind" + i, odd)).isEqualTo(odd);
    }
    assertThat(folder.resolve("counts")).doesNotExist();
    String reserved = "<|reserved_special_token_2|>";
    String[] encode = {
      "tokenizer",
      "encode",
      "--tokenizer",
      folder.resolve("kind1").toString(),
      "--special",
      "parse",
      reserved
    };
    assertThat(Captured.run("", encode).out().strip()).isEqualTo("5");
  }

  @Test
  void options_that_have_no_meaning_together_are_refused() {
    String[][] wrong = {
      {"--algorithm", "unigram", "--min-frequency", "3"},
      {"--algorithm", "unigram", "--pattern", "a"},
      {"--sentencepiece", "--pattern", "a"},
      {"--coverage", "0.9"},
      {"--dummy-prefix"},
      {"--least-count", "2"},
      {"--reserve", "-1"},
      {"--dummy-prefix", "--mix-scripts"}
    };
    for (String[] words : wrong) {
      Captured run = train("wrong", english, words);
      assertThat(run.status()).as(String.join(" ", words)).isEqualTo(2);
      assertThat(run.err())
          .startsWith("gamelan: tokenizer train: ")
          .contains(words[words.length - 1].startsWith("--") ? words[0] : words[words.length - 2]);
      assertThat(folder.resolve("wrong")).doesNotExist();
    }
  }

  @Test
  void a_converted_tokenizer_encodes_like_the_original() {
    String shared = System.getProperty("gamelan.shared", "../../shared");
    Path model =
        Path.of(shared, "assets/tokenizers/kitoken/tests/models/sentencepiece/llama2.model");
    assumeTrue(Files.exists(model), "the folder of shared assets is absent: " + shared);
    String out = folder.resolve("converted").toString();
    String[] convert = {"tokenizer", "convert", "--tokenizer", model.toString(), "--out", out};
    Captured run = Captured.run("", convert);
    assertThat(run.out()).isEqualTo(out + "/tokenizer.json: 32000 tokens\n");
    assertThat(Captured.run("", convert).err()).contains("exists; choose another --out");
    String text = "Xin chào, 世界 🙂";
    String[] original = {"tokenizer", "encode", "--add-special", "--tokenizer", model.toString()};
    String[] converted = {"tokenizer", "encode", "--add-special", "--tokenizer", out};
    assertThat(Captured.run(text, converted).out()).isEqualTo(Captured.run(text, original).out());
  }

  @Test
  void tokenizers_are_compared_by_language() throws Exception {
    train("en", english);
    train("vi", vietnamese);
    train("rare", english, "--algorithm", "unigram", "--no-byte-fallback", "--vocab", "60");
    String all =
        "%s,Viet=%s,%s"
            .formatted(folder.resolve("en"), folder.resolve("vi"), folder.resolve("rare"));
    String texts = "en=" + english + ",vi=" + vietnamese;
    String[] json = {"tokenizer", "compare", "--tokenizers", all, "--text", texts, "--json"};
    JsonNode figures = JsonMapper.shared().readTree(Captured.run("", json).out());
    assertThat(figures.get("baseline").stringValue()).isEqualTo("en");
    assertThat(figures.at("/languages/vi/bytes").asInt())
        .isEqualTo(VIETNAMESE.getBytes(java.nio.charset.StandardCharsets.UTF_8).length);
    assertThat(figures.at("/languages/vi/words").asInt()).isEqualTo(30 * 15);
    JsonNode en = figures.at("/tokenizers/en/languages/vi");
    JsonNode vi = figures.at("/tokenizers/Viet/languages/vi");
    assertThat(vi.get("compression").doubleValue())
        .isEqualTo(en.get("tokens").doubleValue() / vi.get("tokens").doubleValue())
        .isGreaterThan(1);
    assertThat(figures.at("/tokenizers/en/languages/en/compression").doubleValue()).isEqualTo(1);
    // A vocabulary without Vietnamese letters seems to need few tokens, and is said to lose them.
    assertThat(figures.at("/tokenizers/rare/languages/vi/letters_kept").doubleValue())
        .isLessThan(0.98);
    assertThat(figures.at("/tokenizers/rare/languages/vi").has("compression")).isFalse();

    Path page = folder.resolve("page.html");
    String[] report = {
      "tokenizer",
      "compare",
      "--tokenizers",
      all,
      "--text",
      texts,
      "--baseline",
      "Viet",
      "--out",
      page.toString()
    };
    assertThat(Captured.run("", report).out())
        .contains("Viet  (301 tokens)  baseline", "  lost: ", "a byte");
    assertThat(page)
        .content()
        .contains("How vocabularies compress", "compression against Viet", "1 of 2 languages");
  }

  @Test
  void lines_of_many_languages_are_compared_and_bad_ones_named() throws Exception {
    train("en", english);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      lines.append("{\"tongue\":\"t%d\",\"text\":\"fox %d foxes\"}\n".formatted(i, i));
    }
    Path file = Files.writeString(folder.resolve("many.jsonl"), lines);
    String en = folder.resolve("en").toString();
    Path page = folder.resolve("many.html");
    String[] compare = {
      "tokenizer",
      "compare",
      "--tokenizers",
      "a=" + en + ",b=" + en,
      "--jsonl",
      file.toString(),
      "--language-field",
      "tongue",
      "--draw",
      "t3;t7",
      "--out",
      page.toString()
    };
    assertThat(Captured.run("", compare).status()).isZero();
    assertThat(page).content().contains("Compression over all languages", "t39");
    Files.writeString(file, "{\"tongue\":\"t\"}\n");
    assertThat(Captured.run("", compare).err())
        .contains("many.jsonl, line 1: no strings \"tongue\"");
    Files.writeString(file, "{");
    assertThat(Captured.run("", compare).err()).contains("many.jsonl, line 1: not JSON");
    String[] twice = {
      "tokenizer", "compare", "--tokenizers", en + "," + en, "--text", "en=" + english
    };
    assertThat(Captured.run("", twice).err()).contains("two tokenizers are called 'en'");
    String[] none = {"tokenizer", "compare", "--tokenizers", en};
    assertThat(Captured.run("", none).err()).contains("--text LANGUAGE=PATH,… or --jsonl FILE");
    String[] base = {
      "tokenizer", "compare", "--tokenizers", en, "--text", "en=" + english, "--baseline", "x"
    };
    assertThat(Captured.run("", base).err()).contains("--baseline 'x' is none of [en]");
  }

  @Test
  void a_survey_into_a_file_without_its_lines_is_refused_at_once() throws Exception {
    Path file = Files.writeString(folder.resolve("x.md"), "# Nothing\n");
    String[] survey = {
      "tokenizer", "survey", "--assets", folder.toString(), "--out", file.toString()
    };
    Captured run = Captured.run("", survey);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("<!-- survey -->");
  }
}
