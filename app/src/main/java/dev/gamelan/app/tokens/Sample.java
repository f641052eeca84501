package dev.gamelan.app.tokens;

import java.nio.charset.StandardCharsets;
import java.text.BreakIterator;
import java.util.List;
import java.util.Locale;

/**
 * Texts of one language, and how much they are.
 *
 * @param language its name
 * @param texts the texts
 * @param bytes their UTF-8 bytes
 * @param characters their code points
 * @param words what stands between the word boundaries of Unicode and has a letter or digit; of
 *     scripts without spaces, whole runs of characters
 * @param letters code points that are letters or digits
 */
public record Sample(
    String language, List<String> texts, long bytes, long characters, long words, long letters) {
  public Sample {
    texts = List.copyOf(texts);
  }

  /**
   * Measures texts.
   *
   * @throws IllegalArgumentException if they are empty
   */
  public static Sample of(String language, List<String> texts) {
    long bytes = 0;
    long characters = 0;
    long words = 0;
    long letters = 0;
    for (String text : texts) {
      bytes += text.getBytes(StandardCharsets.UTF_8).length;
      characters += text.codePointCount(0, text.length());
      words += words(text);
      letters += letters(text);
    }
    if (letters == 0) {
      throw new IllegalArgumentException(
          "texts of '%s': there is no letter or digit in them".formatted(language));
    }
    return new Sample(language, texts, bytes, characters, words, letters);
  }

  static long letters(String text) {
    return text.codePoints().filter(Character::isLetterOrDigit).count();
  }

  private static long words(String text) {
    BreakIterator words = BreakIterator.getWordInstance(Locale.ROOT);
    words.setText(text);
    long count = 0;
    int start = words.first();
    for (int end = words.next(); end != BreakIterator.DONE; end = words.next()) {
      count += letters(text.substring(start, end)) > 0 ? 1 : 0;
      start = end;
    }
    return count;
  }
}
