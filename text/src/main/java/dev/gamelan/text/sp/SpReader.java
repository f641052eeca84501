package dev.gamelan.text.sp;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.unicode.CharsMap;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Reads a {@code .model} file. */
final class SpReader {
  private final List<SpModel.Piece> pieces = new ArrayList<>();
  private SpModel.Algorithm algorithm = SpModel.Algorithm.UNIGRAM;
  private byte[] charsMap = new byte[0];
  private boolean dummyPrefix = true;
  private boolean removesExtraSpaces = true;
  private boolean escapesSpaces = true;
  private boolean spaceAsSuffix;
  private boolean byteFallback;
  private String unknownSurface = " \u2047 ";
  private String bos = "<s>";
  private String eos = "</s>";
  private int bosId = 1;
  private int eosId = 2;

  private SpReader() {}

  static SpModel read(byte[] file) {
    SpReader reader = new SpReader();
    for (Proto p = new Proto(file, 0, file.length); p.next(); ) {
      switch (p.field()) {
        case 1 -> reader.piece(p.message());
        case 2 -> reader.trainer(p.message());
        case 3 -> reader.normalizer(p.message());
        case 5 -> denormalizer(p.message());
        default -> {
          // A self test (4) and extensions say nothing about encoding.
        }
      }
    }
    return reader.model();
  }

  private void piece(Proto p) {
    String name = "";
    float score = 0;
    int kind = 1;
    while (p.next()) {
      switch (p.field()) {
        case 1 -> name = SpModel.text(p.bytes());
        case 2 -> score = p.real();
        case 3 -> kind = p.integer();
        default -> {
          // Extensions.
        }
      }
    }
    pieces.add(new SpModel.Piece(name, score, kind(kind)));
  }

  private SpModel.Kind kind(int number) {
    return switch (number) {
      case 1 -> SpModel.Kind.NORMAL;
      case 2 -> SpModel.Kind.UNKNOWN;
      case 3 -> SpModel.Kind.CONTROL;
      case 4 -> SpModel.Kind.USER_DEFINED;
      case 5 -> SpModel.Kind.UNUSED;
      case 6 -> SpModel.Kind.BYTE;
      default ->
          throw new InvalidTokenizerException(
              "SentencePiece model: piece %d has the type %d; there are 1 to 6"
                  .formatted(pieces.size(), number));
    };
  }

  private void trainer(Proto p) {
    while (p.next()) {
      switch (p.field()) {
        case 3 ->
            algorithm =
                switch (p.integer()) {
                  case 1 -> SpModel.Algorithm.UNIGRAM;
                  case 2 -> SpModel.Algorithm.BPE;
                  default ->
                      throw new InvalidTokenizerException(
                          "SentencePiece model: model_type "
                              + p.integer()
                              + " is not supported; supported are 1 (unigram) and 2 (BPE)");
                };
        case 24 -> spaceAsSuffix = p.flag();
        case 35 -> byteFallback = p.flag();
        case 41 -> bosId = p.integer();
        case 42 -> eosId = p.integer();
        case 44 -> unknownSurface = SpModel.text(p.bytes());
        case 46 -> bos = SpModel.text(p.bytes());
        case 47 -> eos = SpModel.text(p.bytes());
        default -> {
          // The rest is about how the model was trained.
        }
      }
    }
  }

  private void normalizer(Proto p) {
    while (p.next()) {
      switch (p.field()) {
        case 2 -> charsMap = p.bytes();
        case 3 -> dummyPrefix = p.flag();
        case 4 -> removesExtraSpaces = p.flag();
        case 5 -> escapesSpaces = p.flag();
        default -> {
          // The name of the rules and their source, which the map was made from.
        }
      }
    }
  }

  private static void denormalizer(Proto p) {
    while (p.next()) {
      if (p.field() == 2 && p.bytes().length > 0) {
        throw new InvalidTokenizerException(
            "SentencePiece model: a map for decoded texts (denormalizer_spec) is not supported");
      }
    }
  }

  private SpModel model() {
    if (pieces.isEmpty()) {
      throw new InvalidTokenizerException("SentencePiece model: it has no pieces");
    }
    SpModel model =
        new SpModel(
            algorithm,
            pieces,
            CharsMap.of(charsMap),
            dummyPrefix,
            removesExtraSpaces,
            escapesSpaces,
            spaceAsSuffix,
            unknownSurface,
            control(bosId, bos),
            control(eosId, eos));
    if (byteFallback != model.byteFallback()) {
      throw new InvalidTokenizerException(
          "SentencePiece model: byte_fallback is %s, but it has %s 256 bytes"
              .formatted(byteFallback, byteFallback ? "not all" : "the"));
    }
    return model;
  }

  private OptionalInt control(int id, String name) {
    if (id < 0) {
      return OptionalInt.empty();
    }
    for (int i = 0; i < pieces.size(); i++) {
      if (pieces.get(i).name().equals(name) && pieces.get(i).kind() == SpModel.Kind.CONTROL) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }
}
