package dev.gamelan.text.hf;

import dev.gamelan.text.bpe.BpeSpec;
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
 * @param postProcessor what would be added to the ids of a text; kept, not applied
 * @param decoder how tokens become text; a byte-level one
 * @param truncation kept for the file, not applied
 * @param padding kept for the file, not applied
 * @param bos the name of the token that begins a sequence
 * @param eos the name of the token that ends a document
 */
public record TokenizerSpec(
    List<AddedToken> addedTokens,
    Optional<TextNormalizer> normalizer,
    PreTokenizer preTokenizer,
    BpeSpec model,
    Optional<JsonNode> postProcessor,
    JsonNode decoder,
    Optional<JsonNode> truncation,
    Optional<JsonNode> padding,
    Optional<String> bos,
    Optional<String> eos) {
  public TokenizerSpec {
    addedTokens = List.copyOf(addedTokens);
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
