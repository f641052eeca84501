package dev.gamelan.text.convert;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.bpe.Vocabulary;
import dev.gamelan.text.hf.AddedToken;
import dev.gamelan.text.hf.ModelSpec;
import dev.gamelan.text.hf.TextNormalizer;
import dev.gamelan.text.hf.TextPattern;
import dev.gamelan.text.hf.TokenizerSpec;
import dev.gamelan.text.sp.SpModel;
import dev.gamelan.text.sp.SpModel.Kind;
import dev.gamelan.text.sp.SpModel.Piece;
import dev.gamelan.text.unicode.Utf8;
import dev.gamelan.text.word.UnigramSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * SentencePiece's vocabularies as {@code tokenizer.json} says them: BPE by merges, one for every
 * way to make a token of two; unigrams by their scores.
 *
 * <p>Where the two differ: control tokens are found in texts with {@code Special.PARSE}, the
 * unknown one among them; a map of normalization is applied as Hugging Face's library does, which
 * looks at some combined characters as one; of a BPE model with a space before the text, text after
 * a user-defined token gets a space as well.
 */
public final class SentencePieceSpec {
  private static final String MARK = "\u2581";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  // No way to write a byte is worse than its token, which is for bytes without a character only.
  private static final double NEVER = 1_000;

  private SentencePieceSpec() {}

  /**
   * The specification.
   *
   * @param model the vocabulary
   * @param inModel names of user-defined tokens that are left to the model, rather than taken out
   *     of texts first
   * @throws InvalidTokenizerException if it can't be said
   */
  public static TokenizerSpec of(SpModel model, Set<String> inModel) {
    if (model.spaceAsSuffix()) {
      throw new InvalidTokenizerException(
          "SentencePiece model: a space after the text (treat_whitespace_as_suffix) can't be said in"
              + " a tokenizer.json");
    }
    List<AddedToken> added = new ArrayList<>();
    for (int id = 0; id < model.pieces().size(); id++) {
      Piece piece = model.pieces().get(id);
      switch (piece.kind()) {
        case UNKNOWN, CONTROL -> added.add(AddedToken.special(id, piece.name()));
        case USER_DEFINED -> {
          if (model.algorithm() == SpModel.Algorithm.BPE && !inModel.contains(piece.name())) {
            added.add(
                new AddedToken(id, piece.name(), false, false, false, !model.dummyPrefix(), false));
          }
        }
        case NORMAL, UNUSED, BYTE -> {
          // The model's.
        }
      }
    }
    return new TokenizerSpec(
        added,
        normalizer(model),
        Optional.empty(),
        switch (model.algorithm()) {
          case BPE -> new ModelSpec.Bpe(bpe(model));
          case UNIGRAM -> new ModelSpec.Unigram(unigram(model));
        },
        Optional.empty(),
        Optional.of(decoder(model)),
        Optional.empty(),
        Optional.empty(),
        name(model, model.bos()),
        name(model, model.eos()));
  }

  private static Optional<String> name(SpModel model, OptionalInt id) {
    return id.isPresent()
        ? Optional.of(model.pieces().get(id.getAsInt()).name())
        : Optional.empty();
  }

  private static Optional<TextNormalizer> normalizer(SpModel model) {
    List<TextNormalizer> all = new ArrayList<>();
    if (!model.charsMap().isEmpty()) {
      all.add(TextNormalizer.precompiled(model.charsMap()));
    }
    if (model.removesExtraSpaces()) {
      all.add(TextNormalizer.replace(new TextPattern.Regex("\\A +| +\\z"), ""));
      all.add(TextNormalizer.replace(new TextPattern.Regex(" {2,}"), " "));
    }
    if (model.dummyPrefix()) {
      all.add(new TextNormalizer.Prepend(model.escapesSpaces() ? MARK : " "));
    }
    if (model.escapesSpaces()) {
      all.add(TextNormalizer.replace(new TextPattern.Literal(" "), MARK));
    }
    return switch (all.size()) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(all.getFirst());
      default -> Optional.of(new TextNormalizer.Sequence(all));
    };
  }

  private static JsonNode decoder(SpModel model) {
    ObjectNode decoder = JSON.objectNode().put("type", "Sequence");
    ArrayNode steps = decoder.putArray("decoders");
    if (model.escapesSpaces()) {
      ObjectNode replace = steps.addObject().put("type", "Replace");
      replace.putObject("pattern").put("String", MARK);
      replace.put("content", " ");
    }
    if (model.byteFallback()) {
      steps.addObject().put("type", "ByteFallback");
    }
    steps.addObject().put("type", "Fuse");
    if (model.dummyPrefix() || model.removesExtraSpaces()) {
      steps.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    }
    return decoder;
  }

  private static Vocabulary vocabulary(SpModel model) {
    Map<String, Integer> ids = new HashMap<>(2 * model.pieces().size());
    for (int id = 0; id < model.pieces().size(); id++) {
      ids.put(model.pieces().get(id).name(), id);
    }
    return Vocabulary.of(ids);
  }

  private record Merge(int left, int right, int result, float score) {}

  private static BpeSpec bpe(SpModel model) {
    Map<String, Integer> ids = new HashMap<>(2 * model.pieces().size());
    for (int id = 0; id < model.pieces().size(); id++) {
      Kind kind = model.pieces().get(id).kind();
      if (kind == Kind.NORMAL || kind == Kind.USER_DEFINED) {
        ids.put(model.pieces().get(id).name(), id);
      }
    }
    List<Merge> merges = new ArrayList<>();
    for (int id = 0; id < model.pieces().size(); id++) {
      Piece piece = model.pieces().get(id);
      String name = piece.name();
      for (int cut = 1; piece.kind() == Kind.NORMAL && cut < name.length(); cut++) {
        Integer left = ids.get(name.substring(0, cut));
        Integer right = left == null ? null : ids.get(name.substring(cut));
        if (right != null) {
          merges.add(new Merge(left, right, id, piece.score()));
        }
      }
    }
    merges.sort(
        Comparator.comparing(Merge::score, Comparator.reverseOrder())
            .thenComparing(Merge::result)
            .thenComparing(Merge::left)
            .thenComparing(Merge::right));
    int[] left = new int[merges.size()];
    int[] right = new int[left.length];
    for (int i = 0; i < left.length; i++) {
      left[i] = merges.get(i).left();
      right[i] = merges.get(i).right();
    }
    return BpeSpec.ordered(
        vocabulary(model),
        left,
        right,
        Optional.of(model.pieces().get(model.unknown()).name()),
        true,
        model.byteFallback(),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  private static UnigramSpec unigram(SpModel model) {
    double highest = Double.NEGATIVE_INFINITY;
    double lowest = Double.POSITIVE_INFINITY;
    for (Piece piece : model.pieces()) {
      if (piece.kind() == Kind.NORMAL) {
        highest = Math.max(highest, piece.score());
        lowest = Math.min(lowest, piece.score());
      }
    }
    double[] scores = new double[model.pieces().size()];
    for (int id = 0; id < scores.length; id++) {
      Piece piece = model.pieces().get(id);
      scores[id] =
          switch (piece.kind()) {
            case NORMAL, CONTROL, UNKNOWN -> piece.score();
            // What SentencePiece's search gives them.
            case USER_DEFINED -> Utf8.encode(piece.name()).length * highest - 0.1;
            case UNUSED, BYTE -> lowest - NEVER;
          };
    }
    return new UnigramSpec(
        vocabulary(model), scores, OptionalInt.of(model.unknown()), model.byteFallback());
  }
}
