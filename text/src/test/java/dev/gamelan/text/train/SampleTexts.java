package dev.gamelan.text.train;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Invented sentences with a vocabulary that has frequent and rare words, the same on every run. */
public final class SampleTexts {
  private static final String[] SYLLABLES = {
    "ka", "lo", "mi", "gong", "gam", "bang", "sa", "ron", "ding", "é", "trường", "ngữ", "語", "楽",
    "the", "ing", "er", "un", "ly", "za", "qui"
  };

  private SampleTexts() {}

  public static List<String> lines(int count) {
    SplittableRandom random = new SplittableRandom(7);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder line = new StringBuilder();
      int words = 8 + random.nextInt(20);
      for (int w = 0; w < words; w++) {
        int syllables = 1 + random.nextInt(4);
        for (int s = 0; s < syllables; s++) {
          // The product of two draws makes some syllables rare.
          line.append(SYLLABLES[random.nextInt(1 + random.nextInt(SYLLABLES.length))]);
        }
        line.append(random.nextInt(9) == 0 ? ", " : " ");
      }
      lines.add(line.append(random.nextInt(2000)).append('.').toString());
    }
    return lines;
  }
}
