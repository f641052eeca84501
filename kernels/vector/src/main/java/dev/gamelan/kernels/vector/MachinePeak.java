package dev.gamelan.kernels.vector;

import static dev.gamelan.kernels.vector.Lanes.all;
import static dev.gamelan.kernels.vector.Lanes.load;

import java.lang.foreign.Arena;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * What this machine can do at most, measured: the yardstick for every other figure.
 *
 * @param vectorBits width of the vectors used
 * @param threads threads that the figures "together" are of
 * @param gigaflops f32 operations a second on one thread, in 10^9, an FMA on each lane counted as
 *     two
 * @param gigaflopsTogether the same on all threads
 * @param gigabytes bytes a second that one thread reads from memory, in 10^9
 * @param gigabytesTogether the same on all threads
 */
public record MachinePeak(
    int vectorBits,
    int threads,
    double gigaflops,
    double gigaflopsTogether,
    double gigabytes,
    double gigabytesTogether) {
  private static final int ACCUMULATORS = 12;
  private static final int WARM_STEPS = 32;
  private static final int WARM_CALLS = 2000;
  private static final int STEPS = 20_000;
  private static final int LEAST_ROUNDS = 30;
  private static final long WARM_NANOS = 100_000_000;
  private static final long STEADY_NANOS = 50_000_000;
  private static final long LONGEST_NANOS = 2_000_000_000;

  /**
   * Measures the best of many short rounds; takes under a second on an idle machine, and four times
   * the last-level cache in memory while it runs.
   *
   * @param workers the threads to measure, idle
   */
  public static MachinePeak measure(Workers workers) {
    int threads = workers.threads();
    try (Arena arena = Arena.ofShared()) {
      long sink = Memory.allocate(arena, threads * Memory.LINE);
      long bytes = Memory.roundUp(4 * Capabilities.detect().l3(), 4096L * threads);
      long buffer = Memory.allocate(arena, bytes);
      warm(() -> Memory.f32(sink, multiply(WARM_STEPS)));
      warm(() -> Memory.f32(sink, sum(buffer, 128L * WARM_STEPS)));
      double operations = 2.0 * STEPS * ACCUMULATORS * Lanes.COUNT;
      Workers.Task compute =
          (task, worker) -> Memory.f32(sink + worker * Memory.LINE, multiply(STEPS));
      double flops = best(operations, () -> compute.run(0, 0));
      double allFlops =
          threads == 1 ? flops : best(threads * operations, () -> workers.run(threads, compute));
      long share = bytes / threads;
      double read = best(bytes, () -> Memory.f32(sink, sum(buffer, bytes)));
      Workers.Task readShare =
          (task, worker) ->
              Memory.f32(sink + worker * Memory.LINE, sum(buffer + task * share, share));
      double allRead = threads == 1 ? read : best(bytes, () -> workers.run(threads, readShare));
      return new MachinePeak(
          Lanes.SPECIES.vectorBitSize(), threads, flops, allFlops, read, allRead);
    }
  }

  /**
   * The larger of each figure: what a busy moment took from one measurement, another may have seen.
   *
   * @throws IllegalArgumentException if the two are of different vectors or numbers of threads
   */
  public MachinePeak atBest(MachinePeak other) {
    if (vectorBits != other.vectorBits || threads != other.threads) {
      throw new IllegalArgumentException(
          "machine peak: one is of %d bits and %d threads, the other of %d and %d; measure both alike"
              .formatted(vectorBits, threads, other.vectorBits, other.threads));
    }
    return new MachinePeak(
        vectorBits,
        threads,
        Math.max(gigaflops, other.gigaflops),
        Math.max(gigaflopsTogether, other.gigaflopsTogether),
        Math.max(gigabytes, other.gigabytes),
        Math.max(gigabytesTogether, other.gigabytesTogether));
  }

  /** Calls often enough, and waits long enough, for the compiler to have done its work. */
  private static void warm(Runnable round) {
    long begin = System.nanoTime();
    for (int call = 0; call < WARM_CALLS || System.nanoTime() - begin < WARM_NANOS; call++) {
      round.run();
      if (System.nanoTime() - begin > LONGEST_NANOS) {
        return;
      }
    }
  }

  /** The most units a nanosecond in any round, until rounds have stopped to become faster. */
  private static double best(double units, Runnable round) {
    double best = 0;
    long begin = System.nanoTime();
    long improved = begin;
    long now = begin;
    // A machine busy with other things compiles late; slow rounds are few, so their number tells.
    for (int rounds = 0;
        (rounds < LEAST_ROUNDS || now - improved < STEADY_NANOS) && now - begin < LONGEST_NANOS;
        rounds++) {
      long from = System.nanoTime();
      round.run();
      now = System.nanoTime();
      double rate = units / Math.max(1, now - from);
      if (rate > best * 1.02) {
        improved = now;
      }
      best = Math.max(best, rate);
    }
    return best;
  }

  /** Twelve independent chains of FMAs: enough to hide a latency of four or five at two a cycle. */
  private static float multiply(int steps) {
    FloatVector x = all(1e-3f);
    FloatVector y = all(0.5f);
    FloatVector a = all(0f);
    FloatVector b = all(1f);
    FloatVector c = all(2f);
    FloatVector d = all(3f);
    FloatVector e = all(4f);
    FloatVector f = all(5f);
    FloatVector g = all(6f);
    FloatVector h = all(7f);
    FloatVector i = all(8f);
    FloatVector j = all(9f);
    FloatVector k = all(10f);
    FloatVector l = all(11f);
    for (int step = 0; step < steps; step++) {
      a = x.fma(y, a);
      b = x.fma(y, b);
      c = x.fma(y, c);
      d = x.fma(y, d);
      e = x.fma(y, e);
      f = x.fma(y, f);
      g = x.fma(y, g);
      h = x.fma(y, h);
      i = x.fma(y, i);
      j = x.fma(y, j);
      k = x.fma(y, k);
      l = x.fma(y, l);
    }
    return a.add(b)
        .add(c)
        .add(d)
        .add(e)
        .add(f)
        .add(g)
        .add(h)
        .add(i)
        .add(j)
        .add(k)
        .add(l)
        .reduceLanes(VectorOperators.ADD);
  }

  /**
   * Touches two lines of 64 bytes a step: lines are what memory delivers, whatever part is read.
   */
  private static float sum(long from, long bytes) {
    long at = from & Memory.ADDRESS;
    FloatVector a = all(0f);
    FloatVector b = all(0f);
    int steps = (int) (bytes / 128);
    for (int step = 0; step < steps; step++) {
      long line = at + step * 128L;
      a = a.add(load(line));
      b = b.add(load(line + 64));
    }
    return a.add(b).reduceLanes(VectorOperators.ADD);
  }
}
