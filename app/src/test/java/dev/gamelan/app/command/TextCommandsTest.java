package dev.gamelan.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tokenizer} and {@code data}, from text to shards and back. */
final class TextCommandsTest {
  private static final String STORY =
      "Once upon a time there was a fox, and the fox was in the wood. 12 foxes!\n".repeat(20);

  @TempDir private Path folder;
  private String text;
  private String tokenizer;
  private String data;

  @BeforeEach
  void write_texts() throws Exception {
    Path corpus = Files.createDirectories(folder.resolve("corpus"));
    Files.writeString(corpus.resolve("a.txt"), STORY);
    Files.writeString(corpus.resolve("b.txt"), "The end. Việt Nam 🙂\n");
    text = corpus.toString();
    tokenizer = folder.resolve("tokenizer").toString();
    data = folder.resolve("data").toString();
  }

  @Test
  void a_tokenizer_is_trained_and_gives_back_every_text() {
    Captured trained = train();
    assertThat(trained.status()).as(trained.err()).isZero();
    assertThat(trained.out()).startsWith(tokenizer + "/tokenizer.json: 280 tokens, learnt in ");
    String odd = "fox 🙂 é\u0000\n\t  x";
    Captured ids = Captured.run(odd, "tokenizer", "encode", "--tokenizer", tokenizer);
    assertThat(ids.out()).matches("\\d+( \\d+)*\\R");
    assertThat(Captured.run(ids.out(), "tokenizer", "decode", "--tokenizer", tokenizer).out())
        .isEqualTo(odd);
  }

  @Test
  void the_same_text_gives_the_same_tokenizer() throws Exception {
    train();
    String other = folder.resolve("other").toString();
    Captured.run(
        "",
        "tokenizer",
        "train",
        "--text",
        text,
        "--vocab",
        "280",
        "--out",
        other,
        "--threads",
        "3");
    assertThat(Path.of(other, "tokenizer.json"))
        .hasSameBinaryContentAs(Path.of(tokenizer, "tokenizer.json"));
  }

  @Test
  void a_tokenizer_that_is_there_is_replaced_only_on_request() {
    train();
    Captured refused = train();
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err()).contains("exists; choose another --out, or give --replace");
    assertThat(train("--replace").status()).isZero();
  }

  @Test
  void a_vocabulary_that_the_text_cannot_fill_is_told() {
    Captured run = Captured.run("", "tokenizer", "train", "--text", text, "--out", tokenizer);
    assertThat(run.status()).isZero();
    assertThat(run.err()).containsPattern("pairs for \\d+ tokens only, not 32000");
  }

  @Test
  void special_tokens_in_a_text_are_text_unless_asked_otherwise() {
    train();
    String[] encode = {"tokenizer", "encode", "--tokenizer", tokenizer, "<|endoftext|>"};
    assertThat(Captured.run("", encode).out().strip()).contains(" ");
    String[] parse = {
      "tokenizer", "encode", "--tokenizer", tokenizer, "--special", "parse", "<|endoftext|>"
    };
    assertThat(Captured.run("", parse).out().strip()).isEqualTo("0");
    String[] decode = {"tokenizer", "decode", "--tokenizer", tokenizer, "0", "--skip-special"};
    assertThat(Captured.run("", decode).out()).isEmpty();
  }

  @Test
  void what_the_library_puts_around_a_text_is_added_only_on_request() throws Exception {
    train();
    Path file = Path.of(tokenizer, "tokenizer.json");
    String json = Files.readString(file);
    String template =
        "{\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"<|endoftext|>\","
            + " \"type_id\": 0}}, {\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}], \"pair\": [],"
            + " \"special_tokens\": {\"<|endoftext|>\": {\"id\": \"<|endoftext|>\", \"ids\": [0],"
            + " \"tokens\": [\"<|endoftext|>\"]}}}";
    int from = json.indexOf('{', json.indexOf("\"post_processor\""));
    int to = json.indexOf('}', from) + 1;
    Files.writeString(file, json.substring(0, from) + template + json.substring(to));
    String[] encode = {"tokenizer", "encode", "--tokenizer", tokenizer, "fox"};
    String[] add = {"tokenizer", "encode", "--tokenizer", tokenizer, "--add-special", "fox"};
    String[] lines = {"tokenizer", "encode", "--tokenizer", tokenizer, "--add-special", "--jsonl"};
    String plain = Captured.run("", encode).out();
    assertThat(Captured.run("", add).out()).isEqualTo("0 " + plain);
    assertThat(Captured.run("{\"text\": \"\"}", lines).out()).isEqualTo("{\"ids\":[0]}\n");
  }

  @Test
  void pieces_are_shown_with_their_ids_in_brackets_or_in_colours() {
    train();
    String[] show = {"tokenizer", "encode", "--tokenizer", tokenizer, "--show"};
    assertThat(Captured.run("the fox\n🙂", show).out())
        .matches("(?s)(\\[[^\\]|]+\\|\\d+\\]\\R?)+\\R")
        .contains("\\n|", "\\x");
    assertThat(Captured.run("the fox", Map.of("TERM", "xterm"), true, show).out())
        .contains("\033[30;48;5;");
  }

  @Test
  void json_lines_go_both_ways_and_an_error_names_the_line() {
    train();
    String[] encode = {"tokenizer", "encode", "--tokenizer", tokenizer, "--jsonl"};
    String[] decode = {"tokenizer", "decode", "--tokenizer", tokenizer, "--jsonl"};
    Captured ids = Captured.run("{\"text\":\"a fox\",\"id\":7}\n\n{\"text\":\"\"}\n", encode);
    assertThat(ids.out()).matches("\\{\"ids\":\\[\\d+(,\\d+)*]}\n\\{\"ids\":\\[]}\n");
    assertThat(Captured.run(ids.out(), decode).out())
        .isEqualTo("{\"text\":\"a fox\"}\n{\"text\":\"\"}\n");
    for (String bad : new String[] {"{\"txt\":\"x\"}", "[]", "{\"text\":3}", "nonsense", "null"}) {
      Captured run = Captured.run("{\"text\":\"a\"}\n" + bad + "\n", encode);
      assertThat(run.status()).as(bad).isEqualTo(2);
      assertThat(run.err()).as(bad).contains("stdin, line 2: ");
      assertThat(run.out().lines()).as(bad).hasSize(1);
    }
    assertThat(Captured.run("{\"ids\":[1,\"x\"]}", decode).err()).contains("ids[1] is \"x\"");
    assertThat(Captured.run("{\"ids\":[999999]}", decode).err()).contains("999999");
  }

  @Test
  void many_json_lines_are_answered_in_order_with_nul_and_lone_surrogates_in_them() {
    train();
    String[] encode = {"tokenizer", "encode", "--tokenizer", tokenizer, "--jsonl"};
    String[] decode = {"tokenizer", "decode", "--tokenizer", tokenizer, "--jsonl"};
    StringBuilder in = new StringBuilder();
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < 3_000; i++) {
      in.append("{\"text\":\"fox ").append(i).append(" \\u0000\\ud800é\"}\r\n");
      out.append("{\"text\":\"fox ").append(i).append(" \\u0000\uFFFDé\"}\n");
    }
    String ids = Captured.run(in.toString(), encode).out();
    assertThat(ids.lines()).hasSize(3_000);
    assertThat(Captured.run(ids, decode).out()).isEqualTo(out.toString());
    Captured run = Captured.run(in + "{\"text\":\"a\"} x\n" + in, encode);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("stdin, line 3001: not JSON");
    assertThat(run.out()).isEqualTo(ids);
  }

  @Test
  void bad_ids_and_texts_are_named() {
    train();
    Captured word = Captured.run("", "tokenizer", "decode", "--tokenizer", tokenizer, "1", "x2");
    assertThat(word.status()).isEqualTo(2);
    assertThat(word.err()).isEqualTo("gamelan: tokenizer decode: 'x2' is no token id\n");
    assertThat(Captured.run("", "tokenizer", "decode", "--tokenizer", tokenizer, "280").err())
        .contains("280");
    Captured missing = Captured.run("", "tokenizer", "encode", "--tokenizer", text, "x");
    assertThat(missing.status()).isEqualTo(2);
    assertThat(missing.err()).contains("corpus: the folder has no tokenizer.json");
  }

  @Test
  void texts_become_shards_that_can_be_looked_into() {
    train();
    Captured prepared =
        Captured.run(
            "", "data", "prepare", "--text", text, "--tokenizer", tokenizer, "--out", data);
    assertThat(prepared.status()).as(prepared.err()).isZero();
    assertThat(prepared.out()).startsWith(data + ": ").contains(" tokens in 2 documents, ");
    Captured shown = Captured.run("", "data", "show", data, "--verify", "--documents", "9");
    assertThat(shown.out()).contains("documents    2\n", "(files verified)", "a.txt", "b.txt");
    Captured story =
        Captured.run("", "data", "show", data, "--document", "0", "--tokenizer", tokenizer);
    assertThat(story.out()).isEqualTo(STORY);
    assertThat(Captured.run("", "data", "show", data, "--json").out())
        .startsWith("{")
        .contains("\"fingerprint\"");
    Captured beyond = Captured.run("", "data", "show", data, "--document", "2");
    assertThat(beyond.status()).isEqualTo(2);
    assertThat(beyond.err()).contains("document 2; it must be in [0, 2)");
  }

  @Test
  void bad_corpora_end_in_one_sentence_and_status_2() throws Exception {
    train();
    Path binary = Files.write(folder.resolve("binary.txt"), new byte[] {1, 0, 2});
    Path empty = Files.createDirectories(folder.resolve("empty"));
    for (Path bad : new Path[] {folder.resolve("nowhere"), binary, empty}) {
      Captured run =
          Captured.run(
              "",
              "data",
              "prepare",
              "--text",
              bad.toString(),
              "--tokenizer",
              tokenizer,
              "--out",
              data);
      assertThat(run.status()).as(run.err()).isEqualTo(2);
      assertThat(run.err()).startsWith("gamelan: data prepare: ").contains(bad.toString());
      assertThat(run.err().lines()).hasSize(1);
      assertThat(Path.of(data)).doesNotExist();
    }
  }

  @Test
  void a_tokenizer_that_the_shards_were_not_made_with_is_refused() throws Exception {
    train();
    Captured.run("", "data", "prepare", "--text", text, "--tokenizer", tokenizer, "--out", data);
    Files.writeString(Path.of(text, "a.txt"), "quite other words were written here\n".repeat(9));
    train("--replace");
    Captured run =
        Captured.run("", "data", "show", data, "--document", "0", "--tokenizer", tokenizer);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("is not the tokenizer that");
  }

  @Test
  void sizes_are_numbers_of_bytes_with_a_unit() {
    for (String bad : new String[] {"x", "0", "-1", "9999999T", "", "1.5M"}) {
      Captured run =
          Captured.run("", "tokenizer", "train", "--text", text, "--out", data, "--limit", bad);
      assertThat(run.status()).as(bad).isEqualTo(2);
      assertThat(run.err()).as(bad).contains("--limit");
    }
    Captured run =
        Captured.run(
            "",
            "data",
            "prepare",
            "--text",
            text,
            "--tokenizer",
            train().out().split("/tok")[0] + "/tokenizer",
            "--out",
            data,
            "--limit",
            "1k");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains(" in 1 documents");
  }

  private Captured train(String... more) {
    String[] words = {"tokenizer", "train", "--text", text, "--vocab", "280", "--out", tokenizer};
    String[] all = new String[words.length + more.length];
    System.arraycopy(words, 0, all, 0, words.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return Captured.run("", all);
  }
}
