package dev.gamelan.text.hf;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What a {@code tokenizer.json} says.
 *
 * @param addedTokens tokens found before anything else
 * @param normalizer what is done to the text first
 * @param preTokenizer how it is cut into pieces
 * @param model how pieces become tokens
 * @param postProcessor what {@code add special} puts around the ids of a text
 * @param decoder how tokens become text; without one they stand with spaces between them
 * @param truncation kept for the file, not applied
 * @param padding kept for the file, not applied
 * @param bos the name of the token that begins a sequence
 * @param eos the name of the token that ends a document
 */
public record TokenizerSpec(
    List<AddedToken> addedTokens,
    Optional<TextNormalizer> normalizer,
    Optional<PreTokenizer> preTokenizer,
    ModelSpec model,
    Optional<JsonNode> postProcessor,
    Optional<JsonNode> decoder,
    Optional<JsonNode> truncation,
    Optional<JsonNode> padding,
    Optional<String> bos,
    Optional<String> eos) {
  public TokenizerSpec {
    addedTokens = List.copyOf(addedTokens);
  }

  /** The same with another post-processor. */
  public TokenizerSpec withPostProcessor(JsonNode changed) {
    return new TokenizerSpec(
        addedTokens,
        normalizer,
        preTokenizer,
        model,
        Optional.of(changed),
        decoder,
        truncation,
        padding,
        bos,
        eos);
  }

  /** The same with a post-processor that puts BOS before a text, or EOS after it. */
  public TokenizerSpec withAround(boolean addBos, boolean addEos) {
    if (!addBos && !addEos) {
      return this;
    }
    return withPostProcessor(
        SpecialTokens.around(this, bos.filter(_ -> addBos), eos.filter(_ -> addEos)));
  }

  /** The same with these names of the tokens that begin a sequence and end a document. */
  public TokenizerSpec withEnds(Optional<String> bos, Optional<String> eos) {
    return new TokenizerSpec(
        addedTokens,
        normalizer,
        preTokenizer,
        model,
        postProcessor,
        decoder,
        truncation,
        padding,
        bos,
        eos);
  }
}
