package dev.gamelan.text.unicode;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NormalizationTest {
  // Classes 230, 220, 240, 1, 202, 0 (a mark that starts), 216, 7, 9, and one that decomposes.
  private static final int[] MARKS = {
    0x301, 0x323, 0x345, 0x334, 0x327, 0x488, 0x1D165, 0x93C, 0x94D, 0x344, 0x308, 0x35C, 0x5B0,
    0x64B, 0xE38, 0x1AB0
  };

  @Test
  void characters_called_plain_neither_change_nor_combine() {
    // Whatever can combine does so with one of these before it, or is reordered after a mark.
    String[] before = {"a", "\u1100", "\uAC00", "e\u0345", "\u09C7", "\u1025", "\uD804\uDD31"};
    int plain = 0;
    for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
      if (c >= 0xD800 && c <= 0xDFFF) {
        continue;
      }
      String s = Character.toString(c);
      byte[] bytes = Utf8.encode(s);
      if (Normalization.isPlainNfc(bytes, 0, bytes.length)) {
        plain++;
        for (String b : before) {
          String nfc = Normalizer.normalize(b, Normalizer.Form.NFC);
          assertThat(Normalizer.normalize(b + s, Normalizer.Form.NFC)).isEqualTo(nfc + s);
        }
      }
    }
    assertThat(plain).isBetween(50_000, 70_000);
  }

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

  @Test
  void only_what_is_not_plain_is_normalized_and_the_rest_is_copied() {
    String[] parts = {
      "a",
      "e",
      "é",
      "e\u0323",
      "\u0301",
      "\u0345",
      "\u0958",
      "\u1100",
      "\u1161",
      "\uAC00",
      "\u11A8",
      "語",
      "\uF900",
      "\uD834\uDD5E",
      "\uD834\uDD65",
      "\uD83D\uDE0A",
      " long enough to lie between".repeat(3)
    };
    SplittableRandom random = new SplittableRandom(4);
    for (int round = 0; round < 3_000; round++) {
      StringBuilder text = new StringBuilder();
      int n = random.nextInt(20);
      for (int i = 0; i < n; i++) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      byte[] bytes = Utf8.encode("x" + text + "\u0301");
      String expected = Normalizer.normalize(text, Normalizer.Form.NFC);
      assertThat(Utf8.decode(Normalization.nfc(bytes, 1, bytes.length - 2))).isEqualTo(expected);
    }
  }
}
