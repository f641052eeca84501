package dev.gamelan.text.convert;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.bpe.BpeSpec;
import dev.gamelan.text.bpe.Vocabulary;
import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.hf.ModelSpec;
import dev.gamelan.text.hf.TokenizerSpec;
import dev.gamelan.text.llama2c.Llama2cTokenizer;
import dev.gamelan.text.sp.SpModel;
import dev.gamelan.text.sp.SpTokenizer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Makes a {@code tokenizer.json} of a tokenizer of any format that can be read. */
public final class Conversion {
  private Conversion() {}

  /**
   * The same tokenizer as {@code tokenizer.json} says it, to be saved. tiktoken's ranks, Tekken,
   * merges with vocabularies and the byte-level and WordPiece vocabularies of GGUF files are read
   * as one already.
   *
   * @throws InvalidTokenizerException if its model or normalization can't be said there
   */
  public static HfTokenizer toHuggingFace(Tokenizer tokenizer) {
    return switch (tokenizer) {
      case HfTokenizer hf -> named(hf);
      case SpTokenizer sp -> of(sp.model(), sp);
      case Llama2cTokenizer llama -> of(llama.asSentencePiece(), llama);
      default ->
          throw new InvalidTokenizerException(
              "a tokenizer of " + tokenizer.getClass().getName() + " can't be converted");
    };
  }

  // Hugging Face's library numbers added tokens that the model doesn't know one after the other,
  // whatever ids the file gives them.
  private static HfTokenizer named(HfTokenizer hf) {
    TokenizerSpec spec = hf.spec();
    if (!(spec.model() instanceof ModelSpec.Bpe(BpeSpec bpe))) {
      return hf;
    }
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < bpe.vocabulary().size(); id++) {
      if (bpe.vocabulary().has(id)) {
        ids.put(bpe.vocabulary().name(id), id);
      }
    }
    spec.addedTokens().forEach(token -> ids.put(token.content(), token.id()));
    BpeSpec known =
        new BpeSpec(
            Vocabulary.of(ids),
            bpe.left(),
            bpe.right(),
            bpe.ranks(),
            bpe.unk(),
            bpe.fuseUnk(),
            bpe.byteFallback(),
            bpe.continuingSubwordPrefix(),
            bpe.endOfWordSuffix(),
            bpe.ignoreMerges());
    return new HfTokenizer(
        new TokenizerSpec(
            spec.addedTokens(),
            spec.normalizer(),
            spec.preTokenizer(),
            new ModelSpec.Bpe(known),
            spec.postProcessor(),
            spec.decoder(),
            spec.truncation(),
            spec.padding(),
            spec.bos(),
            spec.eos()));
  }

  private static HfTokenizer of(SpModel model, Tokenizer tokenizer) {
    TokenizerSpec spec = SentencePieceSpec.of(model, Set.of());
    int[] around = tokenizer.addSpecial(new int[0]);
    boolean bos = around.length > 0 && model.bos().equals(java.util.OptionalInt.of(around[0]));
    boolean eos =
        around.length > 0
            && model.eos().equals(java.util.OptionalInt.of(around[around.length - 1]));
    return new HfTokenizer(spec.withAround(bos, eos));
  }
}
