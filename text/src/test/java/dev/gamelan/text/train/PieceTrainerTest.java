package dev.gamelan.text.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.text.SharedAssets;
import dev.gamelan.text.Tokenizer.Special;
import dev.gamelan.text.Tokenizers;
import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.hf.TextNormalizer;
import dev.gamelan.text.sp.SpModel;
import dev.gamelan.text.sp.SpModel.Algorithm;
import dev.gamelan.text.sp.SpTokenizer;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PieceTrainerTest {
  @TempDir Path folder;

  private static PieceTrainingOptions likeSentencePiece(Algorithm algorithm) {
    return PieceTrainingOptions.of(algorithm, 1000)
        .withDummyPrefix(true)
        .withSpaceRuns(false)
        .withMinFrequency(1);
  }

  private static List<String> english() {
    return List.of(SharedAssets.text("tokenizers/cs336-a1/tests/fixtures/corpus.en").split("\n"));
  }

  private static SpModel train(PieceTrainingOptions options, List<String> texts) throws Exception {
    return new PieceTrainer(options)
        .train(texts.iterator(), Optional.empty(), TrainingProgress.NONE);
  }

  private static List<String> names(SpModel model) {
    return model.pieces().stream().map(SpModel.Piece::name).toList();
  }

  @Test
  void merges_are_those_of_sentencepieces_own_trainer() throws Exception {
    SpModel learnt = train(likeSentencePiece(Algorithm.BPE), english());
    try (InputStream golden =
        PieceTrainerTest.class.getResourceAsStream("sentencepiece-bpe-corpus-en.txt")) {
      String text = new String(golden.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(names(learnt)).isEqualTo(List.of(text.split("\n")));
    }
  }

  @Test
  void a_unigram_model_compresses_at_least_as_well_as_sentencepieces_own() throws Exception {
    SpModel learnt = train(likeSentencePiece(Algorithm.UNIGRAM), english());
    assertThat(learnt.pieces()).hasSize(1000);
    SpTokenizer tokenizer = new SpTokenizer(learnt, false, false);
    int tokens = english().stream().mapToInt(line -> tokenizer.encode(line).length).sum();
    // What SentencePiece 0.2 gives with the same settings.
    assertThat(tokens).isLessThan((int) (54_941 * 1.01));
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void the_result_depends_neither_on_threads_nor_on_the_order_of_texts(Algorithm algorithm)
      throws Exception {
    List<String> texts = new ArrayList<>(SampleTexts.lines(500));
    PieceTrainingOptions options = PieceTrainingOptions.of(algorithm, 700);
    SpModel one = train(options.withThreads(1), texts);
    Collections.reverse(texts);
    SpModel four = train(options.withThreads(4), texts);
    assertThat(four.pieces()).hasSize(700).isEqualTo(one.pieces());
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void the_saved_tokenizer_gives_the_models_ids_and_every_text_back(Algorithm algorithm)
      throws Exception {
    for (boolean prefix : List.of(true, false)) {
      PieceTrainingOptions options =
          PieceTrainingOptions.of(algorithm, 700).withDummyPrefix(prefix);
      SpModel learnt = train(options, SampleTexts.lines(300));
      new PieceTrainer(options).tokenizer(learnt).save(folder);
      HfTokenizer read = (HfTokenizer) Tokenizers.open(folder);
      SpTokenizer original = new SpTokenizer(learnt, false, false);
      assertThat(read.bos()).hasValue(1);
      assertThat(read.eos()).hasValue(2);
      for (String text :
          List.of("kalomi gong", " lead  two\n\ttab", "", "\u0000ß🙂", "</s><s>", "ngữ語é 12")) {
        int[] ids = read.encode(text);
        assertThat(ids).as(text).isEqualTo(original.encode(text));
        assertThat(read.decode(ids)).isEqualTo(text);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void options_shape_the_tokens(Algorithm algorithm) throws Exception {
    List<String> texts = new ArrayList<>(SampleTexts.lines(400));
    texts.addAll(Collections.nCopies(300, "1984 1984"));
    PieceTrainingOptions options = PieceTrainingOptions.of(algorithm, 900);
    assertThat(names(train(options, texts))).anyMatch(name -> name.matches("\\d\\d+"));
    assertThat(names(train(options.withSplitDigits(true), texts)))
        .noneMatch(name -> !name.startsWith("<0x") && name.matches("\u2581\\d|.*\\d\\d.*"));
    assertThat(names(train(options.withLongestPiece(3), texts)))
        .noneMatch(name -> !name.startsWith("<") && name.length() > 3);
    assertThat(names(train(options.withByteFallback(false), texts))).doesNotContain("<0x0A>");
    assertThat(names(train(options.withControls(List.of("<pad>", "<x>")), texts)))
        .startsWith("<pad>", "<x>", "<0x00>");
    List<String> indented = Collections.nCopies(40, "a        b      c");
    assertThat(names(train(PieceTrainingOptions.of(algorithm, 270), indented)))
        .anyMatch(name -> name.equals("\u2581\u2581\u2581\u2581"));
    assertThat(
            names(
                train(
                    options.withNormalizer(
                        Optional.of(new TextNormalizer.Unicode(Normalizer.Form.NFKC))),
                    List.of("ｋａ ｋａ ｋａ"))))
        .contains("ka")
        .doesNotContain("ｋ");
  }

  @Test
  void rare_characters_beyond_the_coverage_become_bytes_or_are_unknown() throws Exception {
    List<String> texts = new ArrayList<>(Collections.nCopies(500, "aaa bbb aab"));
    texts.add("ж");
    PieceTrainingOptions options =
        PieceTrainingOptions.of(Algorithm.UNIGRAM, 270).withCoverage(0.999);
    PieceTrainer trainer = new PieceTrainer(options);
    SpModel learnt = train(options, texts);
    assertThat(names(learnt)).doesNotContain("ж");
    assertThat(trainer.tokenizer(learnt).encode("ж")).hasSize(2);
    SpModel without = train(options.withByteFallback(false), texts);
    assertThat(trainer.tokenizer(without).encode("ж")).containsExactly(0);
    assertThat(names(train(options.withCoverage(1), texts))).contains("ж");
  }

  @Test
  void a_vocabulary_without_room_for_the_characters_is_refused() {
    assertThatThrownBy(
            () -> train(PieceTrainingOptions.of(Algorithm.BPE, 262), SampleTexts.lines(50)))
        .hasMessageContaining("has no room for 259 control, byte and science tokens")
        .hasMessageContaining("give at least");
    assertThatThrownBy(() -> PieceTrainingOptions.of(Algorithm.BPE, 300).withCoverage(0))
        .hasMessageContaining("coverage is 0.0");
    assertThatThrownBy(() -> PieceTrainingOptions.of(Algorithm.BPE, 300).withControls(List.of()))
        .hasMessageContaining("the first is the unknown one");
    assertThatThrownBy(() -> train(PieceTrainingOptions.of(Algorithm.UNIGRAM, 300), List.of("\n")))
        .hasMessageContaining("empty");
  }

  @Test
  void control_tokens_are_neither_learnt_nor_spelt() throws Exception {
    List<String> texts = Collections.nCopies(30, "<user> hello <user> hello");
    PieceTrainingOptions options =
        PieceTrainingOptions.of(Algorithm.UNIGRAM, 290).withControls(List.of("<unk>", "<user>"));
    HfTokenizer tokenizer = new PieceTrainer(options).tokenizer(train(options, texts));
    assertThat(tokenizer.encode("<user>", Special.PARSE)).containsExactly(1);
    assertThat(tokenizer.encode("<user>", Special.LITERAL)).doesNotContain(1);
  }

  @Test
  void the_digamma_function_is_that_of_the_tables() {
    assertThat(UnigramLearning.digamma(1)).isCloseTo(-0.5772156649, within(1e-9));
    assertThat(UnigramLearning.digamma(0.5)).isCloseTo(-1.9635100260, within(1e-9));
    assertThat(UnigramLearning.digamma(10)).isCloseTo(2.2517525890, within(1e-9));
  }

  @Test
  void an_interrupted_training_ends() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(
            () -> train(PieceTrainingOptions.of(Algorithm.UNIGRAM, 700), SampleTexts.lines(50)))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }
}
