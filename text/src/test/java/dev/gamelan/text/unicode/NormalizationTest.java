package dev.gamelan.text.unicode;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NormalizationTest {
  // Classes 230, 220, 240, 1, 202, 0 (a mark that starts), 216, 7, 9, and one that decomposes.
  private static final int[] MARKS = {
    0x301, 0x323, 0x345, 0x334, 0x327, 0x488, 0x1D165, 0x93C, 0x94D, 0x344, 0x308, 0x35C, 0x5B0,
    0x64B, 0xE38, 0x1AB0
  };

  @ParameterizedTest
  @EnumSource(Normalizer.Form.class)
  void long_runs_of_marks_are_normalized_as_the_jdk_does(Normalizer.Form form) {
    SplittableRandom random = new SplittableRandom(3);
    for (int round = 0; round < 40; round++) {
      StringBuilder text = new StringBuilder("aé");
      int n = random.nextInt(400);
      for (int i = 0; i < n; i++) {
        text.appendCodePoint(MARKS[random.nextInt(MARKS.length)]);
        if (random.nextInt(150) == 0) {
          text.append("bx語\uD83D\uDE0A");
        }
      }
      assertThat(Normalization.apply(form, text.toString()))
          .isEqualTo(Normalizer.normalize(text, form));
    }
  }
}
