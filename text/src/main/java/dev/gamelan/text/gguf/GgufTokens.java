package dev.gamelan.text.gguf;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.bpe.Vocabulary;
import dev.gamelan.text.hf.AddedToken;
import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.hf.ModelSpec;
import dev.gamelan.text.hf.PreTokenizer;
import dev.gamelan.text.hf.TextNormalizer;
import dev.gamelan.text.hf.TokenizerSpec;
import dev.gamelan.text.sp.SpModel;
import dev.gamelan.text.sp.SpTokenizer;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a GGUF file says of a vocabulary, the keys {@code tokenizer.ggml.*}, to be written. {@link
 * GgufTokenizers} reads them.
 *
 * @param model gpt2 for byte-level BPE, llama for SentencePiece's BPE
 * @param pre the name of the splitting, of gpt2 only
 * @param tokens by id
 * @param types by id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte
 * @param scores by id, of llama only
 * @param merges pairs with a space between, by rank, of gpt2 only
 * @param bos the id that begins a sequence
 * @param eos the id that ends a text
 * @param unknown the id of what isn't known, of llama only
 * @param addBos whether {@code bos} is put before texts
 * @param addEos whether {@code eos} is put after them
 * @param addSpacePrefix whether a space is put before texts
 */
public record GgufTokens(
    String model,
    Optional<String> pre,
    List<String> tokens,
    List<Integer> types,
    List<Float> scores,
    List<String> merges,
    OptionalInt bos,
    OptionalInt eos,
    OptionalInt unknown,
    boolean addBos,
    boolean addEos,
    boolean addSpacePrefix) {
  private static final int NORMAL = 1;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;

  public GgufTokens {
    tokens = List.copyOf(tokens);
    types = List.copyOf(types);
    scores = List.copyOf(scores);
    merges = List.copyOf(merges);
  }

  /**
   * The vocabulary of a tokenizer.
   *
   * @throws InvalidTokenizerException if GGUF can't say what it does: its model, or how it cuts
   *     texts, or its ids have holes
   */
  public static GgufTokens of(Tokenizer tokenizer) {
    if (tokenizer instanceof SpTokenizer sp) {
      return of(sp);
    }
    if (tokenizer instanceof HfTokenizer hf
        && hf.spec().model() instanceof ModelSpec.Bpe(BpeSpec m)) {
      return of(hf, m);
    }
    throw new InvalidTokenizerException(
        "GGUF: only byte-level BPE and SentencePiece's BPE are written; this tokenizer is of another kind");
  }

  private static GgufTokens of(SpTokenizer tokenizer) {
    SpModel m = tokenizer.model();
    if (m.algorithm() != SpModel.Algorithm.BPE || m.removesExtraSpaces() || m.spaceAsSuffix()) {
      throw new InvalidTokenizerException(
          "GGUF: of SentencePiece's models only BPE that keeps all spaces is written");
    }
    return new GgufTokens(
        "llama",
        Optional.empty(),
        m.pieces().stream().map(SpModel.Piece::name).toList(),
        m.pieces().stream().map(p -> p.kind().ordinal() + 1).toList(),
        m.pieces().stream().map(SpModel.Piece::score).toList(),
        List.of(),
        m.bos(),
        m.eos(),
        OptionalInt.of(m.unknown()),
        tokenizer.addsBos(),
        addsEos(tokenizer),
        m.dummyPrefix());
  }

  private static boolean addsEos(Tokenizer tokenizer) {
    int[] ids = tokenizer.addSpecial(new int[0]);
    return ids.length > 0
        && tokenizer.eos().isPresent()
        && ids[ids.length - 1] == tokenizer.eos().getAsInt()
        && (ids.length > 1 || !tokenizer.addsBos());
  }

  private static GgufTokens of(HfTokenizer tokenizer, BpeSpec model) {
    TokenizerSpec spec = tokenizer.spec();
    boolean nfc = spec.normalizer().isPresent();
    boolean plain =
        spec.normalizer()
            .map(n -> n.equals(new TextNormalizer.Unicode(Normalizer.Form.NFC)))
            .orElse(true);
    Optional<PreTokenizer> cut = spec.preTokenizer().filter(c -> plain);
    String pre =
        cut.flatMap(c -> Splitting.name(nfc, c, model.ignoreMerges()))
            .orElseThrow(
                () ->
                    new InvalidTokenizerException(
                        "GGUF: the format has no name for how this tokenizer cuts texts"));
    String[] names = new String[tokenizer.vocabularySize()];
    int[] types = new int[names.length];
    Vocabulary vocabulary = model.vocabulary();
    for (int id = 0; id < vocabulary.size(); id++) {
      if (vocabulary.has(id)) {
        names[id] = vocabulary.name(id);
        types[id] = NORMAL;
      }
    }
    for (AddedToken token : spec.addedTokens()) {
      names[token.id()] = token.content();
      types[token.id()] = token.special() ? CONTROL : USER_DEFINED;
    }
    for (int id = 0; id < names.length; id++) {
      if (names[id] == null) {
        throw new InvalidTokenizerException(
            "GGUF: no token has the id " + id + "; the format allows no holes");
      }
    }
    List<String> merges = new ArrayList<>();
    for (int i = 0; i < model.left().length; i++) {
      merges.add(vocabulary.name(model.left()[i]) + " " + vocabulary.name(model.right()[i]));
    }
    return new GgufTokens(
        "gpt2",
        Optional.of(pre),
        List.of(names),
        Arrays.stream(types).boxed().toList(),
        List.of(),
        merges,
        tokenizer.bos(),
        tokenizer.eos(),
        OptionalInt.empty(),
        tokenizer.addsBos(),
        addsEos(tokenizer),
        false);
  }
}
