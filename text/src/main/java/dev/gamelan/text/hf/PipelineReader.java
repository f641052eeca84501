package dev.gamelan.text.hf;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.split.SplitBehavior;
import java.text.Normalizer;
import java.util.List;

/** Reads what stands around the model of a {@code tokenizer.json}. */
final class PipelineReader {
  private static final List<String> NORMALIZERS =
      List.of(
          "NFC",
          "NFD",
          "NFKC",
          "NFKD",
          "Lowercase",
          "StripAccents",
          "Nmt",
          "Prepend",
          "Strip",
          "Replace",
          "BertNormalizer",
          "Precompiled",
          "Sequence");
  private static final List<String> PRE_TOKENIZERS =
      List.of(
          "ByteLevel",
          "Split",
          "Digits",
          "Metaspace",
          "BertPreTokenizer",
          "Whitespace",
          "WhitespaceSplit",
          "Punctuation",
          "CharDelimiterSplit",
          "UnicodeScripts",
          "Sequence");

  private PipelineReader() {}

  static TextNormalizer normalizer(Json json) {
    String type = json.text("type");
    TextNormalizer normalizer =
        switch (type) {
          case "NFC", "NFD", "NFKC", "NFKD" ->
              new TextNormalizer.Unicode(Normalizer.Form.valueOf(type));
          case "Lowercase" -> new TextNormalizer.Lowercase();
          case "StripAccents" -> new TextNormalizer.StripAccents();
          case "Nmt" -> new TextNormalizer.Nmt();
          case "BertNormalizer" ->
              new BertNormalizer(
                  json.flag("clean_text", true),
                  json.flag("handle_chinese_chars", true),
                  json.optional("strip_accents").map(_ -> json.flag("strip_accents", false)),
                  json.flag("lowercase", true));
          case "Precompiled" -> precompiled(json);
          case "Prepend" -> new TextNormalizer.Prepend(json.text("prepend"));
          case "Strip" ->
              new TextNormalizer.Strip(
                  json.flag("strip_left", true), json.flag("strip_right", true));
          case "Replace" ->
              TextNormalizer.replace(pattern(json.child("pattern")), json.text("content"));
          case "Sequence" ->
              new TextNormalizer.Sequence(
                  json.children("normalizers").stream().map(PipelineReader::normalizer).toList());
          default -> throw json.unsupported(type, NORMALIZERS);
        };
    json.done();
    return normalizer;
  }

  static PreTokenizer preTokenizer(Json json) {
    String type = json.text("type");
    PreTokenizer preTokenizer =
        switch (type) {
          case "ByteLevel" ->
              new PreTokenizer.ByteLevel(
                  json.flag("add_prefix_space", true),
                  json.flag("trim_offsets", true),
                  json.flag("use_regex", true));
          case "Split" ->
              new PreTokenizer.Split(
                  pattern(json.child("pattern")), behavior(json), json.flag("invert", false));
          case "Metaspace" -> metaspace(json);
          case "BertPreTokenizer" -> new PreTokenizer.Bert();
          case "Whitespace" -> new PreTokenizer.Whitespace();
          case "WhitespaceSplit" -> new PreTokenizer.WhitespaceSplit();
          case "Punctuation" ->
              new PreTokenizer.Punctuation(
                  json.optional("behavior").isPresent() ? behavior(json) : SplitBehavior.ISOLATED);
          case "CharDelimiterSplit" ->
              new PreTokenizer.CharDelimiterSplit(character(json, "delimiter"));
          case "UnicodeScripts" -> new PreTokenizer.UnicodeScripts();
          case "Digits" -> new PreTokenizer.Digits(json.flag("individual_digits", false));
          case "Sequence" ->
              new PreTokenizer.Sequence(
                  json.children("pretokenizers").stream()
                      .map(PipelineReader::preTokenizer)
                      .toList());
          default -> throw json.unsupported(type, PRE_TOKENIZERS);
        };
    json.done();
    return preTokenizer;
  }

  private static TextNormalizer precompiled(Json json) {
    String map = json.text("precompiled_charsmap");
    try {
      return PrecompiledNormalizer.of(map);
    } catch (InvalidTokenizerException e) {
      throw new InvalidTokenizerException(json.path() + ": " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new InvalidTokenizerException(
          json.path() + ".precompiled_charsmap: not base64: " + e.getMessage(), e);
    }
  }

  private static String character(Json json, String key) {
    String text = json.text(key);
    if (text.codePointCount(0, text.length()) != 1) {
      throw json.unsupported(text, List.of("one character as " + key));
    }
    return text;
  }

  /** The keys of a Metaspace, which is a pre-tokenizer and a decoder. */
  static PreTokenizer.Metaspace metaspace(Json json) {
    json.obsolete("str_rep");
    boolean before = json.flag("add_prefix_space", true);
    String scheme = json.optionalText("prepend_scheme").orElse(before ? "always" : "never");
    return new PreTokenizer.Metaspace(
        character(json, "replacement"),
        switch (scheme) {
          case "always" -> PreTokenizer.Metaspace.Prepend.ALWAYS;
          case "first" -> PreTokenizer.Metaspace.Prepend.FIRST;
          case "never" -> PreTokenizer.Metaspace.Prepend.NEVER;
          default -> throw json.unsupported(scheme, List.of("always", "first", "never"));
        },
        json.flag("split", true));
  }

  static TextPattern pattern(Json json) {
    TextPattern pattern =
        json.optional("Regex").isPresent()
            ? new TextPattern.Regex(json.text("Regex"))
            : new TextPattern.Literal(json.text("String"));
    json.done();
    return pattern;
  }

  private static SplitBehavior behavior(Json json) {
    String name = json.text("behavior");
    return switch (name) {
      case "Removed" -> SplitBehavior.REMOVED;
      case "Isolated" -> SplitBehavior.ISOLATED;
      case "MergedWithPrevious" -> SplitBehavior.MERGED_WITH_PREVIOUS;
      case "MergedWithNext" -> SplitBehavior.MERGED_WITH_NEXT;
      case "Contiguous" -> SplitBehavior.CONTIGUOUS;
      default ->
          throw json.unsupported(
              name,
              List.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"));
    };
  }

  static AddedToken addedToken(Json json) {
    AddedToken token =
        new AddedToken(
            json.integer("id"),
            json.text("content"),
            json.flag("single_word", false),
            json.flag("lstrip", false),
            json.flag("rstrip", false),
            json.flag("normalized", !json.flag("special", false)),
            json.flag("special", false));
    json.done();
    return token;
  }
}
