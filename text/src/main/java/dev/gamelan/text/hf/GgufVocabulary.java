package dev.gamelan.text.hf;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.bpe.Vocabulary;
import dev.gamelan.text.split.SplitBehavior;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.node.ObjectNode;

/**
 * A byte-level BPE vocabulary as GGUF files keep it ({@code tokenizer.ggml.model = gpt2}), to and
 * from the pieces of a {@code tokenizer.json}. GGUF says of the splitting only a name, {@code
 * tokenizer.ggml.pre}; what the names mean is llama.cpp's ({@code llama-vocab.cpp}).
 *
 * @param pre the name of the splitting
 * @param tokens names by id
 * @param types by id: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte
 * @param merges pairs of names with a space between them, by rank
 * @param bos the id that begins a sequence
 * @param eos the id that ends a text
 */
public record GgufVocabulary(
    String pre,
    List<String> tokens,
    int[] types,
    List<String> merges,
    OptionalInt bos,
    OptionalInt eos) {
  private static final int NORMAL = 1;
  private static final int CONTROL = 3;
  private static final int USER_DEFINED = 4;

  private static final String CL100K =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|%s"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /** How texts are cut under a name. */
  private record Splitting(PreTokenizer cut, boolean nfc, boolean ignoreMerges) {}

  public GgufVocabulary {
    tokens = List.copyOf(tokens);
    merges = List.copyOf(merges);
    types = types.clone();
    if (types.length != tokens.size()) {
      throw new InvalidTokenizerException(
          "gguf vocabulary: %d tokens have %d types".formatted(tokens.size(), types.length));
    }
  }

  @Override
  public int[] types() {
    return types.clone();
  }

  private static Optional<Splitting> splitting(String pre) {
    PreTokenizer gpt2 = new PreTokenizer.ByteLevel(false, true, true);
    return switch (pre) {
      case "gpt-2", "gpt2", "mpt", "jina-en", "phi-2", "roberta-bpe" ->
          Optional.of(new Splitting(gpt2, false, false));
      case "olmo", "stablelm", "gpt-neox" -> Optional.of(new Splitting(gpt2, true, false));
      case "smollm", "starcoder", "refact", "codeshell", "command-r" ->
          Optional.of(
              new Splitting(
                  new PreTokenizer.Sequence(List.of(new PreTokenizer.Digits(true), gpt2)),
                  false,
                  false));
      case "llama-bpe", "llama3", "llama-v3" ->
          Optional.of(new Splitting(regex("\\p{N}{1,3}"), false, true));
      case "qwen2", "deepseek-r1-qwen" -> Optional.of(new Splitting(regex("\\p{N}"), true, false));
      default -> Optional.empty();
    };
  }

  private static PreTokenizer regex(String numbers) {
    return new PreTokenizer.Sequence(
        List.of(
            new PreTokenizer.Split(
                new TextPattern.Regex(CL100K.formatted(numbers)), SplitBehavior.ISOLATED, false),
            new PreTokenizer.ByteLevel(false, true, false)));
  }

  /**
   * The tokenizer.
   *
   * @throws InvalidTokenizerException if the splitting isn't known or the vocabulary contradicts
   *     itself
   */
  public HfTokenizer tokenizer() {
    Splitting splitting =
        splitting(pre)
            .orElseThrow(
                () ->
                    new InvalidTokenizerException(
                        "gguf vocabulary: the splitting \"%s\" is not known; known are gpt-2, olmo, stablelm, gpt-neox, smollm, starcoder, refact, llama-bpe, qwen2; give the model's tokenizer.json instead"
                            .formatted(pre)));
    Map<String, Integer> ids = HashMap.newHashMap(tokens.size());
    List<AddedToken> added = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      String token = tokens.get(id);
      Integer other = ids.put(token, id);
      if (other != null) {
        throw new InvalidTokenizerException(
            "gguf vocabulary: the token \"%s\" has the ids %d and %d".formatted(token, other, id));
      }
      if (types[id] == CONTROL || types[id] == USER_DEFINED) {
        boolean special = types[id] == CONTROL;
        added.add(new AddedToken(id, token, false, false, false, !special, special));
      }
    }
    int[] left = new int[merges.size()];
    int[] right = new int[left.length];
    for (int i = 0; i < left.length; i++) {
      String merge = merges.get(i);
      int space = merge.indexOf(' ', 1);
      left[i] = space < 0 ? -1 : ids.getOrDefault(merge.substring(0, space), -1);
      right[i] = space < 0 ? -1 : ids.getOrDefault(merge.substring(space + 1), -1);
      if (left[i] < 0 || right[i] < 0) {
        throw new InvalidTokenizerException(
            "gguf vocabulary: merge %d, \"%s\", must be two tokens with a space between them"
                .formatted(i, merge));
      }
    }
    ObjectNode decoder = TokenizerFiles.MAPPER.createObjectNode();
    decoder
        .put("type", "ByteLevel")
        .put("add_prefix_space", true)
        .put("trim_offsets", true)
        .put("use_regex", true);
    return new HfTokenizer(
        new TokenizerSpec(
            added,
            splitting.nfc()
                ? Optional.of(new TextNormalizer.Unicode(Normalizer.Form.NFC))
                : Optional.empty(),
            Optional.of(splitting.cut()),
            new ModelSpec.Bpe(
                BpeSpec.ordered(
                    Vocabulary.of(ids),
                    left,
                    right,
                    Optional.empty(),
                    false,
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    splitting.ignoreMerges())),
            Optional.empty(),
            Optional.of(decoder),
            Optional.empty(),
            Optional.empty(),
            name(bos),
            name(eos)));
  }

  private Optional<String> name(OptionalInt id) {
    if (id.isPresent() && (id.getAsInt() < 0 || id.getAsInt() >= tokens.size())) {
      throw new InvalidTokenizerException(
          "gguf vocabulary: no token has the id %d; there are %d"
              .formatted(id.getAsInt(), tokens.size()));
    }
    return id.isPresent() ? Optional.of(tokens.get(id.getAsInt())) : Optional.empty();
  }

  /**
   * The vocabulary of a tokenizer.
   *
   * @throws InvalidTokenizerException if GGUF has no name for how it cuts texts, or its ids have
   *     holes
   */
  public static GgufVocabulary of(HfTokenizer tokenizer) {
    TokenizerSpec spec = tokenizer.spec();
    if (!(spec.model() instanceof ModelSpec.Bpe(BpeSpec model))) {
      throw new InvalidTokenizerException(
          "gguf vocabulary: only byte-level BPE is written; this tokenizer has another model");
    }
    boolean nfc = spec.normalizer().isPresent();
    boolean plain =
        spec.normalizer()
            .map(n -> n.equals(new TextNormalizer.Unicode(Normalizer.Form.NFC)))
            .orElse(true);
    String pre =
        List.of("gpt-2", "olmo", "smollm", "llama-bpe", "qwen2").stream()
            .filter(
                name -> {
                  Splitting known = splitting(name).orElseThrow();
                  return plain
                      && known.nfc() == nfc
                      && known.ignoreMerges() == model.ignoreMerges()
                      && spec.preTokenizer().map(cut -> same(known.cut(), cut)).orElse(false);
                })
            .findFirst()
            .orElseThrow(
                () ->
                    new InvalidTokenizerException(
                        "gguf vocabulary: GGUF has no name for how this tokenizer cuts texts"));
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
            "gguf vocabulary: no token has the id " + id + "; GGUF allows no holes");
      }
    }
    List<String> merges = new ArrayList<>();
    for (int i = 0; i < model.left().length; i++) {
      merges.add(vocabulary.name(model.left()[i]) + " " + vocabulary.name(model.right()[i]));
    }
    return new GgufVocabulary(pre, List.of(names), types, merges, tokenizer.bos(), tokenizer.eos());
  }

  /** Whether two cut alike; the offsets, which we don't compute, don't count. */
  private static boolean same(PreTokenizer a, PreTokenizer b) {
    if (a instanceof PreTokenizer.ByteLevel x && b instanceof PreTokenizer.ByteLevel y) {
      return x.addPrefixSpace() == y.addPrefixSpace() && x.useRegex() == y.useRegex();
    }
    if (a instanceof PreTokenizer.Sequence(List<PreTokenizer> x)
        && b instanceof PreTokenizer.Sequence(List<PreTokenizer> y)) {
      boolean same = x.size() == y.size();
      for (int i = 0; same && i < x.size(); i++) {
        same = same(x.get(i), y.get(i));
      }
      return same;
    }
    return a.equals(b);
  }
}
