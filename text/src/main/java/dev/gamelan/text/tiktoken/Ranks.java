package dev.gamelan.text.tiktoken;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.bpe.ByteAlphabet;
import dev.gamelan.text.bpe.IntList;
import dev.gamelan.text.bpe.Vocabulary;
import dev.gamelan.text.hf.AddedToken;
import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.hf.ModelSpec;
import dev.gamelan.text.hf.PreTokenizer;
import dev.gamelan.text.hf.TextPattern;
import dev.gamelan.text.hf.TokenizerSpec;
import dev.gamelan.text.split.SplitBehavior;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Makes a byte-level BPE tokenizer of ranked tokens, as tiktoken understands them: of neighbours
 * that together are a token, those of the lowest rank merge first, and a word that is a token is
 * it.
 */
public final class Ranks {
  private Ranks() {}

  /**
   * The tokenizer.
   *
   * @param ranks tokens by rank
   * @param offset what is added to a rank to give its id
   * @param pattern cuts texts into words
   * @param specials ids of special tokens by name
   * @param bos the name of the token that begins a sequence
   * @param eos the name of the token that ends a document
   * @param addsBos whether models of it were trained to see BOS before every text
   * @throws InvalidTokenizerException if they can't be
   */
  public static HfTokenizer tokenizer(
      Map<Integer, byte[]> ranks,
      int offset,
      String pattern,
      Map<String, Integer> specials,
      Optional<String> bos,
      Optional<String> eos,
      boolean addsBos) {
    Map<String, Integer> ids = new HashMap<>(2 * ranks.size());
    ranks.forEach(
        (rank, token) -> {
          if (ids.put(ByteAlphabet.write(token), rank + offset) != null) {
            throw new InvalidTokenizerException(
                "ranks: the token of rank " + rank + " has another rank besides");
          }
        });
    IntList left = new IntList(2 * ids.size());
    IntList right = new IntList(2 * ids.size());
    IntList results = new IntList(2 * ids.size());
    TokenIndex index = new TokenIndex(ranks);
    for (int rank : ranks.keySet().stream().sorted().toList()) {
      index.split(
          ranks.get(rank),
          (a, b) -> {
            left.add(a + offset);
            right.add(b + offset);
            results.add(rank);
          });
    }
    BpeSpec model =
        new BpeSpec(
            Vocabulary.of(ids),
            left.toArray(),
            right.toArray(),
            results.toArray(),
            Optional.empty(),
            false,
            false,
            Optional.empty(),
            Optional.empty(),
            true);
    List<AddedToken> added = new ArrayList<>();
    specials.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.naturalOrder()))
        .forEach(e -> added.add(AddedToken.special(e.getValue(), e.getKey())));
    PreTokenizer cut =
        new PreTokenizer.Sequence(
            List.of(
                new PreTokenizer.Split(
                    new TextPattern.Regex(pattern), SplitBehavior.ISOLATED, false),
                new PreTokenizer.ByteLevel(false, true, false)));
    JsonNode bytes =
        JsonNodeFactory.instance
            .objectNode()
            .put("type", "ByteLevel")
            .put("add_prefix_space", false)
            .put("trim_offsets", true)
            .put("use_regex", false);
    return new HfTokenizer(
        new TokenizerSpec(
                added,
                Optional.empty(),
                Optional.of(cut),
                new ModelSpec.Bpe(model),
                Optional.of(bytes),
                Optional.of(bytes),
                Optional.empty(),
                Optional.empty(),
                bos,
                eos)
            .withAround(addsBos, false));
  }
}
