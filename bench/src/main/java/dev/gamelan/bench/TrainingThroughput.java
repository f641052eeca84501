package dev.gamelan.bench;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ModelParameters;
import dev.gamelan.model.SequencePass;
import dev.gamelan.model.family.Config;
import dev.gamelan.model.family.Families;
import dev.gamelan.model.family.Family;
import dev.gamelan.tensor.random.CounterRandom;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.train.FlatParameters;
import dev.gamelan.train.Initializer;
import dev.gamelan.train.Optimizer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tokens a second of whole training steps (forward, backward, clipping, AdamW) on random tokens,
 * for the shapes that {@code bench/train.sh} also gives to PyTorch.
 *
 * <p>Arguments: shape (pythia-14m, llama-14m, gpt2-124m), seconds to measure, threads, a backend or
 * {@code auto}, and optionally {@code profile}. Prints one line of JSON; with a profile,
 * milliseconds an op before it.
 */
public final class TrainingThroughput {
  private TrainingThroughput() {}

  private record Case(String config, int sequences, int length) {}

  private static final Map<String, Case> CASES =
      Map.of(
          "pythia-14m",
          new Case(
              """
              {"architectures": ["GPTNeoXForCausalLM"], "vocab_size": 50304, "hidden_size": 128,
               "intermediate_size": 512, "num_hidden_layers": 6, "num_attention_heads": 4,
               "max_position_embeddings": 2048}""",
              4,
              512),
          "llama-14m",
          new Case(
              """
              {"architectures": ["LlamaForCausalLM"], "vocab_size": 8192, "hidden_size": 384,
               "intermediate_size": 1024, "num_hidden_layers": 6, "num_attention_heads": 6,
               "max_position_embeddings": 2048}""",
              8,
              256),
          "gpt2-124m",
          new Case(
              """
              {"architectures": ["GPT2LMHeadModel"], "vocab_size": 50257, "n_embd": 768,
               "n_layer": 12, "n_head": 12, "n_positions": 1024}""",
              4,
              64));

  public static void main(String[] arguments) {
    Case shape = CASES.get(arguments[0]);
    if (shape == null) {
      throw new IllegalArgumentException(
          "training throughput: unknown shape '%s'; known are %s"
              .formatted(arguments[0], CASES.keySet()));
    }
    double seconds = Double.parseDouble(arguments[1]);
    int threads = Integer.parseInt(arguments[2]);
    Optional<String> named =
        Optional.of(arguments.length > 3 ? arguments[3] : "auto").filter(n -> !n.equals("auto"));
    boolean profile = arguments.length > 4;
    Family family =
        Families.read(
            new Config(arguments[0], JsonMapper.builder().build().readTree(shape.config())));
    Decoder decoder = new Decoder(family.spec());
    try (Kernels kernels = Backends.open(named, threads, ComputeMode.F32)) {
      FlatParameters flat = new FlatParameters(decoder, kernels);
      Initializer.SMALL.initialize(decoder, flat.weightsByName(), 1);
      ModelParameters parameters =
          ModelParameters.trainable(decoder, kernels, flat.weightsByName(), flat.gradientsByName());
      SequencePass pass =
          new SequencePass(
              decoder,
              parameters,
              kernels,
              shape.sequences(),
              shape.length(),
              SequencePass.Output.LOSS,
              name -> true,
              Tape.Purpose.TRAINING);
      Optimizer optimizer =
          new Optimizer(flat, kernels, new Optimizer.Settings(0.9, 0.95, 1e-8, 0.1, false, 1));
      int rows = shape.sequences() * shape.length();
      CounterRandom random = new CounterRandom(1, 2);
      for (int i = 0; i < rows; i++) {
        pass.tokens().setInt(0, i, (int) random.below(family.spec().vocabulary(), i));
        pass.targets().setInt(0, i, (int) random.below(family.spec().vocabulary(), rows + i));
        pass.weights().set(0, i, 1f / rows);
      }
      Map<String, Long> spent = new TreeMap<>();
      double[] times = new double[100_000];
      int steps = 0;
      double first = 0;
      long warm = System.nanoTime() + (long) (seconds * 5e8);
      long end = warm + (long) (seconds * 1e9);
      int counted = 0;
      while (System.nanoTime() < end || counted < 3) {
        long start = System.nanoTime();
        boolean measured = start > warm;
        kernels.fill(flat.gradients(), 0);
        if (profile && measured) {
          pass.run(
              (op, backward, nanos) ->
                  spent.merge(op + (backward ? " backward" : ""), nanos, Long::sum));
        } else {
          pass.forward();
          pass.backward();
        }
        long before = System.nanoTime();
        optimizer.step(1e-3, ++steps);
        parameters.refresh();
        kernels.finish();
        first = steps == 1 ? pass.sum() : first;
        long now = System.nanoTime();
        if (measured) {
          spent.merge("optimizer", now - before, Long::sum);
          times[counted++] = (now - start) / 1e9;
        }
      }
      if (pass.sum() >= first) {
        throw new IllegalStateException(
            "the loss didn't fall: " + first + " to " + pass.sum() + "; the figure means nothing");
      }
      if (profile) {
        int n = counted;
        spent.entrySet().stream()
            .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
            .forEach(
                e -> System.out.printf("%-28s %8.2f ms%n", e.getKey(), e.getValue() / 1e6 / n));
      }
      double[] sorted = Arrays.copyOf(times, counted);
      Arrays.sort(sorted);
      double median = sorted[counted / 2];
      var cost = pass.cost();
      System.out.printf(
          "{\"engine\": \"gamelan %s\", \"shape\": \"%s\", \"mode\": \"f32\", \"threads\": %d, \"steps\": %d, \"ms\": %.1f, \"tokens_per_second\": %.0f, \"gflops\": %.1f, \"loss\": %.4f}%n",
          kernels.name(),
          arguments[0],
          threads,
          counted,
          median * 1e3,
          rows / median,
          (cost.forward() + cost.backward()) / median / 1e9,
          pass.sum());
    }
  }
}
