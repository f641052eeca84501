package dev.gamelan.text.convert;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.hf.TokenizerSpec;
import dev.gamelan.text.llama2c.Llama2cTokenizer;
import dev.gamelan.text.sp.SpModel;
import dev.gamelan.text.sp.SpTokenizer;
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
      case HfTokenizer hf -> hf;
      case SpTokenizer sp -> of(sp.model(), sp);
      case Llama2cTokenizer llama -> of(llama.asSentencePiece(), llama);
      default ->
          throw new InvalidTokenizerException(
              "a tokenizer of " + tokenizer.getClass().getName() + " can't be converted");
    };
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
