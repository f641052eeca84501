package dev.gamelan.text.hf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.gamelan.text.Tokenizer.Special;
import dev.gamelan.text.train.BpeTrainer;
import dev.gamelan.text.train.BpeTrainingOptions;
import dev.gamelan.text.train.SampleTexts;
import java.text.Normalizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Texts that make careless tokenizers slow or wrong; the limits stop what would take for ever. */
class PathologicalTextsTest {
  private static final Duration FOR_EVER = Duration.ofMinutes(2);

  private static HfTokenizer learnt(BpeTrainingOptions options) throws InterruptedException {
    return new BpeTrainer(options).train(SampleTexts.lines(300));
  }

  @Test
  void a_megabyte_without_a_space_is_encoded_in_one_piece() throws Exception {
    HfTokenizer t = learnt(BpeTrainingOptions.of(600));
    String letters = "kalomigong".repeat(100_000);
    String same = "a".repeat(1_000_000);
    String signs = "=-".repeat(500_000);
    assertTimeoutPreemptively(
        FOR_EVER,
        () -> {
          for (String text : List.of(letters, same, signs)) {
            assertThat(t.decode(t.encode(text))).isEqualTo(text);
          }
        });
    // A long word has the same tokens as a short one where tokens end at its seams.
    assertThat(t.encode(letters).length).isLessThan(letters.length() / 2);
  }

  @Test
  void a_vocabulary_is_learnt_from_a_megabyte_without_a_space() {
    String text = "gamelan".repeat(80_000) + "x".repeat(500_000);
    HfTokenizer t =
        assertTimeoutPreemptively(
            FOR_EVER, () -> new BpeTrainer(BpeTrainingOptions.of(300)).train(List.of(text)));
    assertThat(t.decode(t.encode(text))).isEqualTo(text);
    assertThat(t.encode(text).length).isLessThan(1_000);
  }

  @Test
  void a_hundred_thousand_combining_marks_are_put_in_order() throws Exception {
    HfTokenizer t = learnt(BpeTrainingOptions.of(600).withNormalization(Normalizer.Form.NFC));
    String marks = "a" + "\u0301\u0323".repeat(50_000) + "b";
    // Below before above; the first of the marks below joins the letter.
    String ordered = "\u1EA1" + "\u0323".repeat(49_999) + "\u0301".repeat(50_000) + "b";
    String decoded = assertTimeoutPreemptively(FOR_EVER, () -> t.decode(t.encode(marks)));
    assertThat(decoded).isEqualTo(ordered);
  }

  @Test
  void white_space_of_every_kind_and_length_comes_back() throws Exception {
    HfTokenizer t = learnt(BpeTrainingOptions.of(600));
    for (String s : List.of(" ", "\n", "\t", "\u3000", "\u2028", " \n", "\u0000")) {
      String text = s.repeat(200_000);
      assertThat(assertTimeoutPreemptively(FOR_EVER, () -> t.decode(t.encode(text))))
          .isEqualTo(text);
    }
  }

  @Test
  void lone_surrogates_become_replacement_characters() throws Exception {
    HfTokenizer t = learnt(BpeTrainingOptions.of(600));
    assertThat(t.decode(t.encode("a\uD800b"))).isEqualTo("a\uFFFDb");
    assertThat(t.decode(t.encode("\uDC00"))).isEqualTo("\uFFFD");
    assertThat(t.decode(t.encode("?\uD83D?é\uD83D"))).isEqualTo("?\uFFFD?é\uFFFD");
    assertThat(t.decode(t.encode("\uDE0A\uD83D\uDE0A\uD83D")))
        .isEqualTo("\uFFFD\uD83D\uDE0A\uFFFD");
  }

  @Test
  void a_pattern_that_backtracks_without_end_is_an_error_not_a_hang() throws Exception {
    HfTokenizer t = learnt(BpeTrainingOptions.of(300).withPattern("(?:a|a)*b|."));
    assertThat(t.decode(t.encode("aab"))).isEqualTo("aab");
    String text = "a".repeat(5_000);
    assertTimeoutPreemptively(
        FOR_EVER,
        () ->
            assertThatThrownBy(() -> t.encode(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5000 characters"));
    assertThat(t.decode(t.encode("aab"))).isEqualTo("aab");
  }

  @Test
  void many_threads_get_the_ids_of_one() throws Exception {
    HfTokenizer t = learnt(BpeTrainingOptions.of(600));
    List<String> texts = SampleTexts.lines(400);
    List<int[]> expected = texts.stream().map(s -> t.encode(s, Special.PARSE)).toList();
    try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
      List<Callable<Void>> jobs = new ArrayList<>();
      for (int job = 0; job < 16; job++) {
        jobs.add(
            () -> {
              for (int i = 0; i < texts.size(); i++) {
                assertThat(t.encode(texts.get(i), Special.PARSE)).isEqualTo(expected.get(i));
              }
              return null;
            });
      }
      for (Future<Void> done : pool.invokeAll(jobs)) {
        done.get();
      }
    }
  }
}
