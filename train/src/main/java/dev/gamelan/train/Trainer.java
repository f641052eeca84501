package dev.gamelan.train;

import dev.gamelan.data.order.SequenceOrder;
import dev.gamelan.data.shard.Split;
import dev.gamelan.data.shard.TokenDataset;
import dev.gamelan.data.shard.TokenizerFingerprint;
import dev.gamelan.model.Decoder;
import dev.gamelan.model.ModelParameters;
import dev.gamelan.model.SequencePass;
import dev.gamelan.model.checkpoint.Checkpoint;
import dev.gamelan.model.family.Family;
import dev.gamelan.model.generate.Generator;
import dev.gamelan.model.generate.Sampling;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Plan;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.Tokenizers;
import dev.gamelan.train.metrics.MetricsLog;
import dev.gamelan.train.metrics.StepMetrics;
import dev.gamelan.train.metrics.TensorBoardWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Pretraining: runs a {@link TrainingConfig} to its end, from wherever an earlier start of the same
 * run got to. The weights and {@code metrics.jsonl} after N steps are the same bits whether the run
 * was interrupted or not.
 *
 * <p>In the run's folder: {@code checkpoints/step-…}, {@code metrics.jsonl} (loss, learning rate,
 * gradient norm, validation loss by step), {@code samples.jsonl}, {@code timing.jsonl} (wall times,
 * which no two runs share), {@code tensorboard/}.
 */
public final class Trainer {
  /**
   * Sampling settings of the samples while training: likely words, but not always the likeliest.
   */
  private static final double SAMPLE_TEMPERATURE = 0.8;

  private static final double SAMPLE_TOP_P = 0.95;

  private final TrainingConfig config;
  private final Family family;
  private final Optional<Checkpoint> from;
  private final Kernels kernels;
  private final Path folder;
  private final Optional<Tokenizer> tokenizer;
  private final List<String> prompts;
  private final TrainingListener listener;
  private final Decoder decoder;
  private final FlatParameters parameters;
  private final ModelParameters bound;
  private final CheckpointStore checkpoints;
  private final SequenceOrder order;
  private final Split split;
  private final Map<String, String> description;

  /**
   * @param family the shape of the model; its vocabulary must hold the dataset's tokens
   * @param from weights to begin with instead of random ones; of the same shape
   * @param data what to learn from; stays open until the run has ended
   * @param folder the run's own; made if it isn't there
   * @param tokenizer copied into every checkpoint and used for samples, if there is one
   * @param prompts of the samples
   * @throws IllegalArgumentException if model, data and configuration don't fit together
   */
  public Trainer(
      TrainingConfig config,
      Family family,
      Optional<Checkpoint> from,
      Kernels kernels,
      TokenDataset data,
      Path folder,
      Optional<Path> tokenizer,
      List<String> prompts,
      TrainingListener listener) {
    this.config = config;
    this.family = family;
    this.from = from;
    this.kernels = kernels;
    this.folder = folder;
    this.tokenizer = tokenizer.map(Trainer::openTokenizer);
    this.prompts = List.copyOf(prompts);
    this.listener = listener;
    this.decoder = new Decoder(family.spec());
    if (data.manifest().vocabularySize() > family.spec().vocabulary()) {
      throw new IllegalArgumentException(
          "train: the data has a vocabulary of %d, the model of %d; make the model's at least as large"
              .formatted(data.manifest().vocabularySize(), family.spec().vocabulary()));
    }
    if (config.sequence_length() > family.spec().context()) {
      throw new IllegalArgumentException(
          "train: sequence_length is %d, the model has a context of %d; make one of them fit"
              .formatted(config.sequence_length(), family.spec().context()));
    }
    if (this.tokenizer.isPresent()
        && !TokenizerFingerprint.of(this.tokenizer.get()).equals(data.manifest().tokenizer())) {
      throw new IllegalArgumentException(
          "train: the data was not made with the tokenizer %s; name the one it was made with, or prepare the data again"
              .formatted(tokenizer.orElseThrow()));
    }
    this.tokenizer.ifPresent(this::promptsFit);
    this.split = data.split(config.validation_fraction(), config.seed());
    if (split.validation().tokens() < 2) {
      throw new IllegalArgumentException(
          "train: validation_fraction %s of %d tokens leaves too few to validate on; make it larger or give more text"
              .formatted(config.validation_fraction(), data.tokens()));
    }
    this.order = new SequenceOrder(split.training(), config.sequence_length(), config.seed());
    this.parameters = new FlatParameters(decoder, kernels);
    this.bound =
        ModelParameters.trainable(
            decoder, kernels, parameters.weightsByName(), parameters.gradientsByName());
    this.checkpoints = new CheckpointStore(folder.resolve("checkpoints"), tokenizer);
    this.description = new LinkedHashMap<>();
    description.put("config", config.toString());
    description.put("model", family.config().toString());
    description.put(
        "from", from.map(c -> WeightsFingerprint.of(c.tensors())).orElse("random weights"));
    description.put("data", data.manifest().fingerprint());
    description.put(
        CheckpointStore.KERNELS, kernels.name() + " " + kernels.mode() + ", " + kernels.hardware());
  }

  /** What a sample would stumble over hours later is said before the first step. */
  private void promptsFit(Tokenizer tokens) {
    int context = family.spec().context();
    for (String prompt : prompts) {
      int length = tokens.encode(prompt).length + (tokens.addsBos() ? 1 : 0);
      if (length < 1 || length >= context) {
        throw new IllegalArgumentException(
            "train: the prompt '%s' has %d tokens; it must have at least 1 and fewer than the model's context of %d"
                .formatted(prompt, length, context));
      }
    }
  }

  private static Tokenizer openTokenizer(Path path) {
    try {
      return Tokenizers.open(path);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "tokenizer %s: cannot be read: %s".formatted(path, e.getMessage()), e);
    }
  }

  /**
   * The memory that a run takes, in bytes, without allocating it: weights, gradients, moments and
   * activations.
   */
  public static long bytes(TrainingConfig config, Family family) {
    Decoder decoder = new Decoder(family.spec());
    Plan plan =
        SequencePass.plan(
            decoder,
            config.batch_size(),
            config.sequence_length(),
            SequencePass.Output.LOSS,
            Tape.Purpose.TRAINING);
    return FlatParameters.bytes(decoder) + plan.bytes();
  }

  /** Floating-point operations that the model itself needs for a token, forward and backward. */
  public static double flopsPerToken(TrainingConfig config, Family family) {
    var cost =
        SequencePass.plan(
                new Decoder(family.spec()),
                config.batch_size(),
                config.sequence_length(),
                SequencePass.Output.LOSS,
                Tape.Purpose.TRAINING)
            .cost();
    return (double) (cost.forward() + cost.backward())
        / ((long) config.batch_size() * config.sequence_length());
  }

  /** Where the model of a step lies, once it is saved. */
  public Path checkpoint(long step) {
    return checkpoints.of(step);
  }

  public Split split() {
    return split;
  }

  /**
   * Trains until the last step, or until told to stop; then a checkpoint is on the disk.
   *
   * @param stop asked after every step
   * @return the steps done in all
   * @throws TrainingException if the loss is no number, or a checkpoint can't be written
   */
  public long run(BooleanSupplier stop) {
    Optional<Long> restored = checkpoints.restore(parameters, kernels, description, listener::note);
    if (restored.isEmpty()) {
      from.ifPresentOrElse(
          c -> parameters.load(kernels, c.tensors()),
          () ->
              config.initializer().initialize(decoder, parameters.weightsByName(), config.seed()));
    }
    bound.refresh();
    long done = restored.orElse(0L);
    listener.started(done);
    SequencePass pass =
        new SequencePass(
            decoder,
            bound,
            kernels,
            config.batch_size(),
            config.sequence_length(),
            SequencePass.Output.LOSS,
            name -> true,
            Tape.Purpose.TRAINING,
            config.gradient_accumulation());
    Optimizer optimizer = new Optimizer(parameters, kernels, config.optimizer());
    Schedule rates = config.rates();
    // A step is logged before its checkpoint is saved, so what is restored has its lines.
    try (Records records = new Records(folder, restored.orElse(-1L))) {
      if (restored.isEmpty()) {
        look(0, records, Map.of());
        if (config.checkpointAt(0)) {
          save(0, records);
        }
      }
      for (long step = done + 1; step <= config.steps(); step++) {
        long start = System.nanoTime();
        double loss = gradients(pass, step);
        if (!Double.isFinite(loss)) {
          throw new TrainingException(
              "train: the loss of step %d is %s; the last good checkpoint is kept; lower learning_rate or gradient_clip and start a new run"
                  .formatted(step, loss));
        }
        double rate = rates.rate(step);
        double norm = optimizer.step(rate, step);
        if (!Double.isFinite(norm)) {
          throw new TrainingException(
              "train: the gradient's norm of step %d is %s; the last good checkpoint is kept; lower learning_rate and start a new run"
                  .formatted(step, norm));
        }
        bound.refresh();
        kernels.finish();
        long nanos = System.nanoTime() - start;
        done = step;
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("loss", loss);
        values.put("learning_rate", rate);
        values.put("gradient_norm", norm);
        values.put("tokens", step * config.tokensPerStep());
        look(step, records, values);
        records.timing(step, nanos, config.tokensPerStep());
        listener.stepped(step, loss, rate, norm, nanos);
        boolean stopped = stop.getAsBoolean();
        if (config.checkpointAt(step) || stopped) {
          save(step, records);
        }
        if (stopped) {
          break;
        }
      }
    }
    return done;
  }

  private double gradients(SequencePass pass, long step) {
    kernels.fill(parameters.gradients(), 0);
    long rows = (long) config.batch_size() * config.sequence_length();
    int passes = config.gradient_accumulation();
    kernels.fill(pass.weights(), 1f / (rows * passes));
    double loss = 0;
    for (int i = 0; i < passes; i++) {
      long position = ((step - 1) * passes + i) * config.batch_size();
      order.fill(position, config.batch_size(), pass.tokens().segment(), pass.targets().segment());
      pass.forward();
      pass.backward();
      loss += pass.sum();
    }
    return loss;
  }

  /** Validation and samples, where they are due, and the step's line in the log. */
  private void look(long step, Records records, Map<String, Object> measured) {
    Map<String, Object> values = new LinkedHashMap<>(measured);
    if (config.validateAt(step)) {
      double loss = validate();
      values.put("validation_loss", loss);
      listener.validated(step, loss);
    }
    if (config.sampleAt(step) && tokenizer.isPresent()) {
      Map<String, String> texts = sample();
      records.samples(step, texts);
      listener.sampled(step, texts);
    }
    if (!values.isEmpty()) {
      records.metrics(step, values);
    }
  }

  private double validate() {
    SequenceOrder held =
        new SequenceOrder(
            split.validation(),
            (int) Math.min(config.sequence_length(), split.validation().tokens() - 1),
            config.seed());
    int sequences = (int) Math.min(config.validation_sequences(), held.sequencesPerEpoch());
    SequencePass pass =
        new SequencePass(
            decoder,
            bound,
            kernels,
            1,
            held.length(),
            SequencePass.Output.LOSS,
            name -> false,
            Tape.Purpose.INFERENCE);
    kernels.fill(pass.weights(), 1f / held.length());
    double loss = 0;
    for (int i = 0; i < sequences; i++) {
      held.fill(i, 1, pass.tokens().segment(), pass.targets().segment());
      pass.forward();
      loss += pass.sum();
    }
    return loss / sequences;
  }

  private Map<String, String> sample() {
    Generator generator =
        new Generator(
            decoder,
            ModelParameters.inPlace(decoder, kernels, parameters.weightsByName()),
            kernels,
            tokenizer.orElseThrow(),
            family.eos());
    Map<String, String> texts = new LinkedHashMap<>();
    Sampling sampling =
        new Sampling(
            config.sample_tokens(),
            SAMPLE_TEMPERATURE,
            0,
            SAMPLE_TOP_P,
            0,
            1,
            config.seed(),
            List.of());
    for (String prompt : prompts) {
      texts.put(prompt, generator.generate(prompt, sampling, piece -> {}).text());
    }
    return texts;
  }

  private void save(long step, Records records) {
    records.sync();
    checkpoints.save(step, family, parameters, description);
    checkpoints.thin(config.keep_optimizer_states());
    listener.saved(step);
  }

  /** The files that grow with the run. */
  private static final class Records implements AutoCloseable {
    private final MetricsLog metrics;
    private final MetricsLog samples;
    private final MetricsLog timing;
    private final TensorBoardWriter board;

    Records(Path folder, long lastStep) {
      metrics = MetricsLog.open(folder.resolve("metrics.jsonl"), lastStep);
      samples = MetricsLog.open(folder.resolve("samples.jsonl"), lastStep);
      timing = MetricsLog.open(folder.resolve("timing.jsonl"), lastStep);
      board =
          TensorBoardWriter.open(folder.resolve("tensorboard"), lastStep, InstantSource.system());
    }

    void metrics(long step, Map<String, Object> values) {
      metrics.append(new StepMetrics(step, values));
      values.forEach(
          (name, value) -> {
            if (value instanceof Number number) {
              board.scalar(name, step, number.doubleValue());
            }
          });
    }

    void samples(long step, Map<String, String> texts) {
      Map<String, Object> values = new LinkedHashMap<>(texts);
      samples.append(new StepMetrics(step, values));
      texts.forEach((prompt, text) -> board.text("sample: " + prompt, step, prompt + text));
    }

    void timing(long step, long nanos, long tokens) {
      timing.append(
          new StepMetrics(
              step, Map.of("seconds", nanos / 1e9, "tokens_per_second", tokens * 1e9 / nanos)));
    }

    void sync() {
      metrics.sync();
      samples.sync();
      timing.sync();
      board.sync();
    }

    @Override
    public void close() {
      metrics.close();
      samples.close();
      timing.close();
      board.close();
    }
  }
}
