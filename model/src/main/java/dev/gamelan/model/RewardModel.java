package dev.gamelan.model;

import dev.gamelan.model.adapter.Lora;
import dev.gamelan.model.checkpoint.Checkpoint;
import dev.gamelan.model.family.Family;
import dev.gamelan.model.family.Scoring;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Tape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A model that scores whole sequences: a reward model or a classifier ({@code
 * LlamaForSequenceClassification} and its like). A sequence's scores are what the head makes of its
 * last token that is no padding. Not safe for concurrent use.
 *
 * <p>To train one, run a {@link SequencePass} with {@link SequencePass.Output#LOGITS} and {@link
 * Tape.Purpose#TRAINING} on {@link #decoder}: it gives every row its scores; seed the rows of
 * {@link #lastToken} with the gradient of the loss, the others with 0. {@link Scoring#reward} makes
 * the family of a new one.
 */
public final class RewardModel {
  private final Scoring family;
  private final Decoder decoder;
  private final ModelParameters parameters;
  private final Kernels kernels;
  private Optional<Kept> kept = Optional.empty();

  private record Kept(int sequences, int length, SequencePass pass) {}

  /**
   * @param parameters of {@code decoder}, whose spec scores
   */
  public RewardModel(Scoring family, Decoder decoder, ModelParameters parameters, Kernels kernels) {
    if (decoder.spec().labels().isEmpty()) {
      throw new IllegalArgumentException(
          "reward model: the decoder has a head over the vocabulary; build it of Scoring.spec()");
    }
    this.family = family;
    this.decoder = decoder;
    this.parameters = parameters;
    this.kernels = kernels;
  }

  /**
   * Opens a model folder.
   *
   * @throws IllegalArgumentException if it isn't a model that scores, or is damaged
   */
  public static RewardModel open(Path path, Kernels kernels) {
    return open(path, Optional.empty(), kernels);
  }

  /** {@link #open(Path, Kernels)} with a LoRA. */
  public static RewardModel open(Path path, Optional<Path> adapter, Kernels kernels) {
    Checkpoint checkpoint = Checkpoint.open(path);
    if (!(checkpoint.family() instanceof Scoring scoring)) {
      throw new IllegalArgumentException(
          "reward model %s: this model continues texts, it has no head that scores; an architecture that ends in ForSequenceClassification is expected"
              .formatted(path));
    }
    if (adapter.isEmpty()) {
      Decoder plain = new Decoder(scoring.spec());
      return new RewardModel(
          scoring, plain, ModelParameters.inPlace(plain, kernels, checkpoint.tensors()), kernels);
    }
    Lora lora = Lora.open(adapter.get(), scoring);
    return new RewardModel(
        scoring,
        lora.decoder(),
        ModelParameters.inPlace(lora.decoder(), kernels, lora.unmerged(checkpoint.tensors())),
        kernels);
  }

  public Family family() {
    return family;
  }

  public Decoder decoder() {
    return decoder;
  }

  public ModelParameters parameters() {
    return parameters;
  }

  /** What each score is for; one of a reward model. */
  public List<String> labels() {
    return family.labels();
  }

  /**
   * The score of a sequence.
   *
   * @param tokens at least 1, at most the context; padding at the end counts for nothing
   * @throws IllegalArgumentException if the model gives several scores, or the tokens are none of
   *     it
   */
  public float score(int[] tokens) {
    if (family.labels().size() != 1) {
      throw new IllegalArgumentException(
          "reward model: this one gives %d scores a sequence (%s); ask for all of them"
              .formatted(family.labels().size(), family.labels()));
    }
    return scores(List.of(tokens)).getFirst()[0];
  }

  /**
   * The scores of several sequences, one a label, in their order. A sequence's scores don't depend
   * on the others.
   */
  public List<float[]> scores(List<int[]> sequences) {
    List<float[]> scores = new ArrayList<>();
    if (RowRotary.followsLength(decoder.spec())) {
      // Padding would change the rotation, which goes by the length of the pass.
      sequences.forEach(tokens -> scores.addAll(pass(List.of(tokens))));
      return scores;
    }
    return sequences.isEmpty() ? scores : pass(sequences);
  }

  private List<float[]> pass(List<int[]> sequences) {
    int length = 0;
    for (int[] tokens : sequences) {
      check(tokens);
      length = Math.max(length, tokens.length);
    }
    SequencePass pass = passOf(sequences.size(), length);
    for (int s = 0; s < sequences.size(); s++) {
      int[] tokens = sequences.get(s);
      for (int i = 0; i < length; i++) {
        pass.tokens().setInt(0, s * length + i, i < tokens.length ? tokens[i] : 0);
      }
    }
    pass.forward();
    List<float[]> scores = new ArrayList<>();
    for (int s = 0; s < sequences.size(); s++) {
      long row = (long) s * length + lastToken(sequences.get(s), family.padding());
      Tensor of = pass.result().rows(row, row + 1);
      scores.add(of.toFloats());
    }
    return scores;
  }

  private SequencePass passOf(int sequences, int length) {
    if (kept.isEmpty() || kept.get().sequences() != sequences || kept.get().length() != length) {
      SequencePass pass =
          new SequencePass(
              decoder,
              parameters,
              kernels,
              sequences,
              length,
              SequencePass.Output.LOGITS,
              name -> false,
              Tape.Purpose.INFERENCE);
      kept = Optional.of(new Kept(sequences, length, pass));
    }
    return kept.get().pass();
  }

  private void check(int[] tokens) {
    if (tokens.length == 0) {
      throw new IllegalArgumentException(
          "reward model: a sequence has no tokens; at least one is needed");
    }
    for (int token : tokens) {
      if (token < 0 || token >= decoder.spec().vocabulary()) {
        throw new IllegalArgumentException(
            "reward model: token %d is outside the model's vocabulary of %d; is this its tokenizer?"
                .formatted(token, decoder.spec().vocabulary()));
      }
    }
  }

  /** The place of the last token that is no padding; 0 if all are. */
  public static int lastToken(int[] tokens, Optional<Integer> padding) {
    int last = tokens.length - 1;
    while (last > 0 && padding.isPresent() && tokens[last] == padding.get()) {
      last--;
    }
    return last;
  }
}
