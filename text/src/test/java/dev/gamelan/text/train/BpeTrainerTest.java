package dev.gamelan.text.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.text.SharedAssets;
import dev.gamelan.text.Tokenizer.Special;
import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.hf.ModelSpec;
import dev.gamelan.text.train.BpeTrainingOptions.Ties;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class BpeTrainerTest {
  private static final String CS336 = "tokenizers/cs336-a1/tests/fixtures/";

  @Test
  void the_golden_merges_and_vocabulary_of_cs336_are_learnt() throws InterruptedException {
    BpeTrainingOptions options = BpeTrainingOptions.of(500).withMinFrequency(1);
    HfTokenizer learnt =
        new BpeTrainer(options).train(List.of(SharedAssets.text(CS336 + "corpus.en")));
    List<String> merges = SharedAssets.lines(CS336 + "train-bpe-reference-merges.txt");
    assertThat(mergesOf(learnt)).isEqualTo(merges);
    JsonNode vocabulary = SharedAssets.json(CS336 + "train-bpe-reference-vocab.json");
    assertThat(learnt.vocabularySize()).isEqualTo(500).isEqualTo(vocabulary.size());
    for (String name : vocabulary.propertyNames()) {
      assertThat(learnt.id(name)).as(name).hasValue(vocabulary.get(name).intValue());
    }
  }

  @Test
  void the_most_frequent_pair_comes_first_and_ties_follow_the_chosen_rule() throws Exception {
    // "ab" and "cd" occur twice, "xy" three times.
    List<String> texts = List.of("ab cd xy", "ab cd xy", "xy");
    assertThat(mergesOf(train(texts, Ties.GREATEST_BYTES))).startsWith("x y", "c d", "a b");
    assertThat(mergesOf(train(texts, Ties.LOWEST_IDS))).startsWith("x y", "a b", "c d");
  }

  private static HfTokenizer train(List<String> texts, Ties ties) throws InterruptedException {
    return new BpeTrainer(BpeTrainingOptions.of(300).withTies(ties)).train(texts);
  }

  @Test
  void the_result_depends_neither_on_threads_nor_on_the_order_of_texts() throws Exception {
    List<String> texts = new ArrayList<>(SampleTexts.lines(2_000));
    BpeTrainingOptions options = BpeTrainingOptions.of(1_000);
    List<String> one = mergesOf(new BpeTrainer(options.withThreads(1)).train(texts));
    List<String> four = mergesOf(new BpeTrainer(options.withThreads(4)).train(texts));
    Collections.reverse(texts);
    List<String> reversed = mergesOf(new BpeTrainer(options.withThreads(3)).train(texts));
    assertThat(one).hasSize(1_000 - 257).isEqualTo(four).isEqualTo(reversed);
  }

  @Test
  void one_long_text_gives_the_same_as_training_by_rescanning() throws Exception {
    String text = String.join("\n", SampleTexts.lines(3_000));
    assertThat(text.length()).isGreaterThan(300_000);
    HfTokenizer learnt =
        new BpeTrainer(BpeTrainingOptions.of(400).withThreads(2)).train(List.of(text));
    assertThat(mergesOf(learnt)).isEqualTo(Rescanning.merges(text, 400 - 257));
  }

  @Test
  void runs_of_one_letter_are_counted_as_they_are_merged() throws Exception {
    String text = "aaaaaaa aaa aaaaaaaaaaaaaaaaa baaab aaaaa aa a";
    HfTokenizer learnt = new BpeTrainer(BpeTrainingOptions.of(400)).train(List.of(text));
    assertThat(mergesOf(learnt)).isNotEmpty().isEqualTo(Rescanning.merges(text, 143));
  }

  @Test
  void special_tokens_cut_the_text_and_are_never_learnt() throws Exception {
    List<String> texts = Collections.nCopies(20, "<|x|><|x|>word<|x|>er");
    HfTokenizer learnt =
        new BpeTrainer(BpeTrainingOptions.of(300).withSpecialTokens(List.of("<|x|>", "word")))
            .train(texts);
    assertThat(learnt.id("<|x|>")).hasValue(0);
    assertThat(learnt.id("word")).hasValue(1);
    assertThat(mergesOf(learnt)).containsExactly("e r");
    assertThat(learnt.encode("word<|x|>", Special.PARSE)).containsExactly(1, 0);
    assertThat(learnt.encode("word<|x|>", Special.LITERAL)).doesNotContain(0, 1);
  }

  @Test
  void merges_that_spell_a_special_token_are_left_out() throws Exception {
    // In the normalized text the token is there, in the given one it isn't.
    BpeTrainingOptions options =
        BpeTrainingOptions.of(300)
            .withSpecialTokens(List.of("abc"))
            .withNormalization(Normalizer.Form.NFKC);
    HfTokenizer learnt = new BpeTrainer(options).train(Collections.nCopies(9, "ａｂｃ ｄ"));
    assertThat(learnt.encode("ａｂｃ")).doesNotContain(0);
  }

  @Test
  void digits_stand_alone_on_request() throws Exception {
    List<String> texts = Collections.nCopies(9, "1999");
    BpeTrainingOptions options = BpeTrainingOptions.of(300);
    assertThat(new BpeTrainer(options).train(texts).encode("1999")).hasSize(1);
    assertThat(new BpeTrainer(options.withSingleDigits()).train(texts).encode("1999")).hasSize(4);
  }

  @Test
  void learning_stops_where_no_pair_is_frequent_enough() throws Exception {
    HfTokenizer learnt =
        new BpeTrainer(BpeTrainingOptions.of(9_000).withMinFrequency(3))
            .train(List.of("abab ab ab", "xyz xyz"));
    assertThat(mergesOf(learnt)).containsExactly("a b");
    assertThat(learnt.vocabularySize()).isEqualTo(258);
  }

  @Test
  void progress_is_reported_in_order_on_the_calling_thread() throws Exception {
    List<String> reports = new ArrayList<>();
    Thread caller = Thread.currentThread();
    TrainingProgress progress =
        new TrainingProgress() {
          @Override
          public void counting(long bytes) {
            assertThat(Thread.currentThread()).isSameAs(caller);
            reports.add("counting");
            assertThat(bytes).isLessThanOrEqualTo(10);
          }

          @Override
          public void merging(int tokens, int wanted) {
            assertThat(Thread.currentThread()).isSameAs(caller);
            reports.add(tokens + " of " + wanted);
          }
        };
    new BpeTrainer(BpeTrainingOptions.of(300))
        .train(List.of("hello", "hello").iterator(), progress);
    assertThat(reports).startsWith("counting").endsWith("261 of 300");
  }

  @Test
  void an_interrupted_training_ends() {
    Iterator<String> endless =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public String next() {
            return "again and again";
          }
        };
    Thread.currentThread().interrupt();
    assertThatThrownBy(
            () -> new BpeTrainer(BpeTrainingOptions.of(300)).train(endless, TrainingProgress.NONE))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void an_error_of_the_source_of_texts_is_passed_on() {
    Iterator<String> failing =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public String next() {
            throw new java.io.UncheckedIOException(new java.io.IOException("disk gone"));
          }
        };
    assertThatThrownBy(
            () -> new BpeTrainer(BpeTrainingOptions.of(300)).train(failing, TrainingProgress.NONE))
        .hasMessageContaining("disk gone");
  }

  @Test
  void options_that_cannot_be_are_refused() {
    assertThatThrownBy(() -> BpeTrainingOptions.of(256)).hasMessageContaining("at least 257");
    assertThatThrownBy(() -> BpeTrainingOptions.of(300).withMinFrequency(0))
        .hasMessageContaining("minFrequency (0)");
    assertThatThrownBy(() -> BpeTrainingOptions.of(300).withSpecialTokens(List.of("a")))
        .hasMessageContaining("at least two characters");
    assertThatThrownBy(() -> BpeTrainingOptions.of(300).withSpecialTokens(List.of("aa", "aa")))
        .hasMessageContaining("twice");
    assertThatThrownBy(() -> new BpeTrainer(BpeTrainingOptions.of(300)).train(List.of("", "")))
        .hasMessageContaining("empty");
  }

  private static List<String> mergesOf(HfTokenizer tokenizer) {
    BpeSpec model = ((ModelSpec.Bpe) tokenizer.spec().model()).spec();
    List<String> merges = new ArrayList<>();
    for (int i = 0; i < model.left().length; i++) {
      merges.add(
          model.vocabulary().name(model.left()[i])
              + " "
              + model.vocabulary().name(model.right()[i]));
    }
    return merges;
  }
}
