package dev.gamelan.text.split;

import java.util.Optional;

/** The published patterns that have an automaton, as their files write them. */
final class KnownPatterns {
  static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  // tiktoken writes the same pattern so, which is faster in its engine.
  private static final String GPT2_GROUPED =
      "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

  private static final String CL100K_HEAD =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
  private static final String CL100K_TAIL =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  static final String CL100K = CL100K_HEAD + "\\p{N}{1,3}" + CL100K_TAIL;
  static final String QWEN = CL100K_HEAD + "\\p{N}" + CL100K_TAIL;
  private static final String CL100K_POSSESSIVE =
      "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+";

  static final String O200K =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
          + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
          + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private KnownPatterns() {}

  static Optional<Splitter> automaton(String expression) {
    return switch (expression) {
      case GPT2, GPT2_GROUPED -> Optional.of(new Gpt2Splitter());
      case CL100K, CL100K_POSSESSIVE -> Optional.of(new Cl100kSplitter(3));
      case QWEN -> Optional.of(new Cl100kSplitter(1));
      case O200K -> Optional.of(new O200kSplitter());
      default -> Optional.empty();
    };
  }
}
