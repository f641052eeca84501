package dev.gamelan.app.bench;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ModelParameters;
import dev.gamelan.model.generate.Inference;
import dev.gamelan.model.generate.Inference.Feed;
import dev.gamelan.model.generate.KvCache;
import dev.gamelan.model.generate.Sequence;
import dev.gamelan.tensor.random.CounterRandom;
import dev.gamelan.tensor.spi.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Measures prefill and decoding as llama-bench does: random tokens, no sampling, empty context. */
public final class InferenceSpeed {
  /**
   * One figure.
   *
   * @param test {@code pp512}: a prompt of 512 tokens; {@code tg128}: 128 tokens one by one; with
   *     {@code @16}: for 16 sequences at once
   * @param tokensPerSecond the median of the repetitions, of all sequences together
   * @param least of the repetitions
   * @param most of the repetitions
   * @param limit what a machine allows
   */
  public record Figure(
      String test,
      double tokensPerSecond,
      double least,
      double most,
      ToDoubleFunction<Roofline> limit) {
    /** What this machine allows, in tokens a second. */
    public double roofline(Roofline roofline) {
      return limit.applyAsDouble(roofline);
    }
  }

  private static final long WARM_NANOS = 2_000_000_000;

  private final Decoder decoder;
  private final ModelParameters parameters;
  private final Kernels kernels;
  private final int repetitions;

  public InferenceSpeed(
      Decoder decoder, ModelParameters parameters, Kernels kernels, int repetitions) {
    this.decoder = decoder;
    this.parameters = parameters;
    this.kernels = kernels;
    this.repetitions = repetitions;
  }

  /** Reading a prompt. */
  public Figure prefill(int tokens) {
    KvCache cache = new KvCache(decoder.spec(), kernels, tokens);
    Inference inference = new Inference(decoder, parameters, kernels, cache, 1);
    int[] prompt = tokens(tokens, 1);
    return measured(
        "pp" + tokens,
        tokens,
        roofline -> roofline.prefill(tokens),
        () -> {
          try (Sequence sequence = new Sequence(cache)) {
            long from = System.nanoTime();
            inference.feed(sequence, prompt);
            return System.nanoTime() - from;
          }
        });
  }

  /** Decoding {@code steps} tokens of each of {@code sequences} sequences. */
  public Figure decode(int steps, int sequences) {
    int room = (steps + KvCache.PAGE_SIZE - 1) / KvCache.PAGE_SIZE * KvCache.PAGE_SIZE;
    KvCache cache = new KvCache(decoder.spec(), kernels, (long) room * sequences);
    Inference inference = new Inference(decoder, parameters, kernels, cache, sequences);
    int[] tokens = tokens(steps * sequences, 2);
    return measured(
        "tg" + steps + (sequences == 1 ? "" : "@" + sequences),
        steps * sequences,
        roofline -> roofline.decode(sequences, (steps + 1) / 2.0),
        () -> {
          List<Sequence> open = new ArrayList<>();
          for (int s = 0; s < sequences; s++) {
            open.add(new Sequence(cache));
          }
          long from = System.nanoTime();
          for (int i = 0; i < steps; i++) {
            List<Feed> feeds = new ArrayList<>(sequences);
            for (int s = 0; s < sequences; s++) {
              int at = s * steps + i;
              feeds.add(new Feed(open.get(s), tokens, at, at + 1));
            }
            inference.run(feeds);
          }
          long nanos = System.nanoTime() - from;
          open.forEach(Sequence::close);
          return nanos;
        });
  }

  private interface Run {
    long nanos();
  }

  private Figure measured(String test, int tokens, ToDoubleFunction<Roofline> limit, Run run) {
    // The compiler's work, and the packing of weights, belong to no figure.
    long begin = System.nanoTime();
    do {
      run.nanos();
    } while (System.nanoTime() - begin < WARM_NANOS);
    double[] speeds = new double[repetitions];
    for (int i = 0; i < repetitions; i++) {
      speeds[i] = tokens * 1e9 / run.nanos();
    }
    Arrays.sort(speeds);
    double median = (speeds[(repetitions - 1) / 2] + speeds[repetitions / 2]) / 2;
    return new Figure(test, median, speeds[0], speeds[repetitions - 1], limit);
  }

  private int[] tokens(int count, int stream) {
    CounterRandom random = new CounterRandom(1, stream);
    int[] tokens = new int[count];
    for (int i = 0; i < count; i++) {
      tokens[i] = Math.floorMod(random.bits(i), decoder.spec().vocabulary());
    }
    return tokens;
  }
}
