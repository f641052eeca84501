package dev.gamelan.text.hf;

import dev.gamelan.text.unicode.Categories;
import dev.gamelan.text.unicode.Normalization;
import java.text.Normalizer;
import java.util.Optional;

/**
 * What BERT does to a text: control characters go, white space becomes spaces, Chinese characters
 * stand alone, accents go, and all becomes lower case, each if asked for.
 *
 * @param cleanText whether control characters go and white space becomes spaces
 * @param handleChineseChars whether Chinese characters get spaces around them
 * @param stripAccents whether accents go; if nothing is said, where it is lower-cased
 * @param lowercase whether it becomes lower case
 */
record BertNormalizer(
    boolean cleanText,
    boolean handleChineseChars,
    Optional<Boolean> stripAccents,
    boolean lowercase)
    implements TextNormalizer {
  @Override
  public String apply(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (cleanText) {
        // U+0085 is both, and goes.
        if (c == 0xFFFD || isControl(c) && c != '\t' && c != '\n' && c != '\r') {
          continue;
        } else if (Categories.isSpace(c)) {
          c = ' ';
        }
      }
      if (handleChineseChars && isChinese(c)) {
        out.append(' ').appendCodePoint(c).append(' ');
      } else {
        out.appendCodePoint(c);
      }
    }
    String s = out.toString();
    if (stripAccents.orElse(lowercase)) {
      s = withoutAccents(Normalization.apply(Normalizer.Form.NFD, s));
    }
    return lowercase ? new Lowercase().apply(s) : s;
  }

  private static String withoutAccents(String s) {
    StringBuilder out = new StringBuilder(s.length());
    s.codePoints()
        .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
        .forEach(out::appendCodePoint);
    return out.toString();
  }

  private static boolean isControl(int c) {
    int type = Character.getType(c);
    return type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.PRIVATE_USE
        || type == Character.SURROGATE;
  }

  // The ranges of the original, whose sixth begins where it does by a slip.
  private static boolean isChinese(int c) {
    return c >= 0x4E00 && c <= 0x9FFF
        || c >= 0x3400 && c <= 0x4DBF
        || c >= 0x20000 && c <= 0x2A6DF
        || c >= 0x2A700 && c <= 0x2B73F
        || c >= 0x2B740 && c <= 0x2B81F
        || c >= 0x2B920 && c <= 0x2CEAF
        || c >= 0xF900 && c <= 0xFAFF
        || c >= 0x2F800 && c <= 0x2FA1F;
  }

  @Override
  public boolean leavesAlone(byte[] text, int from, int to) {
    for (int i = from; i < to; i++) {
      int b = text[i];
      if (b < ' ' || b == 0x7F || lowercase && b >= 'A' && b <= 'Z') {
        return false;
      }
    }
    return true;
  }
}
