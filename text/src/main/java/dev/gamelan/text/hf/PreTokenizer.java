package dev.gamelan.text.hf;

import dev.gamelan.text.split.SplitBehavior;
import java.util.List;

/** How a text is cut into pieces: {@code pre_tokenizer} of tokenizer.json. */
public sealed interface PreTokenizer {
  /**
   * Bytes as characters, the basis of byte-level models.
   *
   * @param addPrefixSpace whether a piece that begins with no space gets one
   * @param trimOffsets kept for the file; offsets are not computed
   * @param useRegex whether GPT-2's pattern cuts the text
   */
  record ByteLevel(boolean addPrefixSpace, boolean trimOffsets, boolean useRegex)
      implements PreTokenizer {}

  /** By a pattern. */
  record Split(TextPattern pattern, SplitBehavior behavior, boolean invert)
      implements PreTokenizer {}

  /** Numeric characters apart from the rest, and each by itself if {@code individualDigits}. */
  record Digits(boolean individualDigits) implements PreTokenizer {}

  /**
   * Spaces written as a visible character, and perhaps one put before the text.
   *
   * @param replacement what spaces become, one character
   * @param prepend where it is put before a piece that doesn't begin with it
   * @param split whether the text is cut before each
   */
  record Metaspace(String replacement, Prepend prepend, boolean split) implements PreTokenizer {
    /** Before which pieces. */
    public enum Prepend {
      ALWAYS,
      /** The one at the beginning of the text. */
      FIRST,
      NEVER
    }
  }

  /** White space dropped, punctuation apart, each mark by itself. */
  record Bert() implements PreTokenizer {}

  /** Runs of word characters and runs of others; white space dropped. */
  record Whitespace() implements PreTokenizer {}

  /** White space dropped. */
  record WhitespaceSplit() implements PreTokenizer {}

  /** Punctuation apart. */
  record Punctuation(SplitBehavior behavior) implements PreTokenizer {}

  /** A character dropped, and the text cut there. */
  record CharDelimiterSplit(String delimiter) implements PreTokenizer {}

  /** A cut where the script changes. */
  record UnicodeScripts() implements PreTokenizer {}

  /** One after the other, each within the pieces of the one before. */
  record Sequence(List<PreTokenizer> pretokenizers) implements PreTokenizer {
    public Sequence {
      pretokenizers = List.copyOf(pretokenizers);
    }
  }
}
