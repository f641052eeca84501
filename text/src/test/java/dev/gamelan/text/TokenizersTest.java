package dev.gamelan.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.text.Tokenizer.Special;
import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.train.BpeTrainer;
import dev.gamelan.text.train.BpeTrainingOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizersTest {
  @TempDir Path folder;
  private HfTokenizer saved;
  private String json;

  @BeforeEach
  void save() throws Exception {
    BpeTrainingOptions options =
        BpeTrainingOptions.of(300).withSpecialTokens(List.of("<|endoftext|>", "<|bos|>"));
    saved = new BpeTrainer(options).train(List.of("gong gong gamelan gamelan gamelan", "é é é"));
    saved.save(folder);
    json = Files.readString(folder.resolve("tokenizer.json"));
  }

  @Test
  void folders_files_and_gzipped_files_are_opened_by_what_they_hold() throws IOException {
    Path gzipped = folder.resolve("renamed.bin");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzipped))) {
      out.write(json.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    for (Path path : List.of(folder, folder.resolve("tokenizer.json"), gzipped)) {
      Tokenizer t = Tokenizers.open(path);
      assertThat(t.encode("gamelan é")).isEqualTo(saved.encode("gamelan é"));
      assertThat(t.eos()).isEqualTo(t.id("<|endoftext|>")).hasValue(0);
      assertThat(t.bos()).isEmpty();
    }
  }

  @Test
  void bos_and_eos_come_from_the_config_beside_the_file() throws IOException {
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"bos_token\": {\"content\": \"<|bos|>\"}, \"eos_token\": \"<|bos|>\", \"other\": 1}");
    assertThat(Tokenizers.open(folder).bos()).hasValue(1);
    assertThat(Tokenizers.open(folder).eos()).hasValue(1);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"eos_token\": \"<nothing>\"}");
    assertThatThrownBy(() -> Tokenizers.open(folder))
        .hasMessageContaining("eos_token: \"<nothing>\" is not a token");
    Files.writeString(folder.resolve("tokenizer_config.json"), "{");
    assertThatThrownBy(() -> Tokenizers.open(folder)).hasMessageContaining("tokenizer_config.json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"type\" : \"BPE\" | \"type\" : \"Other\" | model.type: \"Other\" is not supported",
        "\"type\" : \"BPE\" | \"type\" : \"Unigram\" | has a vocabulary of scores and no merges",
        "\"type\" : \"BPE\" | \"type\" : \"WordPiece\" | has a vocabulary of ids and no merges",
        "\"dropout\" : null | \"dropout\" : 0.1 | model.dropout: 0.1 is not supported",
        "\"dropout\" : null | \"surprise\" : 1 | the key \"surprise\" is not known",
        "\"normalizer\" : null | \"normalizer\" : {\"type\" : \"Other\"} | \"Other\" is not supported",
        "\"normalizer\" : null | \"normalizer\" : 5 | normalizer: an object is expected, not 5",
        "\"version\" : \"1.0\" | \"version\" : \"2.0\" | version: \"2.0\" is not supported",
        "\"version\" : \"1.0\" | \"versoin\" : \"1.0\" | the key \"versoin\" is not known",
        "\"lstrip\" : false | \"lstrip\" : \"no\" | lstrip: true or false is expected",
        "\"lstrip\" : false | \"lstripe\" : false | the key \"lstripe\" is not known",
        "\"id\" : 0 | \"id\" : 2 | \"<|endoftext|>\" has the id 2, but in the vocabulary",
        "\"id\" : 0 | \"id\" : 9999999999 | an integer of 32 bits",
        "\"add_prefix_space\" : false | \"prefix\" : false | the key \"prefix\" is not known",
        "\"vocab\" : { | \"vocab\" : { \"Ġ\" : 7, | twice",
        "\"!\" : 2 | \"!\" : 3 | both have the id 3",
        "\"!\" : 2 | \"!\" : -3 | has the id -3",
        "\"!\" : 2 | \"!\" : \"x\" | model.vocab.!: an integer is expected",
        "\"merges\" : [ | \"merges\" : [ \"a\", | two tokens with a space",
        "\"merges\" : [ | \"merges\" : [ [\"a\", \"zz\"], | \"zz\" is not in the vocabulary",
        "\"merges\" : [ | \"merges\" : [ [\"a\", \"z\"], | gives \"az\", which is not in the vocab",
        "\"merges\" : [ | \"merges\" : [ 5, | a list is expected",
        "\"unk_token\" : null | \"unk_token\" : \"<unk>\" | unk_token \"<unk>\" is not in the",
        "\"continuing_subword_prefix\" : null | \"continuing_subword_prefix\" : \"##\" | \"##\"",
        "\"byte_fallback\" : false | \"byte_fallback\" : 3 | byte_fallback: true or false",
        "{ | [] | not a tokenizer of a known format",
        "\"model\" : { | \"model\" : 3, \"padding\" : { | model: an object is expected",
        "\"added_tokens\" : [ | \"added_tokens\" : [ 3, | added_tokens[0]: an object is expected"
      })
  void what_is_not_supported_is_refused_by_name(String old, String changed, String message)
      throws IOException {
    assertThat(json).contains(old);
    int at = json.indexOf(old);
    Path file = folder.resolve("tokenizer.json");
    Files.writeString(file, json.substring(0, at) + changed + json.substring(at + old.length()));
    assertThatThrownBy(() -> Tokenizers.open(file))
        .isInstanceOf(InvalidTokenizerException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void unknown_pre_tokenizers_and_decoders_are_refused() throws IOException {
    String byteLevel = json.substring(json.indexOf("\"pre_tokenizer\""));
    String object = byteLevel.substring(byteLevel.indexOf('{'), byteLevel.indexOf('}') + 1);
    Path file = folder.resolve("tokenizer.json");
    String digits = "{\"type\" : \"Digits\"}";
    String sequence =
        "{\"type\" : \"Sequence\", \"pretokenizers\" : [" + object + ", " + digits + "]}";
    for (String[] change :
        new String[][] {
          {"\"pre_tokenizer\" : " + object, "\"pre_tokenizer\" : " + sequence, "must be the last"},
          {
            "\"pre_tokenizer\" : " + object, "\"pre_tokenizer\" : {\"type\" : \"Bert\"}", "\"Bert\""
          },
          {"\"decoder\" : " + object, "\"decoder\" : {\"type\" : \"Other\"}", "\"Other\""},
          {"\"post_processor\" : " + object, "\"post_processor\" : {\"type\" : \"No\"}", "\"No\""}
        }) {
      assertThat(json).contains(change[0]);
      Files.writeString(file, json.replace(change[0], change[1]));
      assertThatThrownBy(() -> Tokenizers.open(file))
          .isInstanceOf(InvalidTokenizerException.class)
          .hasMessageContaining(change[2]);
    }
  }

  @Test
  void torn_files_are_refused_wherever_they_end() throws IOException {
    Path file = folder.resolve("torn.json");
    for (int n = 1; n < json.length() - 2; n += 97) {
      Files.writeString(file, json.substring(0, n));
      assertThatThrownBy(() -> Tokenizers.open(file))
          .isInstanceOf(InvalidTokenizerException.class)
          .hasMessageStartingWith(file.toString());
    }
    Path gzipped = folder.resolve("torn.json.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzipped))) {
      out.write(json.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    byte[] whole = Files.readAllBytes(gzipped);
    for (int n : new int[] {2, 9, 20, whole.length / 2, whole.length - 4}) {
      Files.write(gzipped, Arrays.copyOf(whole, n));
      assertThatThrownBy(() -> Tokenizers.open(gzipped))
          .isInstanceOf(InvalidTokenizerException.class)
          .hasMessageContaining(gzipped.toString());
    }
  }

  @Test
  void what_is_no_tokenizer_is_named_for_what_it_is() throws IOException {
    assertThatThrownBy(() -> Tokenizers.open(folder.resolve("nothing")))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("no such tokenizer");
    Path file = folder.resolve("file");
    for (String[] kind :
        new String[][] {
          {"", "empty"}, {"GGUF....", "GGUF"}, {"hello", "known format"}, {"PK..", "zip archive"}
        }) {
      Files.writeString(file, kind[0]);
      assertThatThrownBy(() -> Tokenizers.open(file))
          .isInstanceOf(InvalidTokenizerException.class)
          .hasMessageContaining(kind[1]);
    }
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(() -> Tokenizers.open(empty)).hasMessageContaining("has no tokenizer.json");
    Files.writeString(empty.resolve("tok1.bin"), "x");
    Files.writeString(empty.resolve("tok2.bin"), "x");
    assertThatThrownBy(() -> Tokenizers.open(empty)).hasMessageContaining("several tokenizers");
  }

  @Test
  void flags_of_added_tokens_are_honoured() throws IOException {
    String first = json.substring(json.indexOf("\"added_tokens\" : [") + 18);
    String object =
        "{\"id\": %d, \"content\": \"%s\", \"single_word\": %b, \"lstrip\": %b, \"rstrip\": %b,"
            + " \"normalized\": %b, \"special\": %b}, ";
    int n = saved.vocabularySize();
    String added =
        object.formatted(n, "gong", true, false, false, false, false)
            + object.formatted(n + 1, "<m>", false, true, false, false, true)
            + object.formatted(n + 2, "<r>", false, false, true, false, true)
            + object.formatted(n + 3, "Low", false, false, false, true, false)
            + object.formatted(n + 4, "<m><", false, false, false, false, false);
    Files.writeString(
        folder.resolve("tokenizer.json"),
        json.replace(first, added + first)
            .replace("\"normalizer\" : null", "\"normalizer\" : {\"type\" : \"Lowercase\"}"));
    Tokenizer t = Tokenizers.open(folder);
    int a = t.encode("a")[0];
    assertThat(t.encode("agong-gong gonga")).contains(n).doesNotContain(n + 1);
    assertThat(Arrays.stream(t.encode("agong-gong gonga")).filter(id -> id == n)).hasSize(1);
    assertThat(t.encode("a \t<m>a", Special.PARSE)).containsExactly(a, n + 1, a);
    assertThat(t.encode("a<r> \n a", Special.PARSE)).containsExactly(a, n + 2, a);
    assertThat(t.encode("aLOWa")).containsExactly(a, n + 3, a);
    assertThat(t.encode("a<m><a", Special.PARSE)).containsExactly(a, n + 4, a);
    assertThat(t.encode("a<m>a")).doesNotContain(n + 1);
  }
}
