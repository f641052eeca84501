package dev.gamelan.text.hf;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.bpe.Vocabulary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/** Reads {@code model} of a {@code tokenizer.json} as a stream, for it may be tens of megabytes. */
final class ModelReader {
  private Optional<String> type = Optional.empty();
  private Optional<String> unk = Optional.empty();
  private Optional<String> prefix = Optional.empty();
  private Optional<String> suffix = Optional.empty();
  private boolean fuseUnk;
  private boolean byteFallback;
  private boolean ignoreMerges;
  private Map<String, Integer> vocabulary = Map.of();
  // Left and right names in turn.
  private List<String> merges = List.of();
  private boolean hasVocabulary;
  private boolean hasMerges;

  /** Reads the object that the parser stands at. */
  static BpeSpec read(JsonParser parser) {
    ModelReader reader = new ModelReader();
    expect(parser, parser.currentToken(), JsonToken.START_OBJECT, "model");
    for (String key = parser.nextName(); key != null; key = parser.nextName()) {
      reader.field(parser, key);
    }
    return reader.build();
  }

  private void field(JsonParser parser, String key) {
    JsonToken value = parser.nextToken();
    switch (key) {
      case "type" -> {
        type = text(parser, key);
        if (!type.equals(Optional.of("BPE"))) {
          throw new InvalidTokenizerException(
              "model.type: \"%s\" is not supported; supported is \"BPE\""
                  .formatted(type.orElse("null")));
        }
      }
      case "vocab" -> {
        expect(parser, value, JsonToken.START_OBJECT, "model.vocab");
        vocabulary(parser);
      }
      case "merges" -> {
        expect(parser, value, JsonToken.START_ARRAY, "model.merges");
        merges(parser);
      }
      case "unk_token" -> unk = text(parser, key);
      case "continuing_subword_prefix" -> prefix = text(parser, key);
      case "end_of_word_suffix" -> suffix = text(parser, key);
      case "fuse_unk" -> fuseUnk = flag(parser, key);
      case "byte_fallback" -> byteFallback = flag(parser, key);
      case "ignore_merges" -> ignoreMerges = flag(parser, key);
      case "dropout" -> {
        JsonNode dropout = parser.readValueAsTree();
        if (!dropout.isNull() && !(dropout.isNumber() && dropout.doubleValue() == 0)) {
          throw new InvalidTokenizerException(
              "model.dropout: "
                  + dropout
                  + " is not supported; set it to null, for encoding is deterministic here");
        }
      }
      default ->
          throw new InvalidTokenizerException(
              "model: the key \"" + key + "\" is not known in a BPE model");
    }
  }

  private void vocabulary(JsonParser parser) {
    hasVocabulary = true;
    vocabulary = new HashMap<>(1 << 16);
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      expect(parser, parser.nextToken(), JsonToken.VALUE_NUMBER_INT, "model.vocab." + name);
      if (vocabulary.put(name, parser.getIntValue()) != null) {
        throw new InvalidTokenizerException(
            "model.vocab: the token \"" + name + "\" stands there twice");
      }
    }
  }

  private void merges(JsonParser parser) {
    hasMerges = true;
    merges = new ArrayList<>(1 << 17);
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      String path = "model.merges[" + merges.size() / 2 + "]";
      if (t == JsonToken.VALUE_STRING) {
        String merge = parser.getString();
        int space = merge.indexOf(' ');
        if (space <= 0 || space == merge.length() - 1 || merge.indexOf(' ', space + 1) >= 0) {
          throw new InvalidTokenizerException(
              path + ": two tokens with a space between them are expected, not \"" + merge + "\"");
        }
        merges.add(merge.substring(0, space));
        merges.add(merge.substring(space + 1));
      } else {
        expect(parser, t, JsonToken.START_ARRAY, path);
        for (int i = 0; i < 2; i++) {
          expect(parser, parser.nextToken(), JsonToken.VALUE_STRING, path);
          merges.add(parser.getString());
        }
        expect(parser, parser.nextToken(), JsonToken.END_ARRAY, path);
      }
    }
  }

  private BpeSpec build() {
    if (!hasVocabulary || !hasMerges) {
      throw new InvalidTokenizerException(
          "model: the key \""
              + (hasVocabulary ? "merges" : "vocab")
              + "\" is missing; a BPE model has both");
    }
    Vocabulary names = Vocabulary.of(vocabulary);
    int[] left = new int[merges.size() / 2];
    int[] right = new int[left.length];
    for (int i = 0; i < left.length; i++) {
      left[i] = id(names, i, merges.get(2 * i));
      right[i] = id(names, i, merges.get(2 * i + 1));
    }
    return new BpeSpec(
        names, left, right, unk, fuseUnk, byteFallback, prefix, suffix, ignoreMerges);
  }

  private static int id(Vocabulary names, int merge, String name) {
    OptionalInt id = names.id(name);
    if (id.isEmpty()) {
      throw new InvalidTokenizerException(
          "model.merges[" + merge + "]: \"" + name + "\" is not in the vocabulary");
    }
    return id.getAsInt();
  }

  private static Optional<String> text(JsonParser parser, String key) {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return Optional.empty();
    }
    expect(parser, parser.currentToken(), JsonToken.VALUE_STRING, "model." + key);
    return Optional.of(parser.getString());
  }

  private static boolean flag(JsonParser parser, String key) {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE) {
      return token == JsonToken.VALUE_TRUE;
    } else if (token == JsonToken.VALUE_NULL) {
      return false;
    }
    throw new InvalidTokenizerException(
        "model." + key + ": true or false is expected, not " + parser.getString());
  }

  private static void expect(JsonParser parser, JsonToken found, JsonToken wanted, String path) {
    if (found != wanted) {
      throw new InvalidTokenizerException(
          "%s: %s is expected, not %s".formatted(path, word(wanted), parser.getString()));
    }
  }

  private static String word(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "a list";
      case END_ARRAY -> "the end of a list";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT -> "an integer";
      case NOT_AVAILABLE,
          END_OBJECT,
          PROPERTY_NAME,
          VALUE_EMBEDDED_OBJECT,
          VALUE_NUMBER_FLOAT,
          VALUE_TRUE,
          VALUE_FALSE,
          VALUE_NULL ->
          token.name();
    };
  }
}
