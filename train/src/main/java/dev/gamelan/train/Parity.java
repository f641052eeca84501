package dev.gamelan.train;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ModelParameters;
import dev.gamelan.model.RewardModel;
import dev.gamelan.model.SequencePass;
import dev.gamelan.model.adapter.Lora;
import dev.gamelan.model.checkpoint.Checkpoint;
import dev.gamelan.model.checkpoint.Safetensors;
import dev.gamelan.model.family.Scoring;
import dev.gamelan.model.generate.Inference;
import dev.gamelan.model.generate.KvCache;
import dev.gamelan.model.generate.Sequence;
import dev.gamelan.model.vision.VisionPass;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Tape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Proves that a checkpoint runs here as in the reference: logits, loss, every gradient, AdamW
 * steps, greedy tokens through the cache, and that saving it and loading it again changes nothing.
 *
 * <p>The reference stands in {@code expected.safetensors} beside the checkpoint: {@code input_ids}
 * [batch, length], {@code pixel_values} [images, channels, height, width] of a model that reads
 * images, {@code logits} [batch, length, vocabulary], {@code loss} (mean next-token cross-entropy),
 * {@code grad.<tensor>}, {@code greedy} [1, n] (the first 12 are the prompt), {@code adamw_losses}
 * and {@code adamw_grad_norms} (lr 1e-3, betas 0.9 and 0.95, eps 1e-8, decay 0.1 on every
 * parameter, clip 1.0; each loss before its step). What is absent is not compared.
 *
 * <p>A model that scores has {@code scores} [batch, labels] instead of logits, and its loss is the
 * ranking loss of the first two sequences. A folder with a LoRA has its base model beside it.
 */
public final class Parity {
  private static final int GREEDY_PROMPT = 12;

  /**
   * A gradient smaller than this share of the largest is zero but for rounding (a bias of keys has
   * none, since softmax doesn't see it) and is measured by the largest of all.
   */
  private static final double NOISE = 1e-6;

  /**
   * One comparison.
   *
   * @param what e.g. {@code logits} or {@code grad.lm_head.weight}
   * @param difference the largest found, in the unit of the tolerance
   * @param tolerance what is allowed
   */
  public record Row(String what, double difference, double tolerance) {
    public boolean holds() {
      return difference <= tolerance;
    }
  }

  private final Checkpoint checkpoint;
  private final Optional<Lora> lora;
  private final Decoder decoder;
  private final Map<String, Tensor> weights;
  private final Kernels kernels;
  private final Safetensors expected;
  private final List<Row> rows = new ArrayList<>();

  private Parity(Path folder, Kernels kernels) {
    this.checkpoint = Checkpoint.open(Lora.is(folder) ? base(folder) : folder);
    this.lora =
        Lora.is(folder) ? Optional.of(Lora.open(folder, checkpoint.family())) : Optional.empty();
    this.decoder = lora.map(Lora::decoder).orElseGet(() -> new Decoder(checkpoint.family().spec()));
    this.weights = lora.map(l -> l.unmerged(checkpoint.tensors())).orElse(checkpoint.tensors());
    this.kernels = kernels;
    Path file = folder.resolve("expected.safetensors");
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(
          "parity %s: expected.safetensors is missing; it holds the reference's results"
              .formatted(folder));
    }
    this.expected = Safetensors.open(file);
  }

  /** The model that an adapter is for: a folder beside the adapter's, by its last name. */
  private static Path base(Path folder) {
    String name = Lora.config(folder).json().path("base_model_name_or_path").asString("");
    Path base = folder.toAbsolutePath().resolveSibling(name.substring(name.lastIndexOf('/') + 1));
    if (name.isEmpty() || !Files.isDirectory(base)) {
      throw new IllegalArgumentException(
          "parity %s: the adapter's base model \"%s\" is expected beside it, in %s"
              .formatted(folder, name, base));
    }
    return base;
  }

  /**
   * Compares everything that the folder has a reference for.
   *
   * @throws IllegalArgumentException if the folder has no checkpoint or no reference
   */
  public static List<Row> check(Path folder, Kernels kernels) {
    Parity parity = new Parity(folder, kernels);
    parity.checkLogits();
    parity.checkScores();
    parity.checkMerged();
    parity.checkGradients();
    parity.checkOptimizer();
    parity.checkGreedy();
    if (parity.lora.isPresent()) {
      parity.checkAdapterRoundTrip(parity.lora.get());
    } else {
      parity.checkRoundTrip();
    }
    return parity.rows;
  }

  private Optional<Tensor> find(String name) {
    return expected.names().contains(name) ? Optional.of(expected.tensor(name)) : Optional.empty();
  }

  private Tensor ids() {
    return find("input_ids")
        .orElseThrow(() -> new IllegalArgumentException("parity: the reference has no input_ids"));
  }

  private void checkLogits() {
    Optional<Tensor> logits = find("logits");
    if (logits.isEmpty()) {
      return;
    }
    SequencePass pass =
        pass(
            ModelParameters.inPlace(decoder, kernels, weights),
            SequencePass.Output.LOGITS,
            Tape.Purpose.INFERENCE);
    fillTokens(pass);
    pass.forward();
    rows.add(new Row("logits", largestDifference(pass.result(), logits.get()), 1e-4));
  }

  /** The scores of a reward model or classifier, for every sequence of the reference. */
  private void checkScores() {
    Optional<Tensor> scores = find("scores");
    if (scores.isEmpty()) {
      return;
    }
    RewardModel model =
        new RewardModel(
            scoring(), decoder, ModelParameters.inPlace(decoder, kernels, weights), kernels);
    List<int[]> sequences = new ArrayList<>();
    for (long r = 0; r < ids().rows(); r++) {
      sequences.add(ids().rows(r, r + 1).toInts());
    }
    List<float[]> got = model.scores(sequences);
    double largest = 0;
    for (int r = 0; r < got.size(); r++) {
      for (int c = 0; c < got.get(r).length; c++) {
        largest = Math.max(largest, Math.abs(got.get(r)[c] - scores.get().get(r, c)));
      }
    }
    rows.add(new Row("scores", largest, 1e-4));
  }

  private Scoring scoring() {
    if (checkpoint.family() instanceof Scoring scoring) {
      return scoring;
    }
    throw new IllegalArgumentException(
        "parity: the reference has scores, the model has no head that scores");
  }

  /** An adapter that is merged gives the logits or scores of one that runs beside the weights. */
  private void checkMerged() {
    if (lora.isEmpty()) {
      return;
    }
    Decoder plain = new Decoder(checkpoint.family().spec());
    Map<String, Tensor> merged = lora.get().merged(checkpoint.tensors());
    List<Tensor> results = new ArrayList<>();
    for (boolean beside : new boolean[] {true, false}) {
      Decoder of = beside ? decoder : plain;
      SequencePass pass =
          new SequencePass(
              of,
              ModelParameters.inPlace(of, kernels, beside ? weights : merged),
              kernels,
              (int) ids().rows(),
              (int) ids().columns(),
              SequencePass.Output.LOGITS,
              name -> false,
              Tape.Purpose.INFERENCE);
      fillTokens(pass);
      pass.forward();
      results.add(pass.result());
    }
    rows.add(new Row("merged", largestDifference(results.get(0), results.get(1)), 1e-4));
  }

  private SequencePass pass(
      ModelParameters parameters, SequencePass.Output output, Tape.Purpose purpose) {
    Tensor ids = ids();
    return new SequencePass(
        decoder,
        parameters,
        kernels,
        (int) ids.rows(),
        (int) ids.columns(),
        images().size(),
        output,
        purpose == Tape.Purpose.TRAINING ? this::learns : name -> false,
        purpose,
        1);
  }

  private List<Tensor> images() {
    List<Tensor> images = new ArrayList<>();
    find("pixel_values")
        .ifPresent(
            all -> {
              long n = all.shape().extent(0);
              Tensor rows = all.reshape(n, all.elements() / n);
              for (long i = 0; i < n; i++) {
                images.add(rows.rows(i, i + 1));
              }
            });
    return images;
  }

  private boolean learns(String parameter) {
    return lora.map(l -> l.learns(parameter)).orElse(true);
  }

  private void fillTokens(SequencePass pass) {
    List<Tensor> images = images();
    for (int i = 0; i < images.size(); i++) {
      pass.image(i, images.get(i));
    }
    int[] ids = ids().toInts();
    for (int i = 0; i < ids.length; i++) {
      pass.tokens().setInt(0, i, ids[i]);
    }
  }

  /** Next-token targets with the weights of a mean. */
  private void fillTargets(SequencePass pass) {
    Tensor ids = ids();
    int length = (int) ids.columns();
    int[] flat = ids.toInts();
    for (int i = 0; i < flat.length; i++) {
      boolean last = i % length == length - 1;
      pass.targets().setInt(0, i, last ? -1 : flat[i + 1]);
      pass.weights().set(0, i, 1f / (ids.rows() * (length - 1)));
    }
  }

  private void checkGradients() {
    if (find("loss").isEmpty()) {
      return;
    }
    FlatParameters flat = flat();
    boolean ranks = find("scores").isPresent();
    SequencePass pass =
        ranks
            ? pass(training(flat), SequencePass.Output.LOGITS, Tape.Purpose.TRAINING)
            : trainingPass(flat);
    fillTokens(pass);
    pass.forward();
    double got = ranks ? seedRanking(pass) : 0;
    pass.backward();
    got = ranks ? got : pass.sum();
    double loss = expected.tensor("loss").get(0, 0);
    rows.add(new Row("loss", Math.abs(got - loss) / loss, 1e-5));
    Map<String, Tensor> ours = new LinkedHashMap<>();
    flat.gradientsByName()
        .forEach(
            (name, t) ->
                ours.put(
                    lora.map(l -> l.published(name))
                        .orElseGet(() -> checkpoint.family().names().published(name)),
                    t));
    checkpoint
        .family()
        .aliases()
        .forEach((alias, name) -> ours.put(alias, flat.gradientsByName().get(name)));
    stackExperts(ours);
    find("aux_loss")
        .ifPresent(
            want ->
                rows.add(
                    new Row(
                        "aux_loss",
                        Math.abs(pass.balanceLoss().orElse(Double.NaN) - want.get(0, 0)),
                        1e-5)));
    compareGradients(ours);
  }

  private void compareGradients(Map<String, Tensor> ours) {
    double ofAll = 0;
    for (String name : expected.names()) {
      ofAll = name.startsWith("grad.") ? Math.max(ofAll, largest(expected.tensor(name))) : ofAll;
    }
    for (String name : expected.names()) {
      if (name.startsWith("grad.")) {
        Tensor want = expected.tensor(name);
        Tensor got = ours.get(name.substring(5));
        if (got == null) {
          throw new IllegalArgumentException(
              "parity: the reference has %s, the model has no such parameter".formatted(name));
        }
        double largest = largest(want);
        double unit = largest < NOISE * ofAll ? ofAll : largest;
        rows.add(new Row(name, largestDifference(got, want) / (unit == 0 ? 1 : unit), 1e-4));
      }
    }
  }

  /**
   * The ranking loss of two sequences, −log σ(s₀ − s₁) summed over the labels (Ouyang et al.,
   * 2022); its gradient goes to the scores.
   */
  private double seedRanking(SequencePass pass) {
    Scoring scoring = scoring();
    long length = ids().columns();
    long first = RewardModel.lastToken(ids().rows(0, 1).toInts(), scoring.padding());
    long second = length + RewardModel.lastToken(ids().rows(1, 2).toInts(), scoring.padding());
    kernels.fill(pass.seed(), 0);
    double loss = 0;
    for (int label = 0; label < scoring.labels().size(); label++) {
      double margin = pass.result().get(first, label) - pass.result().get(second, label);
      loss += Math.log1p(Math.exp(-margin));
      float slope = (float) (-1 / (1 + Math.exp(margin)));
      pass.seed().set(first, label, slope);
      pass.seed().set(second, label, -slope);
    }
    return loss;
  }

  /**
   * Adds the experts' gradients as the reference trains them: {@code gate_up_proj} [experts,
   * 2·hidden, width] with the gate first, {@code down_proj} [experts, width, hidden].
   */
  private void stackExperts(Map<String, Tensor> ours) {
    if (decoder.spec().mlp().experts().isEmpty()) {
      return;
    }
    int count = decoder.spec().mlp().experts().get().count();
    Map<String, Tensor> byName = new LinkedHashMap<>();
    decoder
        .parameters()
        .forEach(
            p -> byName.put(p.name(), ours.get(checkpoint.family().names().published(p.name()))));
    for (int layer = 0; layer < decoder.spec().layers(); layer++) {
      if (!decoder.spec().mlp().mixes(layer)) {
        continue;
      }
      List<Tensor> gateUp = new ArrayList<>();
      List<Tensor> down = new ArrayList<>();
      for (int e = 0; e < count; e++) {
        String expert = "layers.%d.mlp.experts.%d.".formatted(layer, e);
        gateUp.add(byName.get(expert + "gate.weight"));
        gateUp.add(byName.get(expert + "up.weight"));
        down.add(byName.get(expert + "down.weight"));
      }
      String stem = "model.layers.%d.mlp.experts.".formatted(layer);
      ours.put(stem + "gate_up_proj", stacked(gateUp));
      ours.put(stem + "down_proj", stacked(down));
    }
  }

  /** The rows of all, one below the other. */
  private static Tensor stacked(List<Tensor> parts) {
    long rows = parts.stream().mapToLong(Tensor::rows).sum();
    Tensor all = Tensor.zeros(rows, parts.getFirst().columns());
    long at = 0;
    for (Tensor part : parts) {
      for (long r = 0; r < part.rows(); r++, at++) {
        for (long c = 0; c < part.columns(); c++) {
          all.set(at, c, part.get(r, c));
        }
      }
    }
    return all;
  }

  private FlatParameters flat() {
    FlatParameters flat = new FlatParameters(decoder, kernels, this::learns);
    flat.load(kernels, weights);
    return flat;
  }

  /** What learns in flat memory, the rest where it lies. */
  private ModelParameters training(FlatParameters flat) {
    Map<String, Tensor> all = new LinkedHashMap<>(weights);
    all.putAll(flat.weightsByName());
    return ModelParameters.trainable(decoder, kernels, all, flat.gradientsByName());
  }

  private SequencePass trainingPass(FlatParameters flat) {
    SequencePass pass = pass(training(flat), SequencePass.Output.LOSS, Tape.Purpose.TRAINING);
    fillTokens(pass);
    fillTargets(pass);
    return pass;
  }

  private void checkOptimizer() {
    Optional<Tensor> losses = find("adamw_losses");
    if (losses.isEmpty()) {
      return;
    }
    FlatParameters flat = flat();
    ModelParameters parameters = training(flat);
    SequencePass pass = pass(parameters, SequencePass.Output.LOSS, Tape.Purpose.TRAINING);
    fillTokens(pass);
    fillTargets(pass);
    Optimizer optimizer =
        new Optimizer(flat, kernels, new Optimizer.Settings(0.9, 0.95, 1e-8, 0.1, true, 1.0));
    double lossDifference = 0;
    double normDifference = 0;
    Optional<Tensor> norms = find("adamw_grad_norms");
    for (int step = 1; step <= losses.get().columns(); step++) {
      kernels.fill(flat.gradients(), 0);
      pass.forward();
      pass.backward();
      double want = losses.get().get(0, step - 1);
      lossDifference = Math.max(lossDifference, Math.abs(pass.sum() - want) / want);
      double norm = optimizer.step(1e-3, step);
      if (norms.isPresent()) {
        double wantNorm = norms.get().get(0, step - 1);
        normDifference = Math.max(normDifference, Math.abs(norm - wantNorm) / wantNorm);
      }
      parameters.refresh();
    }
    rows.add(new Row("adamw losses", lossDifference, 1e-5));
    if (norms.isPresent()) {
      rows.add(new Row("adamw gradient norms", normDifference, 1e-4));
    }
  }

  private void checkGreedy() {
    Optional<Tensor> greedy = find("greedy");
    if (greedy.isEmpty()) {
      return;
    }
    int[] want = greedy.get().toInts();
    int[] prompt = Arrays.copyOf(want, GREEDY_PROMPT);
    KvCache cache = new KvCache(decoder.spec(), kernels, want.length);
    ModelParameters parameters = ModelParameters.inPlace(decoder, kernels, weights);
    Inference inference = new Inference(decoder, parameters, kernels, cache, 1);
    Optional<Tensor> features = features(prompt, parameters);
    int wrong = 0;
    try (Sequence sequence = new Sequence(cache)) {
      Tensor logits = inference.feed(sequence, prompt, features);
      for (int i = GREEDY_PROMPT; i < want.length; i++) {
        wrong += argmax(logits) == want[i] ? 0 : 1;
        if (i + 1 < want.length) {
          logits = inference.feed(sequence, new int[] {want[i]});
        }
      }
    }
    rows.add(new Row("greedy tokens that differ", wrong, 0));
  }

  /** Of the images that the prompt has tokens for. */
  private Optional<Tensor> features(int[] prompt, ModelParameters parameters) {
    List<Tensor> images = images();
    return decoder
        .vision()
        .filter(v -> !images.isEmpty())
        .map(
            v -> {
              long tokens = Arrays.stream(prompt).filter(id -> id == v.spec().imageToken()).count();
              int count = Math.toIntExact(tokens / v.spec().features());
              return new VisionPass(v, parameters, kernels).features(images.subList(0, count));
            });
  }

  private static int argmax(Tensor row) {
    int best = 0;
    for (int i = 1; i < row.columns(); i++) {
      if (row.get(0, i) > row.get(0, best)) {
        best = i;
      }
    }
    return best;
  }

  /** Saves the adapter, loads it and compares all bytes. */
  private void checkAdapterRoundTrip(Lora adapter) {
    try {
      Path folder = Files.createTempDirectory("gamelan-parity");
      try {
        adapter.save(folder, adapter.tensors());
        Lora again = Lora.open(folder, checkpoint.family());
        long different = again.config().equals(adapter.config()) ? 0 : 1;
        different += again.tensors().keySet().equals(adapter.tensors().keySet()) ? 0 : 1;
        for (Map.Entry<String, Tensor> e : adapter.tensors().entrySet()) {
          Tensor t = again.tensors().get(e.getKey());
          different += t.segment().mismatch(e.getValue().segment()) == -1 ? 0 : 1;
        }
        rows.add(new Row("tensors that saving changes", different, 0));
      } finally {
        Files.deleteIfExists(folder.resolve("adapter_model.safetensors"));
        Files.deleteIfExists(folder.resolve("adapter_config.json"));
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("parity: the copy cannot be written: " + e.getMessage(), e);
    }
  }

  /** Saves the checkpoint, loads it and compares all bytes. */
  private void checkRoundTrip() {
    try {
      Path folder = Files.createTempDirectory("gamelan-parity");
      try {
        Checkpoint.save(folder, checkpoint.family(), checkpoint.tensors());
        Checkpoint again = Checkpoint.open(folder);
        long different = again.family().equals(checkpoint.family()) ? 0 : 1;
        for (Map.Entry<String, Tensor> e : checkpoint.tensors().entrySet()) {
          Tensor t = again.tensors().get(e.getKey());
          different += t.segment().mismatch(e.getValue().segment()) == -1 ? 0 : 1;
        }
        rows.add(new Row("tensors that saving changes", different, 0));
      } finally {
        Files.deleteIfExists(folder.resolve("model.safetensors"));
        Files.deleteIfExists(folder.resolve("config.json"));
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("parity: the copy cannot be written: " + e.getMessage(), e);
    }
  }

  /** NaN on either side counts as infinitely far. */
  private static double largestDifference(Tensor got, Tensor want) {
    if (got.elements() != want.elements()) {
      throw new IllegalArgumentException(
          "parity: the reference has %s where the model gives %s"
              .formatted(want.shape(), got.shape()));
    }
    float[] a = got.toFloats();
    float[] b = want.toFloats();
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      double d = Math.abs((double) a[i] - b[i]);
      largest = Math.max(largest, Double.isNaN(d) ? Double.POSITIVE_INFINITY : d);
    }
    return largest;
  }

  private static double largest(Tensor t) {
    double largest = 0;
    for (float x : t.toFloats()) {
      largest = Math.max(largest, Math.abs(x));
    }
    return largest;
  }
}
