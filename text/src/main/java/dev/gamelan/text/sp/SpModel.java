package dev.gamelan.text.sp;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.unicode.CharsMap;
import dev.gamelan.text.unicode.Utf8;
import java.util.List;
import java.util.OptionalInt;

/**
 * A SentencePiece vocabulary (Kudo and Richardson, 2018; {@code sentencepiece_model.proto}).
 *
 * @param algorithm how texts are cut
 * @param pieces the tokens by id
 * @param charsMap what is normalised, perhaps nothing
 * @param dummyPrefix whether a space is put before a text
 * @param removesExtraSpaces whether spaces at the ends go, and of several in a row all but one
 * @param escapesSpaces whether spaces are written U+2581
 * @param spaceAsSuffix whether the space of {@code dummyPrefix} is put after the text
 * @param unknownSurface what the unknown token reads as
 * @param bos the token that begins a sequence
 * @param eos the token that ends one
 */
public record SpModel(
    Algorithm algorithm,
    List<Piece> pieces,
    CharsMap charsMap,
    boolean dummyPrefix,
    boolean removesExtraSpaces,
    boolean escapesSpaces,
    boolean spaceAsSuffix,
    String unknownSurface,
    OptionalInt bos,
    OptionalInt eos) {
  /** How texts are cut. */
  public enum Algorithm {
    /** By the most probable row of tokens. */
    UNIGRAM,
    /** By merges. */
    BPE
  }

  /** What a token is. */
  public enum Kind {
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE
  }

  /** A token. */
  public record Piece(String name, float score, Kind kind) {
    /** The byte of a token of one, {@code <0xXX>}. */
    int value() {
      return Integer.parseInt(name.substring(3, 5), 16);
    }
  }

  public SpModel {
    pieces = List.copyOf(pieces);
    int unknown = 0;
    java.util.Set<String> names = new java.util.HashSet<>();
    for (int id = 0; id < pieces.size(); id++) {
      Piece piece = pieces.get(id);
      if (piece.name().isEmpty() || !names.add(piece.name())) {
        throw new InvalidTokenizerException(
            "SentencePiece model: the name \"%s\" of piece %d is empty or another's"
                .formatted(piece.name(), id));
      }
      if (!Float.isFinite(piece.score())) {
        throw new InvalidTokenizerException(
            "SentencePiece model: the score of piece %d is %s; it must be finite"
                .formatted(id, piece.score()));
      }
      if (piece.kind() == Kind.BYTE && !piece.name().matches("<0x[0-9A-F]{2}>")) {
        throw new InvalidTokenizerException(
            "SentencePiece model: piece %d, \"%s\", is to be a byte; those are named <0xXX>"
                .formatted(id, piece.name()));
      }
      if (piece.kind() == Kind.UNUSED && algorithm == Algorithm.BPE) {
        throw new InvalidTokenizerException(
            "SentencePiece model: piece %d, \"%s\", of a BPE model is unused; that is not supported"
                .formatted(id, piece.name()));
      }
      unknown += piece.kind() == Kind.UNKNOWN ? 1 : 0;
    }
    if (unknown != 1) {
      throw new InvalidTokenizerException(
          "SentencePiece model: %d of %d pieces are the unknown one; it must be one"
              .formatted(unknown, pieces.size()));
    }
  }

  /** The id of the unknown token. */
  public int unknown() {
    int id = 0;
    while (pieces.get(id).kind() != Kind.UNKNOWN) {
      id++;
    }
    return id;
  }

  /** Whether a character that is no token becomes the tokens of its bytes. */
  public boolean byteFallback() {
    return pieces.stream().filter(piece -> piece.kind() == Kind.BYTE).count() == 256;
  }

  static String text(byte[] bytes) {
    return Utf8.decode(bytes);
  }
}
