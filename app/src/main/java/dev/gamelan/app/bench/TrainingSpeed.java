package dev.gamelan.app.bench;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ModelParameters;
import dev.gamelan.model.SequencePass;
import dev.gamelan.tensor.random.CounterRandom;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.train.FlatParameters;
import dev.gamelan.train.Initializer;
import dev.gamelan.train.Optimizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Measures whole training steps on random tokens: forward, backward, clipping, AdamW. */
public final class TrainingSpeed {
  private static final double RATE = 1e-3;
  private static final String BACKWARD = " backward";

  /** Operations a nanosecond that no processor does. */
  private static final double IMPOSSIBLE = 1e5;

  /**
   * What was measured.
   *
   * @param steps that were measured
   * @param milliseconds a step, the median
   * @param tokensPerSecond of the median step
   * @param gigaflops of the median step, counting the products' and attention's operations
   * @param ops the parts of a step, the slowest first, if they were asked for
   */
  public record Result(
      int steps, double milliseconds, double tokensPerSecond, double gigaflops, List<Part> ops) {}

  /**
   * A part of a step.
   *
   * @param calls a step
   * @param milliseconds a step, mean
   * @param flops a step
   * @param bytes that its operands have, each counted once; 0 for the backward pass, where the plan
   *     doesn't say
   */
  public record Part(String op, double calls, double milliseconds, long flops, long bytes) {}

  private static final class Spent {
    private long calls;
    private long nanos;
  }

  private final Kernels kernels;
  private final FlatParameters flat;
  private final ModelParameters parameters;
  private final SequencePass pass;
  private final Optimizer optimizer;
  private final int rows;
  private int taken;

  public TrainingSpeed(Decoder decoder, Kernels kernels, int sequences, int length) {
    this.kernels = kernels;
    flat = new FlatParameters(decoder, kernels);
    Initializer.SMALL.initialize(decoder, flat.weightsByName(), 1);
    parameters =
        ModelParameters.trainable(decoder, kernels, flat.weightsByName(), flat.gradientsByName());
    pass =
        new SequencePass(
            decoder,
            parameters,
            kernels,
            sequences,
            length,
            SequencePass.Output.LOSS,
            name -> true,
            Tape.Purpose.TRAINING);
    optimizer =
        new Optimizer(flat, kernels, new Optimizer.Settings(0.9, 0.95, 1e-8, 0.1, false, 1));
    rows = sequences * length;
    CounterRandom random = new CounterRandom(1, 2);
    int vocabulary = decoder.spec().vocabulary();
    for (int i = 0; i < rows; i++) {
      pass.tokens().setInt(0, i, (int) random.below(vocabulary, i));
      pass.targets().setInt(0, i, (int) random.below(vocabulary, rows + i));
      pass.weights().set(0, i, 1f / rows);
    }
  }

  /**
   * Trains for so many seconds, the first third unmeasured.
   *
   * @param profile whether every op is timed, which costs a little
   * @throws IllegalStateException if the loss doesn't fall: then the figure would mean nothing
   */
  public Result measure(double seconds, boolean profile) {
    Map<String, Spent> spent = new TreeMap<>();
    List<Long> times = new ArrayList<>();
    long begin = System.nanoTime();
    double first = 0;
    while (System.nanoTime() - begin < seconds * 1e9 || times.size() < 3) {
      long from = System.nanoTime();
      boolean measured = from - begin > seconds * 3e8 && taken > 1;
      step(measured && profile, spent);
      if (taken == 1) {
        first = pass.sum();
      }
      if (measured) {
        times.add(System.nanoTime() - from);
      }
    }
    if (pass.sum() >= first) {
      throw new IllegalStateException(
          "bench train: the loss didn't fall (%.4f to %.4f); the figure would mean nothing"
              .formatted(first, pass.sum()));
    }
    Collections.sort(times);
    double nanos = times.get(times.size() / 2);
    Op.Cost cost = pass.cost();
    return new Result(
        times.size(),
        nanos / 1e6,
        rows * 1e9 / nanos,
        (cost.forward() + cost.backward()) / nanos,
        parts(spent, times.size()));
  }

  private void step(boolean profiled, Map<String, Spent> spent) {
    taken++;
    kernels.fill(flat.gradients(), 0);
    if (profiled) {
      pass.run((op, back, nanos) -> add(spent, back ? op + BACKWARD : op, nanos));
    } else {
      pass.forward();
      pass.backward();
    }
    long before = System.nanoTime();
    optimizer.step(RATE, taken);
    parameters.refresh();
    kernels.finish();
    if (profiled) {
      add(spent, "optimizer", System.nanoTime() - before);
    }
  }

  private static void add(Map<String, Spent> spent, String op, long nanos) {
    Spent sum = spent.computeIfAbsent(op, o -> new Spent());
    sum.calls++;
    sum.nanos += nanos;
  }

  private List<Part> parts(Map<String, Spent> spent, int steps) {
    Map<String, Op.Cost> costs = pass.costs();
    List<Part> parts = new ArrayList<>();
    spent.forEach(
        (op, sum) -> {
          boolean back = op.endsWith(BACKWARD);
          String name = back ? op.substring(0, op.length() - BACKWARD.length()) : op;
          Op.Cost cost = costs.getOrDefault(name, Op.Cost.NONE);
          boolean left = leavesForwardWork(cost, spent.get(name));
          long flops = back ? cost.backward() + (left ? cost.forward() : 0) : cost.forward();
          parts.add(
              new Part(
                  op,
                  (double) sum.calls / steps,
                  sum.nanos / 1e6 / steps,
                  left && !back ? 0 : flops,
                  left || back ? 0 : cost.bytes()));
        });
    parts.sort(Comparator.comparingDouble(Part::milliseconds).reversed());
    return parts;
  }

  /**
   * Whether an op did its forward work in the backward pass, as the head and its loss do: then its
   * forward call takes no time.
   */
  private static boolean leavesForwardWork(Op.Cost cost, Spent forward) {
    return forward != null && cost.forward() / IMPOSSIBLE > (double) forward.nanos / forward.calls;
  }
}
