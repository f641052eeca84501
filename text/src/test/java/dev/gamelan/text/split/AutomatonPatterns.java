package dev.gamelan.text.split;

import java.util.List;

/** The published patterns that run on automata. */
final class AutomatonPatterns {
  static final List<String> ALL =
      List.of(
          KnownPatterns.GPT2,
          KnownPatterns.GPT2_TIKTOKEN,
          KnownPatterns.CL100K,
          KnownPatterns.CL100K_TIKTOKEN,
          KnownPatterns.QWEN,
          KnownPatterns.QWEN_MARKS,
          KnownPatterns.O200K,
          KnownPatterns.TEKKEN,
          KnownPatterns.KIMI,
          KnownPatterns.DEEPSEEK_V3,
          KnownPatterns.CLIP,
          KnownPatterns.WORDS);

  // DeepSeek V3's, LLM's and coder's stages, Falcon's, Bloom's, and what else the form allows.
  static final List<String> RUNS =
      List.of(
          "\\p{N}{1,3}",
          "\\p{N}",
          "[一-龥\u3040-ゟ゠-ヿ]+",
          "[\r\n]",
          "\\s?\\p{L}+",
          "\\s?\\p{P}+",
          "[一-龥ࠀ-一가-\uD7FF]+",
          "\\s?[A-Za-zµÀ-ÖØ-öø-ƺ𐐀-𐑏]+",
          "\\s?[!-/:-~！-／：-～‘-‟\u3000-。]+",
          "\\s+$",
          "x+$",
          "[0-9][0-9][0-9]",
          "[\\p{P}$+<=>^`|~]",
          " ?[^(\\s|[.,!?…。，、।۔،])]+",
          "\\s?\\s{2,3}",
          "a");

  private AutomatonPatterns() {}
}
