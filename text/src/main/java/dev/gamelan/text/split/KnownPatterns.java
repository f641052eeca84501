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

  // tiktoken's from version 0.9 on; of cl100k it also changed what the end of a text becomes.
  static final String GPT2_TIKTOKEN =
      "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s";
  static final String CL100K_TIKTOKEN =
      "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+"
          + "| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s";

  static final String QWEN_MARKS =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}"
          + "| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  static final String DEEPSEEK_V3 =
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
          + "|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*"
          + "|\\s*[\r\n]+|\\s+(?!\\S)|\\s+";
  static final String CLIP =
      "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]"
          + "|[^\\s\\p{L}\\p{N}]+";
  static final String WORDS = "\\w+|[^\\w\\s]+";

  static final String O200K =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
          + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
          + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final String CASED =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
          + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*";
  static final String TEKKEN =
      CASED + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  static final String KIMI =
      "[\\p{Han}]+|[^\\r\\n\\p{L}\\p{N}]?"
          + "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]*"
          + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
          + "|[^\\r\\n\\p{L}\\p{N}]?"
          + "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]+"
          + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}&&[^\\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
          + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private KnownPatterns() {}

  /** The automaton of an expression, where there is one that does what is asked of matches. */
  static Optional<Splitter> automaton(String expression, SplitBehavior behavior, boolean invert) {
    boolean isolated = behavior == SplitBehavior.ISOLATED;
    // What lies between matches is dropped.
    boolean dropped = behavior == SplitBehavior.REMOVED && invert;
    if (!isolated && !dropped) {
      return Optional.empty();
    }
    return Optional.ofNullable(
        switch (expression) {
          case GPT2, GPT2_GROUPED, GPT2_TIKTOKEN -> new Gpt2Splitter();
          case CL100K, CL100K_POSSESSIVE -> new Cl100kSplitter(3, false);
          case CL100K_TIKTOKEN -> new Cl100kSplitter(3, true);
          case QWEN -> new Cl100kSplitter(1, false);
          case QWEN_MARKS -> new MarkedWordSplitter();
          case O200K -> new O200kSplitter(O200kSplitter.Kind.O200K);
          case TEKKEN -> new O200kSplitter(O200kSplitter.Kind.TEKKEN);
          case KIMI -> new O200kSplitter(O200kSplitter.Kind.KIMI);
          case DEEPSEEK_V3 -> new DeepSeekSplitter(dropped);
          case CLIP -> new ClipSplitter(dropped);
          case WORDS -> new WordSplitter(dropped);
          default -> null;
        });
  }
}
