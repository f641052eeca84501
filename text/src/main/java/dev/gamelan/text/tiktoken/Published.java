package dev.gamelan.text.tiktoken;

import dev.gamelan.text.InvalidTokenizerException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a published {@code .tiktoken} file leaves unsaid.
 *
 * @param pattern cuts texts into words
 * @param specials ids of special tokens by name
 * @param offset what is added to a rank to give its id
 * @param bos the name of the token that begins a sequence
 * @param eos the name of the token that ends a document
 * @param addsBos whether models of it were trained to see BOS before every text
 */
record Published(
    String pattern,
    Map<String, Integer> specials,
    int offset,
    Optional<String> bos,
    Optional<String> eos,
    boolean addsBos) {
  private static final List<String> TEKKEN_SPECIALS =
      List.of(
          "<unk>",
          "<s>",
          "</s>",
          "[INST]",
          "[/INST]",
          "[AVAILABLE_TOOLS]",
          "[/AVAILABLE_TOOLS]",
          "[TOOL_RESULTS]",
          "[/TOOL_RESULTS]",
          "[TOOL_CALLS]",
          "[IMG]",
          "<pad>",
          "[IMG_BREAK]",
          "[IMG_END]",
          "[PREFIX]",
          "[MIDDLE]",
          "[SUFFIX]",
          "[SYSTEM_PROMPT]",
          "[/SYSTEM_PROMPT]",
          "[TOOL_CONTENT]");

  private static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
  private static final String CL100K =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String UPPER = "\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}";
  private static final String LOWER = "\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}";
  private static final String ENDINGS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";

  private static String cased(String upper, String lower, String endings) {
    String before = "[^\\r\\n\\p{L}\\p{N}]?";
    return before + upper + "*" + lower + "+" + endings + "|" + before + upper + "+" + lower + "*"
        + endings;
  }

  private static String o200k() {
    return cased("[" + UPPER + "]", "[" + LOWER + "]", ENDINGS)
        + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  }

  private static String tekken() {
    return cased("[" + UPPER + "]", "[" + LOWER + "]", "")
        + "|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  }

  private static String kimi() {
    String noHan = "&&[^\\p{Han}]]";
    return "[\\p{Han}]+|"
        + cased("[" + UPPER + noHan, "[" + LOWER + noHan, ENDINGS)
        + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  }

  /** Of the vocabulary with so many tokens. */
  static Published of(Map<Integer, byte[]> ranks) {
    return switch (ranks.size()) {
      case 50_256 -> plain(GPT2, Map.of("<|endoftext|>", 50_256));
      case 50_280 -> plain(GPT2, Map.of("<|endoftext|>", 50_256));
      case 100_256 ->
          plain(
              CL100K,
              Map.of(
                  "<|endoftext|>", 100_257,
                  "<|fim_prefix|>", 100_258,
                  "<|fim_middle|>", 100_259,
                  "<|fim_suffix|>", 100_260,
                  "<|endofprompt|>", 100_276));
      case 199_998 -> plain(o200k(), Map.of("<|endoftext|>", 199_999, "<|endofprompt|>", 200_018));
      case 128_000 -> llama(CL100K, 128_000);
      case 130_072 -> mistral(1_000);
      case 200_000 -> llama(o200k(), 200_000);
      case 163_584 -> kimi(163_584);
      default ->
          throw new InvalidTokenizerException(
              ("%d ranked tokens: the file names no pattern, and of the published vocabularies none"
                      + " has so many; known are those of 50256 (r50k), 50280 (p50k), 100256"
                      + " (cl100k), 128000 (Llama 3), 130072 (Tekken), 163584 (Kimi K2), 199998"
                      + " (o200k) and 200000 (Llama 4); give a tokenizer.json instead")
                  .formatted(ranks.size()));
    };
  }

  private static Published plain(String pattern, Map<String, Integer> specials) {
    return new Published(
        pattern,
        specials,
        0,
        Optional.empty(),
        specials.containsKey("<|endoftext|>") ? Optional.of("<|endoftext|>") : Optional.empty(),
        false);
  }

  private static Published llama(String pattern, int first) {
    return new Published(
        pattern,
        Map.of("<|begin_of_text|>", first, "<|end_of_text|>", first + 1),
        0,
        Optional.of("<|begin_of_text|>"),
        Optional.of("<|end_of_text|>"),
        true);
  }

  private static Published kimi(int first) {
    Map<String, Integer> specials = new LinkedHashMap<>();
    List.of("[BOS]", "[EOS]", "<|im_end|>", "<|im_user|>", "<|im_assistant|>")
        .forEach(name -> specials.put(name, first + specials.size()));
    return new Published(kimi(), specials, 0, Optional.of("[BOS]"), Optional.of("[EOS]"), false);
  }

  private static Published mistral(int reserved) {
    Map<String, Integer> specials = new LinkedHashMap<>();
    for (int id = 0; id < reserved; id++) {
      specials.put(tekkenSpecial(id), id);
    }
    return new Published(
        tekken(), specials, reserved, Optional.of("<s>"), Optional.of("</s>"), true);
  }

  /** The name of one of Tekken's special tokens. */
  static String tekkenSpecial(int id) {
    return id < TEKKEN_SPECIALS.size() ? TEKKEN_SPECIALS.get(id) : "<SPECIAL_" + id + ">";
  }
}
