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

  /** One after the other, each within the pieces of the one before. */
  record Sequence(List<PreTokenizer> pretokenizers) implements PreTokenizer {
    public Sequence {
      pretokenizers = List.copyOf(pretokenizers);
    }
  }
}
