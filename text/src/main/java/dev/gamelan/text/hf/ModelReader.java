package dev.gamelan.text.hf;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.bpe.Vocabulary;
import dev.gamelan.text.word.UnigramSpec;
import java.util.ArrayList;
import java.util.Arrays;
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
  private static final List<String> TYPES = List.of("BPE", "Unigram", "WordPiece", "WordLevel");
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
  private Optional<double[]> scores = Optional.empty();
  private OptionalInt unkId = OptionalInt.empty();
  private OptionalInt longest = OptionalInt.empty();
  private boolean hasVocabulary;
  private boolean hasMerges;

  /** Reads the object that the parser stands at. */
  static ModelSpec read(JsonParser parser) {
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
        if (type.isPresent() && !TYPES.contains(type.get())) {
          throw new InvalidTokenizerException(
              "model.type: \"%s\" is not supported; supported are %s".formatted(type.get(), TYPES));
        }
      }
      case "vocab" -> {
        if (value == JsonToken.START_ARRAY) {
          scoredVocabulary(parser);
        } else {
          expect(parser, value, JsonToken.START_OBJECT, "model.vocab");
          vocabulary(parser);
        }
      }
      case "unk_id" -> {
        if (value != JsonToken.VALUE_NULL) {
          expect(parser, value, JsonToken.VALUE_NUMBER_INT, "model.unk_id");
          unkId = OptionalInt.of(parser.getIntValue());
        }
      }
      case "max_input_chars_per_word" -> {
        expect(parser, value, JsonToken.VALUE_NUMBER_INT, "model.max_input_chars_per_word");
        longest = OptionalInt.of(parser.getIntValue());
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
              "model: the key \"" + key + "\" is not known in a model");
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

  private void scoredVocabulary(JsonParser parser) {
    hasVocabulary = true;
    scores = Optional.of(new double[1 << 10]);
    vocabulary = new HashMap<>(1 << 16);
    int id = 0;
    for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
      String path = "model.vocab[" + id + "]";
      expect(parser, t, JsonToken.START_ARRAY, path);
      expect(parser, parser.nextToken(), JsonToken.VALUE_STRING, path);
      if (vocabulary.put(parser.getString(), id) != null) {
        throw new InvalidTokenizerException(
            "model.vocab: the token \"" + parser.getString() + "\" stands there twice");
      }
      if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT) {
        expect(parser, parser.currentToken(), JsonToken.VALUE_NUMBER_FLOAT, path);
      }
      double[] all = scores.get();
      if (id == all.length) {
        all = Arrays.copyOf(all, 2 * id);
        scores = Optional.of(all);
      }
      all[id++] = parser.getDoubleValue();
      expect(parser, parser.nextToken(), JsonToken.END_ARRAY, path);
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

  private ModelSpec build() {
    if (!hasVocabulary) {
      throw new InvalidTokenizerException(
          "model: the key \"vocab\" is missing; a model has a vocabulary");
    }
    String kind = type.orElseGet(this::kind);
    boolean scored = scores.isPresent();
    if (scored != kind.equals("Unigram") || hasMerges != kind.equals("BPE")) {
      throw new InvalidTokenizerException(
          ("model: a model of the type %s has a vocabulary %s and %s merges; here it is %s and"
                  + " %s merges (the key \"merges\" is %s)")
              .formatted(
                  kind,
                  kind.equals("Unigram") ? "of scores" : "of ids",
                  kind.equals("BPE") ? "has" : "no",
                  scored ? "of scores" : "of ids",
                  hasMerges ? "has" : "no",
                  hasMerges ? "present" : "missing"));
    }
    Vocabulary names = Vocabulary.of(vocabulary);
    if (names.size() > 0 && (long) names.size() > 64L * names.tokens() + (1 << 20)) {
      throw new InvalidTokenizerException(
          "model.vocab: the ids of %d tokens go up to %d; the file is damaged"
              .formatted(names.tokens(), names.size()));
    }
    return switch (kind) {
      case "BPE" -> bpe(names);
      case "Unigram" ->
          new ModelSpec.Unigram(
              new UnigramSpec(
                  names, Arrays.copyOf(scores.orElseThrow(), names.size()), unkId, byteFallback));
      case "WordPiece" ->
          new ModelSpec.WordPiece(
              names, unk.orElse("[UNK]"), prefix.orElse("##"), longest.orElse(100));
      case "WordLevel" -> new ModelSpec.WordLevel(names, unk.orElse("<unk>"));
      default -> throw new IllegalStateException(kind);
    };
  }

  // Older files don't name it.
  private String kind() {
    if (scores.isPresent()) {
      return "Unigram";
    } else if (hasMerges) {
      return "BPE";
    } else if (longest.isPresent()) {
      return "WordPiece";
    }
    // A BPE model whose merges are missing looks no different.
    throw new InvalidTokenizerException(
        "model: the key \"merges\" is missing, and \"type\" names no other model than BPE");
  }

  private ModelSpec bpe(Vocabulary names) {
    int[] left = new int[merges.size() / 2];
    int[] right = new int[left.length];
    for (int i = 0; i < left.length; i++) {
      left[i] = id(names, i, merges.get(2 * i));
      right[i] = id(names, i, merges.get(2 * i + 1));
    }
    return new ModelSpec.Bpe(
        BpeSpec.ordered(
            names, left, right, unk, fuseUnk, byteFallback, prefix, suffix, ignoreMerges));
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
      case VALUE_NUMBER_FLOAT -> "a number";
      case NOT_AVAILABLE,
          END_OBJECT,
          PROPERTY_NAME,
          VALUE_EMBEDDED_OBJECT,
          VALUE_TRUE,
          VALUE_FALSE,
          VALUE_NULL ->
          token.name();
    };
  }
}
