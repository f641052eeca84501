package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.random.CounterRandom;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Matrix products in the three orientations of a training step, beside the peak of the machine.
 *
 * <p>{@code gigaflops} is the figure to read: 10^9 operations a second, 2·m·n·k a product. Results
 * are checked against the plain definition before anything is timed.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--add-modules=jdk.incubator.vector",
      "--enable-native-access=ALL-UNNAMED",
      "-Xmx512m"
    })
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GemmBenchmark {
  /** m × n × k as y = x · Wᵀ has them. */
  @Param({
    "512x512x512",
    "1024x1024x1024",
    "2048x2048x2048",
    "2048x128x128",
    "2048x512x128",
    "2048x128x512",
    "2048x1024x384",
    "2048x8192x128",
    "2048x50304x128"
  })
  public String size;

  @Param({"1", "2"})
  public int threads;

  private Workers workers;
  private Gemm gemm;
  private Arena arena;
  private int m;
  private int n;
  private int k;
  private long x;
  private long w;
  private long y;
  private PackedB packed;

  /** Counts operations, so that JMH prints a rate in 10^9 a second. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Rate {
    public double gigaflops;

    @Setup(Level.Iteration)
    public void reset() {
      gigaflops = 0;
    }
  }

  @Setup
  public void open() {
    String[] sizes = size.split("x");
    m = Integer.parseInt(sizes[0]);
    n = Integer.parseInt(sizes[1]);
    k = Integer.parseInt(sizes[2]);
    workers = new Workers(threads);
    gemm = Gemm.on(workers);
    arena = Arena.ofShared();
    x = random((long) m * k, 1);
    w = random((long) n * k, 2);
    y = random((long) m * n, 3);
    packed = PackedB.allocate(arena, k, n);
    gemm.pack(w, 1, k, packed);
    multiply();
    check("forward", m, n, y, k, x, k, 1, w, 1, k);
    multiplyPacked();
    check("packed", m, n, y, k, x, k, 1, w, 1, k);
    inputGradient();
    check("input gradient", m, k, x, n, y, n, 1, w, k, 1);
    weightGradient(false);
    check("weight gradient", n, k, w, m, y, 1, n, x, k, 1);
    System.out.println(MachinePeak.measure(workers));
  }

  @TearDown
  public void close() {
    gemm.close();
    workers.close();
    arena.close();
  }

  @Benchmark
  public void forward(Rate rate) {
    multiply();
    count(rate);
  }

  @Benchmark
  public void forwardPacked(Rate rate) {
    multiplyPacked();
    count(rate);
  }

  @Benchmark
  public void gradientOfInput(Rate rate) {
    inputGradient();
    count(rate);
  }

  @Benchmark
  public void gradientOfWeight(Rate rate) {
    weightGradient(true);
    count(rate);
  }

  private void count(Rate rate) {
    rate.gigaflops += 2e-9 * m * n * k;
  }

  private void multiply() {
    gemm.product(m, n, k, x, k, 1, w, 1, k, y, n, false, 0, 0, 0);
  }

  private void multiplyPacked() {
    gemm.product(m, x, k, 1, packed, y, n, false, 0, 0, 0);
  }

  private void inputGradient() {
    gemm.product(m, k, n, y, n, 1, w, k, 1, x, k, false, 0, 0, 0);
  }

  private void weightGradient(boolean accumulate) {
    gemm.product(n, k, m, y, 1, n, x, k, 1, w, k, accumulate, 0, 0, 0);
  }

  private long random(long floats, long stream) {
    long address = Memory.allocate(arena, floats * 4);
    CounterRandom random = new CounterRandom(20261123, stream);
    for (long i = 0; i < floats; i++) {
      Memory.f32(address + i * 4, (float) random.uniform(i) - 0.5f);
    }
    return address;
  }

  /** Compares a thousand elements with the definition: fma over the depth in rising order. */
  private static void check(
      String what,
      int rows,
      int cols,
      long c,
      int depth,
      long a,
      long aRow,
      long aCol,
      long b,
      long bRow,
      long bCol) {
    CounterRandom place = new CounterRandom(7, 7);
    for (int sample = 0; sample < 1000; sample++) {
      long i = place.below(rows, 2L * sample);
      long j = place.below(cols, 2L * sample + 1);
      float sum = 0;
      for (int p = 0; p < depth; p++) {
        sum =
            Math.fma(
                Memory.f32(a + 4 * (i * aRow + p * aCol)),
                Memory.f32(b + 4 * (p * bRow + j * bCol)),
                sum);
      }
      float got = Memory.f32(c + 4 * (i * cols + j));
      if (Float.floatToIntBits(got) != Float.floatToIntBits(sum)) {
        throw new IllegalStateException(
            "%s: element (%d, %d) is %s, but must be %s".formatted(what, i, j, got, sum));
      }
    }
  }
}
