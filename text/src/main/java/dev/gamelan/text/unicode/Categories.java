package dev.gamelan.text.unicode;

/**
 * General categories of code points, one bit each, as the regular expressions of pre-tokenizers ask
 * for them. White space (the property White_Space, {@code \s}) is a category of its own here: none
 * of its characters is a letter, number, mark, punctuation or symbol.
 */
public final class Categories {
  /** {@code \s}. */
  public static final int SPACE = 1 << 31;

  /** {@code \p{Lu}\p{Lt}}. */
  public static final int UPPER = 1 << Character.UPPERCASE_LETTER | 1 << Character.TITLECASE_LETTER;

  /** {@code \p{Ll}}. */
  public static final int LOWER = 1 << Character.LOWERCASE_LETTER;

  /** {@code \p{Lm}\p{Lo}}. */
  public static final int UNCASED = 1 << Character.MODIFIER_LETTER | 1 << Character.OTHER_LETTER;

  /** {@code \p{L}}. */
  public static final int LETTER = UPPER | LOWER | UNCASED;

  /** {@code \p{N}}. */
  public static final int NUMBER =
      1 << Character.DECIMAL_DIGIT_NUMBER
          | 1 << Character.LETTER_NUMBER
          | 1 << Character.OTHER_NUMBER;

  /** {@code \p{M}}. */
  public static final int MARK =
      1 << Character.NON_SPACING_MARK
          | 1 << Character.COMBINING_SPACING_MARK
          | 1 << Character.ENCLOSING_MARK;

  /** {@code \p{P}\p{S}}. */
  public static final int SIGN =
      1 << Character.CONNECTOR_PUNCTUATION
          | 1 << Character.DASH_PUNCTUATION
          | 1 << Character.START_PUNCTUATION
          | 1 << Character.END_PUNCTUATION
          | 1 << Character.INITIAL_QUOTE_PUNCTUATION
          | 1 << Character.FINAL_QUOTE_PUNCTUATION
          | 1 << Character.OTHER_PUNCTUATION
          | 1 << Character.MATH_SYMBOL
          | 1 << Character.CURRENCY_SYMBOL
          | 1 << Character.MODIFIER_SYMBOL
          | 1 << Character.OTHER_SYMBOL;

  private static final byte SPACE_TYPE = 31;
  private static final byte[] BMP = table();

  private Categories() {}

  /** The bit of the category of {@code codePoint}. */
  public static int of(int codePoint) {
    return 1 << (codePoint < BMP.length ? BMP[codePoint] : Character.getType(codePoint));
  }

  /** The bit of the category of the character at {@code text[at]} of well-formed UTF-8. */
  public static int at(byte[] text, int at) {
    int b = text[at];
    if (b >= 0) {
      return 1 << BMP[b];
    } else if ((b & 0xE0) == 0xC0) {
      return 1 << BMP[(b & 0x1F) << 6 | text[at + 1] & 0x3F];
    } else if ((b & 0xF0) == 0xE0) {
      return 1 << BMP[(b & 0x0F) << 12 | (text[at + 1] & 0x3F) << 6 | text[at + 2] & 0x3F];
    }
    return 1 << Character.getType(Utf8.codePoint(text, at));
  }

  /**
   * The end of the run of characters of some of the categories {@code wanted} from {@code p} on.
   */
  public static int run(byte[] text, int p, int to, int wanted) {
    while (p < to && (at(text, p) & wanted) != 0) {
      p += Utf8.length(text[p]);
    }
    return p;
  }

  /** Whether the code point has the property White_Space. */
  public static boolean isSpace(int c) {
    return c >= 9 && c <= 13
        || c == ' '
        || c == 0x85
        || c == 0xA0
        || c == 0x1680
        || c >= 0x2000 && c <= 0x200A
        || c == 0x2028
        || c == 0x2029
        || c == 0x202F
        || c == 0x205F
        || c == 0x3000;
  }

  /** Whether the code point is a word character ({@code \w}) by Unicode TR 18, annex C. */
  public static boolean isWord(int c) {
    int category = of(c);
    return (category & (LETTER | MARK)) != 0
        || category == 1 << Character.DECIMAL_DIGIT_NUMBER
        || category == 1 << Character.CONNECTOR_PUNCTUATION
        || Character.isAlphabetic(c)
        || c == 0x200C
        || c == 0x200D;
  }

  /** Whether the code point is punctuation ({@code \p{P}}) or a symbol of ASCII. */
  public static boolean isPunctuation(int c) {
    if (c < 0x80) {
      return c > ' ' && c < 0x7F && !Character.isLetterOrDigit(c);
    }
    return switch (Character.getType(c)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          true;
      default -> false;
    };
  }

  private static byte[] table() {
    byte[] types = new byte[0x10000];
    for (int c = 0; c < types.length; c++) {
      types[c] = isSpace(c) ? SPACE_TYPE : (byte) Character.getType(c);
    }
    return types;
  }
}
