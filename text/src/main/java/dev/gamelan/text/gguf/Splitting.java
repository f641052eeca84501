package dev.gamelan.text.gguf;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.hf.PreTokenizer;
import dev.gamelan.text.hf.TextPattern;
import dev.gamelan.text.split.SplitBehavior;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How texts are cut before byte-level merges. GGUF says of it only a name, {@code
 * tokenizer.ggml.pre}; what the names mean is llama.cpp's ({@code llama-vocab.cpp}), and the
 * published tokenizers' of the models that it was made for.
 *
 * @param nfc whether texts are composed first, as the published tokenizers do
 * @param parts one after the other
 * @param wholeWords whether a word that is a token stays whole whatever the merges say
 */
record Splitting(boolean nfc, List<PreTokenizer> parts, boolean wholeWords) {
  private static final Set<String> COMPOSED =
      Set.of("olmo", "gpt-neox", "mpt", "qwen2", "deepseek-r1-qwen");
  private static final Set<String> WHOLE_WORDS = Set.of("llama-bpe", "llama3");

  /** The names that are written, the commonest of those that mean the same. */
  private static final List<String> WRITTEN =
      List.of(
          "gpt-2",
          "olmo",
          "smollm",
          "llama-bpe",
          "qwen2",
          "dbrx",
          "deepseek-llm",
          "deepseek-coder");

  private static final String CL100K =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}%s"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
  private static final String CJK = "[一-龥ࠀ-一가-\uD7FF]+";

  // Cased letters, in the version of Unicode that the vocabulary was made with.
  private static final String CASED =
      "A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕ"
          + "ἠ-ὅὈ-Ὅὐ-ὗὙὛὝ\u1F5F-\u1F7Dᾀ-ᾴᾶ-\u1FBC\u1FBEῂ-ῄῆ-ῌ\u1FD0-\u1FD3\u1FD6-\u1FDBῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝ\u2124\u2126\u2128\u212A-\u212Dℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳ"
          + "Ꙁ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃";

  /**
   * What a name means.
   *
   * @throws InvalidTokenizerException if it isn't known
   */
  static Splitting of(String name, boolean prefixSpace) {
    return new Splitting(
        COMPOSED.contains(name), parts(name, prefixSpace), WHOLE_WORDS.contains(name));
  }

  /** The name of a way of cutting, if it has one. */
  static Optional<String> name(boolean nfc, PreTokenizer cut, boolean wholeWords) {
    for (String name : WRITTEN) {
      Splitting known = of(name, false);
      if (known.nfc == nfc
          && known.wholeWords == wholeWords
          && same(new PreTokenizer.Sequence(known.parts), cut)) {
        return Optional.of(name);
      }
    }
    return Optional.empty();
  }

  /** Whether two cut alike; the offsets, which we don't compute, don't count. */
  private static boolean same(PreTokenizer a, PreTokenizer b) {
    if (a instanceof PreTokenizer.Sequence(List<PreTokenizer> one) && one.size() == 1) {
      return same(one.getFirst(), b);
    }
    if (b instanceof PreTokenizer.Sequence(List<PreTokenizer> one) && one.size() == 1) {
      return same(a, one.getFirst());
    }
    if (a instanceof PreTokenizer.ByteLevel x && b instanceof PreTokenizer.ByteLevel y) {
      return x.addPrefixSpace() == y.addPrefixSpace() && x.useRegex() == y.useRegex();
    }
    if (a instanceof PreTokenizer.Sequence(List<PreTokenizer> x)
        && b instanceof PreTokenizer.Sequence(List<PreTokenizer> y)) {
      boolean same = x.size() == y.size();
      for (int i = 0; same && i < x.size(); i++) {
        same = same(x.get(i), y.get(i));
      }
      return same;
    }
    return a.equals(b);
  }

  private static List<PreTokenizer> parts(String pre, boolean prefixSpace) {
    PreTokenizer gpt2 = new PreTokenizer.ByteLevel(prefixSpace, true, true);
    PreTokenizer plain = new PreTokenizer.ByteLevel(prefixSpace, true, false);
    return switch (pre) {
      case "gpt-2",
          "gpt2",
          "mpt",
          "olmo",
          "phi-2",
          "jina-es",
          "jina-de",
          "roberta-bpe",
          "gpt-neox",
          "default" ->
          List.of(gpt2);
      case "starcoder", "refact", "command-r", "smollm", "codeshell", "exaone" ->
          List.of(new PreTokenizer.Digits(true), gpt2);
      case "falcon" ->
          List.of(
              new PreTokenizer.Punctuation(SplitBehavior.CONTIGUOUS),
              split(GPT2),
              split("[0-9][0-9][0-9]"),
              plain);
      case "llama-bpe", "llama3", "dbrx", "smaug-bpe" ->
          List.of(split(CL100K.formatted("{1,3}")), plain);
      case "qwen2", "stablelm2", "deepseek-r1-qwen" -> List.of(split(CL100K.formatted("")), plain);
      case "deepseek-coder" ->
          List.of(
              split("[\r\n]"),
              split("\\s?\\p{L}+"),
              split("\\s?\\p{P}+"),
              split(CJK),
              new PreTokenizer.Digits(true),
              plain);
      case "deepseek-llm" ->
          List.of(
              split("[\r\n]"),
              split("\\s?[" + CASED + "]+"),
              split("\\s?[!-/:-~！-／：-～‘-‟\u3000-。]+"),
              split("\\s+$"),
              split(CJK),
              new PreTokenizer.Digits(true),
              plain);
      default ->
          throw new InvalidTokenizerException(
              "GGUF: tokenizer.ggml.pre \""
                  + pre
                  + "\" is not supported; supported are gpt-2, mpt, olmo, starcoder, refact,"
                  + " command-r, smollm, falcon, llama-bpe, qwen2, deepseek-llm and deepseek-coder");
    };
  }

  private static PreTokenizer split(String expression) {
    return new PreTokenizer.Split(new TextPattern.Regex(expression), SplitBehavior.ISOLATED, false);
  }
}
