package dev.gamelan.text.hf;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.split.SplitBehavior;
import java.text.Normalizer;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Reads what stands around the model of a {@code tokenizer.json}. */
final class PipelineReader {
  private static final List<String> NORMALIZERS =
      List.of("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Prepend", "Strip", "Replace", "Sequence");
  private static final List<String> PRE_TOKENIZERS =
      List.of("ByteLevel", "Split", "Digits", "Sequence");
  private static final List<String> POST_PROCESSORS =
      List.of("ByteLevel", "TemplateProcessing", "RobertaProcessing", "BertProcessing", "Sequence");

  private PipelineReader() {}

  static TextNormalizer normalizer(Json json) {
    String type = json.text("type");
    TextNormalizer normalizer =
        switch (type) {
          case "NFC", "NFD", "NFKC", "NFKD" ->
              new TextNormalizer.Unicode(Normalizer.Form.valueOf(type));
          case "Lowercase" -> new TextNormalizer.Lowercase();
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

  private static TextPattern pattern(Json json) {
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

  /** Checks that this is a post-processor; it is kept as it stands. */
  static JsonNode postProcessor(Json json) {
    String type = json.text("type");
    if (!POST_PROCESSORS.contains(type)) {
      throw json.unsupported(type, POST_PROCESSORS);
    }
    if (type.equals("Sequence")) {
      json.children("processors").forEach(PipelineReader::postProcessor);
    }
    return json.node();
  }

  /** Checks that this is a byte-level decoder, alone or in a sequence of one. */
  static JsonNode decoder(Json json) {
    String type = json.text("type");
    switch (type) {
      case "ByteLevel" -> {
        // The decoder of bytes has no use for these.
        List.of("add_prefix_space", "trim_offsets", "use_regex").forEach(json::obsolete);
      }
      case "Sequence" -> {
        List<Json> decoders = json.children("decoders");
        if (decoders.size() != 1) {
          throw new InvalidTokenizerException(
              json.path() + ": a sequence of " + decoders.size() + " decoders is not supported");
        }
        decoder(decoders.getFirst());
      }
      default -> throw json.unsupported(type, List.of("ByteLevel"));
    }
    json.done();
    return json.node();
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
