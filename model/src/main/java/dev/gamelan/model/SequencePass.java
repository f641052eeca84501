package dev.gamelan.model;

import dev.gamelan.model.vision.VisionTower;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.op.Attention;
import dev.gamelan.tensor.op.Experts;
import dev.gamelan.tensor.op.HeadLogProbs;
import dev.gamelan.tensor.op.HeadLoss;
import dev.gamelan.tensor.op.LoadBalance;
import dev.gamelan.tensor.op.SelectRows;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Plan;
import dev.gamelan.tensor.tape.Step;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A pass over whole sequences of equal length, without a cache: training, validation, scoring. Fill
 * {@link #tokens}, {@link #targets} and {@link #weights}, then run; as often as wanted.
 */
public final class SequencePass {
  /** What a pass computes of the last hidden states. */
  public enum Output {
    /** weights·cross-entropy of the targets, a row; [1, rows]. */
    LOSS,
    /** log-probabilities of the targets; [1, rows]. */
    LOG_PROBS,
    /** all logits, [rows, vocabulary]; of a model that scores all scores, [rows, labels]. */
    LOGITS
  }

  private final Plan plan;
  private final Step step;
  private final Tensor tokens;
  private final Tensor targets;
  private final Tensor weights;
  private final Tensor result;
  private final Optional<Tensor> seed;
  private final Optional<Tensor> load;
  private final Optional<Pictures> pictures;
  private final float balance;
  private final int routers;
  private final Kernels kernels;

  /**
   * What a pass with images has besides.
   *
   * @param words the tokens, −1 where an image's feature stands
   * @param source the feature that a row is, −1 where it is a token
   */
  private record Seen(VisionTower.Recorded tower, Value words, Value source) {}

  private record Pictures(
      VisionTower.Recorded tower, Tensor words, Tensor source, int token, boolean[] filled) {}

  private record Recorded(
      Tape tape,
      Value tokens,
      Value positions,
      Value targets,
      Value weights,
      Value result,
      Optional<Value> load,
      int routers,
      Optional<RowRotary> rotation,
      Optional<Seen> seen) {}

  /**
   * @param sequences sequences a pass
   * @param length rows a sequence, at most the model's context
   * @param trainable which parameters learn, by name; none = forward only
   */
  public SequencePass(
      Decoder decoder,
      ModelParameters parameters,
      Kernels kernels,
      int sequences,
      int length,
      Output output,
      Predicate<String> trainable,
      Tape.Purpose purpose) {
    this(decoder, parameters, kernels, sequences, length, output, trainable, purpose, 1);
  }

  /**
   * One of several passes whose gradients add up to a step.
   *
   * @param passes passes a step: each has this share of the load-balancing loss of experts, as the
   *     weights give each its share of the cross-entropy
   */
  public SequencePass(
      Decoder decoder,
      ModelParameters parameters,
      Kernels kernels,
      int sequences,
      int length,
      Output output,
      Predicate<String> trainable,
      Tape.Purpose purpose,
      int passes) {
    this(decoder, parameters, kernels, sequences, length, 0, output, trainable, purpose, passes);
  }

  /**
   * A pass that reads images, too: their features take the places of the model's image tokens, in
   * the order of both.
   *
   * @param images images a pass, of all sequences together; {@link #image} puts them in
   */
  public SequencePass(
      Decoder decoder,
      ModelParameters parameters,
      Kernels kernels,
      int sequences,
      int length,
      int images,
      Output output,
      Predicate<String> trainable,
      Tape.Purpose purpose,
      int passes) {
    this.balance =
        decoder.spec().mlp().experts().map(DecoderSpec.Experts::balance).orElse(0f) / passes;
    Recorded r = record(decoder, sequences, length, images, output, trainable, purpose, balance);
    this.kernels = kernels;
    this.routers = r.routers();
    this.plan = Plan.of(r.tape());
    this.step = new Step(plan, kernels, parameters, kernels.allocate(Arena.ofAuto(), plan.bytes()));
    this.tokens = step.tensor(r.tokens());
    this.targets = step.tensor(r.targets());
    this.weights = step.tensor(r.weights());
    this.result = step.tensor(r.result());
    this.load = r.load().map(step::tensor);
    this.seed =
        purpose == Tape.Purpose.TRAINING && output != Output.LOSS
            ? Optional.of(step.seed(r.result()))
            : Optional.empty();
    this.pictures =
        r.seen()
            .map(
                s ->
                    new Pictures(
                        s.tower(),
                        step.tensor(s.words()),
                        step.tensor(s.source()),
                        s.tower().spec().imageToken(),
                        new boolean[images]));
    r.seen().ifPresent(s -> s.tower().prepare(step));
    Tensor positions = step.tensor(r.positions());
    for (int i = 0; i < sequences * length; i++) {
      positions.setInt(0, i, i % length);
    }
    r.rotation()
        .ifPresent(
            rotation -> {
              for (int i = 0; i < length; i++) {
                rotation.fill(step, i, i, rotation.length(0, length));
              }
              for (int i = 0; i < sequences * length; i++) {
                rotation.take(step, i, i % length);
              }
            });
  }

  /** The plan of such a pass, without memory: bytes and work of a model of any size. */
  public static Plan plan(
      Decoder decoder, int sequences, int length, Output output, Tape.Purpose purpose) {
    return Plan.of(
        record(
                decoder,
                sequences,
                length,
                0,
                output,
                name -> purpose == Tape.Purpose.TRAINING,
                purpose,
                decoder.spec().mlp().experts().map(DecoderSpec.Experts::balance).orElse(0f))
            .tape());
  }

  private static Recorded record(
      Decoder decoder,
      int sequences,
      int length,
      int images,
      Output output,
      Predicate<String> trainable,
      Tape.Purpose purpose,
      float balance) {
    if (sequences < 1 || length < 1 || length > decoder.spec().context()) {
      throw new IllegalArgumentException(
          "pass: %d sequences of %d tokens; at least one of each, and at most the model's context of %d"
              .formatted(sequences, length, decoder.spec().context()));
    }
    Tape tape = new Tape(purpose);
    long rows = (long) sequences * length;
    Value tokens = tape.input("tokens", DType.I32, 1, rows);
    Value positions = tape.input("positions", DType.I32, 1, rows);
    Value targets = tape.input("targets", DType.I32, 1, rows);
    Value weights = tape.input("weights", DType.F32, 1, rows);
    List<Experts.Assignment> routers = new ArrayList<>();
    Optional<RowRotary> rotation = RowRotary.of(tape, decoder.spec(), rows, length);
    Optional<Seen> seen =
        images == 0
            ? Optional.empty()
            : Optional.of(
                new Seen(
                    tower(decoder).record(tape, images, trainable),
                    tape.input("words", DType.I32, 1, rows),
                    tape.input("image rows", DType.I32, 1, rows)));
    Value hidden =
        decoder.hidden(
            tape,
            seen.map(Seen::words).orElse(tokens),
            seen.map(s -> SelectRows.apply(tape, s.tower().features(), s.source())),
            positions,
            rotation,
            trainable,
            (t, layer, qkv, shape) -> Attention.apply(t, qkv, shape, sequences, length),
            routers::add);
    Value result =
        switch (output) {
          case LOSS ->
              HeadLoss.apply(tape, hidden, decoder.head(tape, trainable), targets, weights);
          case LOG_PROBS ->
              HeadLogProbs.apply(tape, hidden, decoder.head(tape, trainable), targets);
          case LOGITS -> decoder.logits(tape, hidden, trainable);
        };
    if (purpose == Tape.Purpose.TRAINING && output != Output.LOSS) {
      tape.seed(result);
    } else {
      tape.keep(result);
    }
    boolean balanced =
        purpose == Tape.Purpose.TRAINING
            && output == Output.LOSS
            && balance > 0
            && !routers.isEmpty();
    Optional<Value> load =
        balanced
            ? Optional.of(tape.keep(LoadBalance.apply(tape, routers, balance)))
            : Optional.empty();
    return new Recorded(
        tape, tokens, positions, targets, weights, result, load, routers.size(), rotation, seen);
  }

  private static VisionTower tower(Decoder decoder) {
    return decoder
        .vision()
        .orElseThrow(
            () -> new IllegalArgumentException("pass: images were given; this model reads none"));
  }

  /**
   * Puts an image in its place.
   *
   * @param index from 0: of the image among those of the pass
   * @param pixels channels·height·width normalised values
   * @throws IllegalArgumentException if the pass has no such image, or the model reads another size
   */
  public void image(int index, Tensor pixels) {
    Pictures p =
        pictures.orElseThrow(
            () -> new IllegalArgumentException("pass: it was made without images"));
    p.tower().fill(step, index, pixels);
    p.filled()[index] = true;
  }

  /** Parts the tokens into words and features of images. */
  private void placeImages(Pictures p) {
    for (int i = 0; i < p.filled().length; i++) {
      if (!p.filled()[i]) {
        throw new IllegalStateException("pass: image %d was never put in".formatted(i));
      }
    }
    int feature = 0;
    for (int i = 0; i < tokens.columns(); i++) {
      int token = tokens.getInt(0, i);
      boolean image = token == p.token();
      p.words().setInt(0, i, image ? -1 : token);
      p.source().setInt(0, i, image ? feature++ : -1);
    }
    int features = p.filled().length * p.tower().spec().features();
    if (feature != features) {
      throw new IllegalArgumentException(
          "pass: %d image tokens (%d) for %d features of %d images; each image needs %d"
              .formatted(
                  feature, p.token(), features, p.filled().length, p.tower().spec().features()));
    }
  }

  /** i32 [1, rows]: sequence after sequence. */
  public Tensor tokens() {
    return tokens;
  }

  /** i32 [1, rows]; −1 = none. */
  public Tensor targets() {
    return targets;
  }

  /** [1, rows]: what each row's loss is multiplied with, e.g. 1/rows. */
  public Tensor weights() {
    return weights;
  }

  /** The losses [1, rows], log-probabilities [1, rows] or logits [rows, vocabulary]. */
  public Tensor result() {
    return result;
  }

  /** Where the gradient of {@link #result} goes before {@link #backward}; losses have none. */
  public Tensor seed() {
    return seed.orElseThrow(
        () -> new IllegalStateException("pass: only a training pass without loss is seeded"));
  }

  public void forward() {
    pictures.ifPresent(this::placeImages);
    step.forward();
    kernels.finish();
  }

  /** Adds the gradients to those of the parameters. */
  public void backward() {
    step.backward();
    kernels.finish();
  }

  /** Forward and backward with a clock on every op. */
  public void run(Step.Observer observer) {
    pictures.ifPresent(this::placeImages);
    step.run(observer);
  }

  /**
   * The load-balancing loss of a mixture of experts, without its coefficient, after the forward
   * pass of a training pass with loss; empty if it isn't part of the loss.
   */
  public Optional<Double> balanceLoss() {
    return load.map(l -> LoadBalance.loss(l, routers * tokens.columns()));
  }

  /**
   * The sum of the result: the loss of a loss pass, after it ran (a training pass: backward). In
   * training the load-balancing loss of experts is part of it.
   */
  public double sum() {
    double sum = balanceLoss().orElse(0.0) * balance;
    for (long r = 0; r < result.rows(); r++) {
      for (long c = 0; c < result.columns(); c++) {
        sum += result.get(r, c);
      }
    }
    return sum;
  }

  public Op.Cost cost() {
    return plan.cost();
  }

  /** The same by the ops' names. */
  public Map<String, Op.Cost> costs() {
    return plan.costs();
  }

  /** The memory of the pass's activations and gradients. */
  public long bytes() {
    return plan.bytes();
  }
}
