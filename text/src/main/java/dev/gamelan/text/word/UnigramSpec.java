package dev.gamelan.text.word;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.bpe.Vocabulary;
import java.util.OptionalInt;

/**
 * A unigram language model (Kudo, 2018).
 *
 * @param vocabulary names and ids, without holes
 * @param scores log-probabilities by id
 * @param unk the id of what stands for what isn't in the vocabulary
 * @param byteFallback whether unknown characters become the tokens of their bytes
 */
public record UnigramSpec(
    Vocabulary vocabulary, double[] scores, OptionalInt unk, boolean byteFallback) {
  public UnigramSpec {
    if (scores.length != vocabulary.size() || scores.length == 0) {
      throw new InvalidTokenizerException(
          "model: %d scores for %d tokens; each has one, and there is one at least"
              .formatted(scores.length, vocabulary.size()));
    }
    for (int id = 0; id < scores.length; id++) {
      if (!Double.isFinite(scores[id])) {
        throw new InvalidTokenizerException(
            "model: the score of token " + id + " is " + scores[id] + "; it must be finite");
      }
    }
    if (unk.isPresent() && !vocabulary.has(unk.getAsInt())) {
      throw new InvalidTokenizerException(
          "model.unk_id: no token has the id " + unk.getAsInt() + " of the unknown one");
    }
  }
}
