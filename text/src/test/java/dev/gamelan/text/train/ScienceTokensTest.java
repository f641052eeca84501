package dev.gamelan.text.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.gamelan.text.Tokenizers;
import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.sp.SpModel.Algorithm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScienceTokensTest {
  private static final String WATER =
      "water is [START_SMILES]CC(=O)[C@@H]CCO[END_SMILES], and so on";

  @TempDir Path folder;

  private static List<String> texts() {
    List<String> texts = new ArrayList<>(SampleTexts.lines(200));
    for (int i = 0; i < 50; i++) {
      texts.add(WATER + " <work>12 + 30 = 42</work> [START_REF] CCO CCO [END_REF]");
      texts.add("[START_AMINO]MKTAYIAKQR[END_AMINO][START_DNA]ACGTACGT[END_DNA]");
    }
    return texts;
  }

  private static List<HfTokenizer> tokenizers() throws Exception {
    List<HfTokenizer> all = new ArrayList<>();
    all.add(
        new BpeTrainer(
                BpeTrainingOptions.of(600)
                    .withSingleDigits()
                    .withScience(ScienceTokens.galactica()))
            .train(texts()));
    for (Algorithm algorithm : Algorithm.values()) {
      PieceTrainer trainer =
          new PieceTrainer(
              PieceTrainingOptions.of(algorithm, 700)
                  .withSplitDigits(true)
                  .withScience(Optional.of(ScienceTokens.galactica())));
      all.add(
          trainer.tokenizer(
              trainer.train(texts().iterator(), Optional.empty(), TrainingProgress.NONE)));
    }
    return all;
  }

  private static List<String> pieces(HfTokenizer tokenizer, String text) {
    return Arrays.stream(tokenizer.encode(text))
        .mapToObj(id -> tokenizer.decode(new int[] {id}))
        .toList();
  }

  @Test
  void sequences_are_spelt_and_other_text_is_not() throws Exception {
    for (HfTokenizer tokenizer : tokenizers()) {
      String inside = "CC(=O)[C@@H]CCO";
      List<String> expected = new ArrayList<>(List.of("[START_SMILES]"));
      expected.addAll(List.of(inside.split("")));
      expected.add("[END_SMILES]");
      List<String> pieces = pieces(tokenizer, WATER);
      int at = pieces.indexOf("[START_SMILES]");
      assertThat(pieces.subList(at, at + expected.size())).isEqualTo(expected);
      assertThat(pieces.getFirst()).hasSizeGreaterThan(1);
      // An unfinished one, as in a prompt, and one that is empty.
      assertThat(pieces(tokenizer, "[START_DNA]ACGT")).endsWith("[START_DNA]", "A", "C", "G", "T");
      assertThat(pieces(tokenizer, "[START_DNA][END_DNA]")).endsWith("[START_DNA]", "[END_DNA]");
      assertThat(pieces(tokenizer, "x <work>19</work>")).endsWith("<work>", "1", "9", "</work>");
      for (String text : List.of(WATER, "[START_SMILES]é🙂", "a\n[END_DNA] [START_AMINO]")) {
        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
      }
    }
  }

  @Test
  void the_saved_tokenizers_give_the_same_ids_here_and_in_hugging_faces_library() throws Exception {
    for (HfTokenizer tokenizer : tokenizers()) {
      tokenizer.save(folder);
      HfTokenizer read = (HfTokenizer) Tokenizers.open(folder);
      try (HuggingFaceTokenizer theirs =
          HuggingFaceTokenizer.builder()
              .optTokenizerPath(folder.resolve("tokenizer.json"))
              .optAddSpecialTokens(false)
              .optTruncation(false)
              .optPadding(false)
              .build()) {
        for (String text :
            List.of(
                WATER,
                "",
                "[START_SMILES]CC",
                "[START_DNA]ACGT[END_DNA][START_AMINO]MK[END_AMINO] tail 2024",
                "[END_SMILES] stray [START_REF] ref [END_REF]",
                "[START_SMILES]é🙂\nx[END_SMILES][START_SMILES]",
                "<work>12+3</work><|endoftext|>")) {
          int[] ids = tokenizer.encode(text);
          assertThat(read.encode(text)).as(text).isEqualTo(ids);
          if (!text.contains("<|")) {
            assertThat(theirs.encode(text).getIds())
                .as(text)
                .isEqualTo(Arrays.stream(ids).asLongStream().toArray());
          }
        }
      }
    }
  }

  @Test
  void what_cannot_go_together_is_refused() {
    assertThatThrownBy(
            () ->
                PieceTrainingOptions.of(Algorithm.BPE, 700)
                    .withScience(Optional.of(ScienceTokens.galactica()))
                    .withDummyPrefix(true))
        .hasMessageContaining("no space can be put before a text");
    assertThatThrownBy(
            () ->
                BpeTrainingOptions.of(700)
                    .withSpecialTokens(List.of("<work>"))
                    .withScience(ScienceTokens.galactica()))
        .hasMessageContaining("a science token as well");
    assertThatThrownBy(() -> new ScienceTokens(List.of(), List.of("smiles|x")))
        .hasMessageContaining("A to Z");
  }
}
