package dev.gamelan.text.gguf;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.sp.SpModel;
import dev.gamelan.text.sp.SpTokenizer;
import dev.gamelan.text.unicode.CharsMap;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The vocabularies in GGUF files, as llama.cpp's converter writes them. */
public final class GgufTokenizers {
  private static final Long UNKNOWN = 2L;

  private GgufTokenizers() {}

  /**
   * Reads the vocabulary of a file from its beginning; the tensors are not read.
   *
   * @throws IOException if it can't be read
   * @throws InvalidTokenizerException if it is damaged, has no vocabulary, or one that isn't
   *     supported
   */
  public static Tokenizer read(InputStream in) throws IOException {
    GgufVocabulary file = GgufVocabulary.read(in);
    String kind =
        file.text("model")
            .orElseThrow(
                () ->
                    new InvalidTokenizerException(
                        "GGUF: the key tokenizer.ggml.model is missing; the file has no"
                            + " vocabulary"));
    List<String> names = file.list("tokens", String.class);
    if (names.isEmpty()) {
      throw new InvalidTokenizerException("GGUF: tokenizer.ggml.tokens is empty or missing");
    }
    List<Long> types = file.list("token_type", Long.class);
    if (!types.isEmpty() && types.size() != names.size()) {
      throw new InvalidTokenizerException(
          "GGUF: %d tokens, but %d types of tokens".formatted(names.size(), types.size()));
    }
    return switch (kind) {
      case "llama", "t5" -> sentencePiece(file, names, types, kind.equals("t5"));
      case "gpt2" -> ByteLevelGguf.tokenizer(file, names, types);
      case "bert" -> BertGguf.tokenizer(file, names, types);
      default ->
          throw new InvalidTokenizerException(
              "GGUF: tokenizer.ggml.model \""
                  + kind
                  + "\" is not supported; supported are llama, t5, gpt2 and bert");
    };
  }

  private static Tokenizer sentencePiece(
      GgufVocabulary file, List<String> names, List<Long> types, boolean unigram) {
    List<Float> scores = file.list("scores", Float.class);
    if (scores.size() != names.size()) {
      throw new InvalidTokenizerException(
          "GGUF: %d tokens, but %d scores".formatted(names.size(), scores.size()));
    }
    List<SpModel.Piece> pieces = new ArrayList<>();
    int unknown = end(file, "unknown_token_id", names).orElse(types.indexOf(UNKNOWN));
    if (unknown < 0 || types.isEmpty() || !types.get(unknown).equals(UNKNOWN)) {
      unknown = types.indexOf(UNKNOWN);
    }
    for (int id = 0; id < names.size(); id++) {
      SpModel.Kind kind = kind(types.isEmpty() ? 1 : types.get(id));
      // Converters give this type to tokens that only fill up the embedding as well.
      if (kind == SpModel.Kind.UNKNOWN && id != unknown) {
        kind = SpModel.Kind.CONTROL;
      }
      pieces.add(new SpModel.Piece(names.get(id), scores.get(id), kind));
    }
    List<Long> map = file.list("precompiled_charsmap", Long.class);
    byte[] blob = new byte[map.size()];
    for (int i = 0; i < blob.length; i++) {
      blob[i] = map.get(i).byteValue();
    }
    SpModel model =
        new SpModel(
            unigram ? SpModel.Algorithm.UNIGRAM : SpModel.Algorithm.BPE,
            pieces,
            CharsMap.of(blob),
            file.flag("add_space_prefix", true),
            file.flag("remove_extra_whitespaces", false),
            true,
            false,
            " \u2047 ",
            end(file, "bos_token_id", names),
            end(file, "eos_token_id", names));
    return new SpTokenizer(
        model, file.flag("add_bos_token", !unigram), file.flag("add_eos_token", unigram));
  }

  private static SpModel.Kind kind(long type) {
    if (type < 1 || type > 6) {
      throw new InvalidTokenizerException(
          "GGUF: a token has the type " + type + "; there are 1 to 6");
    }
    return SpModel.Kind.values()[(int) type - 1];
  }

  static OptionalInt end(GgufVocabulary file, String key, List<String> names) {
    Optional<Integer> id = file.number(key);
    if (id.isPresent() && (id.get() < 0 || id.get() >= names.size())) {
      throw new InvalidTokenizerException(
          "GGUF: tokenizer.ggml.%s is %d; there are %d tokens"
              .formatted(key, id.get(), names.size()));
    }
    return id.isPresent() ? OptionalInt.of(id.get()) : OptionalInt.empty();
  }

  static Optional<String> name(GgufVocabulary file, String key, List<String> names) {
    OptionalInt id = end(file, key, names);
    return id.isPresent() ? Optional.of(names.get(id.getAsInt())) : Optional.empty();
  }
}
