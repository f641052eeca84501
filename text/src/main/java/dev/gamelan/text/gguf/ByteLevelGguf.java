package dev.gamelan.text.gguf;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.bpe.IntList;
import dev.gamelan.text.bpe.Vocabulary;
import dev.gamelan.text.hf.AddedToken;
import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.hf.ModelSpec;
import dev.gamelan.text.hf.PreTokenizer;
import dev.gamelan.text.hf.TextPattern;
import dev.gamelan.text.hf.TokenizerSpec;
import dev.gamelan.text.split.SplitBehavior;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Byte-level BPE in GGUF: names, merges, and the name of a pre-tokenizer that llama.cpp knows. */
final class ByteLevelGguf {
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

  private ByteLevelGguf() {}

  static Tokenizer tokenizer(GgufVocabulary file, List<String> names, List<Long> types) {
    Map<String, Integer> ids = new HashMap<>(2 * names.size());
    List<AddedToken> added = new ArrayList<>();
    for (int id = 0; id < names.size(); id++) {
      long type = types.isEmpty() ? 1 : types.get(id);
      if (ids.putIfAbsent(names.get(id), id) != null) {
        throw new InvalidTokenizerException(
            "GGUF: tokens %d and %d are both named \"%s\""
                .formatted(ids.get(names.get(id)), id, names.get(id)));
      }
      // Control tokens, and user-defined ones, which texts always are cut at.
      if (type == 3 || type == 4) {
        added.add(new AddedToken(id, names.get(id), false, false, false, false, type == 3));
      }
    }
    IntList left = new IntList(names.size());
    IntList right = new IntList(names.size());
    for (String merge : file.list("merges", String.class)) {
      int space = merge.indexOf(' ', 1);
      Integer a = space < 0 ? null : ids.get(merge.substring(0, space));
      Integer b = space < 0 ? null : ids.get(merge.substring(space + 1));
      if (a == null || b == null) {
        throw new InvalidTokenizerException(
            "GGUF: tokenizer.ggml.merges: \""
                + merge
                + "\" is not two tokens with a space between");
      }
      left.add(a);
      right.add(b);
    }
    String pre = file.text("pre").orElse("default");
    JsonNode bytes =
        JsonNodeFactory.instance
            .objectNode()
            .put("type", "ByteLevel")
            .put("add_prefix_space", false)
            .put("trim_offsets", true)
            .put("use_regex", false);
    TokenizerSpec spec =
        new TokenizerSpec(
            added,
            Optional.empty(),
            Optional.of(
                new PreTokenizer.Sequence(parts(pre, file.flag("add_space_prefix", false)))),
            new ModelSpec.Bpe(
                BpeSpec.ordered(
                    Vocabulary.of(ids),
                    left.toArray(),
                    right.toArray(),
                    Optional.empty(),
                    false,
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    pre.equals("llama-bpe") || pre.equals("llama3"))),
            Optional.of(bytes),
            Optional.of(bytes),
            Optional.empty(),
            Optional.empty(),
            GgufTokenizers.name(file, "bos_token_id", names),
            GgufTokenizers.name(file, "eos_token_id", names));
    // As in llama.cpp, of this kind only Llama 3 and its like add BOS unless the file says so.
    boolean bos = file.flag("add_bos_token", pre.equals("llama-bpe") || pre.equals("llama3"));
    return new HfTokenizer(spec.withAround(bos, file.flag("add_eos_token", false)));
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
