package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.OptimizerKernels.AdamW;
import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Single passes over flat ranges of parameters. */
final class Optimizers {
  /** Elements a task; fixed, so that sums don't depend on the threads. */
  private static final int BLOCK = 1 << 15;

  private static final VectorSpecies<Double> DOUBLES =
      VectorSpecies.of(double.class, Lanes.SPECIES.vectorShape());
  private static final int DOUBLE_COUNT = DOUBLES.length();

  /** As many floats as a vector has doubles. */
  private static final VectorSpecies<Float> NARROW =
      VectorSpecies.of(
          float.class, VectorShape.forBitSize(Lanes.SPECIES.vectorShape().vectorBitSize() / 2));

  private final Workers workers;
  private final Squares squares;
  private final Step step = new Step();

  Optimizers(Workers workers, Scratch scratch) {
    this.workers = workers;
    this.squares = new Squares(scratch);
  }

  double sumOfSquares(Tensor x) {
    return squares.of(x);
  }

  void adamW(Tensor parameters, Tensor gradients, Tensor m, Tensor v, AdamW settings) {
    step.take(parameters, gradients, m, v, settings);
  }

  private final class Squares implements Workers.Task {
    private final Scratch scratch;
    private double[] sums = new double[0];
    private long base;
    private long elements;

    Squares(Scratch scratch) {
      this.scratch = scratch;
    }

    double of(Tensor x) {
      base = x.address();
      elements = x.elements();
      int blocks = Math.toIntExact((elements + BLOCK - 1) / BLOCK);
      if (sums.length < blocks) {
        sums = new double[blocks];
      }
      workers.run(blocks, this);
      double sum = 0;
      for (int i = 0; i < blocks; i++) {
        sum += sums[i];
      }
      return sum;
    }

    @Override
    public void run(int task, int worker) {
      long from = (long) task * BLOCK;
      int n = (int) Math.min(BLOCK, elements - from);
      sums[task] = squares(base + 4 * from, n, scratch.line(worker, 0));
    }
  }

  private static double squares(long address, int n, long lanes) {
    long x = address & Memory.ADDRESS;
    DoubleVector s0 = DoubleVector.zero(DOUBLES);
    DoubleVector s1 = DoubleVector.zero(DOUBLES);
    DoubleVector s2 = DoubleVector.zero(DOUBLES);
    DoubleVector s3 = DoubleVector.zero(DOUBLES);
    int full = n / (4 * DOUBLE_COUNT) * (4 * DOUBLE_COUNT);
    for (int i = 0; i < full; i += 4 * DOUBLE_COUNT) {
      long o = x + 4L * i;
      DoubleVector x0 = loadDoubles(o);
      DoubleVector x1 = loadDoubles(o + 4L * DOUBLE_COUNT);
      DoubleVector x2 = loadDoubles(o + 8L * DOUBLE_COUNT);
      DoubleVector x3 = loadDoubles(o + 12L * DOUBLE_COUNT);
      s0 = x0.fma(x0, s0);
      s1 = x1.fma(x1, s1);
      s2 = x2.fma(x2, s2);
      s3 = x3.fma(x3, s3);
    }
    s0.add(s1).add(s2.add(s3)).intoMemorySegment(Memory.ALL, lanes, ByteOrder.nativeOrder());
    double sum = 0;
    for (int i = 0; i < DOUBLE_COUNT; i++) {
      sum += Memory.ALL.get(java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED, lanes + 8L * i);
    }
    for (int i = full; i < n; i++) {
      double value = Memory.f32(x + 4L * i);
      sum += value * value;
    }
    return sum;
  }

  private static DoubleVector loadDoubles(long address) {
    return (DoubleVector)
        FloatVector.fromMemorySegment(NARROW, Memory.ALL, address, ByteOrder.nativeOrder())
            .convertShape(VectorOperators.F2D, DOUBLES, 0);
  }

  /** The constants of one step, in the order PyTorch applies them. */
  private final class Step implements Workers.Task {
    private long parameters;
    private long gradients;
    private long m;
    private long v;
    private long elements;
    private float decay;
    private float scale;
    private float keep1;
    private float take1;
    private float keep2;
    private float take2;
    private float rate;
    private float correction;
    private float eps;

    void take(Tensor p, Tensor g, Tensor m, Tensor v, AdamW settings) {
      parameters = p.address();
      gradients = g.address();
      this.m = m.address();
      this.v = v.address();
      elements = p.elements();
      double unbias1 = 1 - StrictMath.pow(settings.beta1(), settings.step());
      double unbias2 = 1 - StrictMath.pow(settings.beta2(), settings.step());
      decay = (float) (1 - settings.learningRate() * settings.weightDecay());
      scale = (float) settings.gradientScale();
      keep1 = (float) settings.beta1();
      take1 = (float) (1 - settings.beta1());
      keep2 = (float) settings.beta2();
      take2 = (float) (1 - settings.beta2());
      rate = (float) (-settings.learningRate() / unbias1);
      correction = (float) (1 / Math.sqrt(unbias2));
      eps = (float) settings.eps();
      workers.run(Math.toIntExact((elements + BLOCK - 1) / BLOCK), this);
    }

    @Override
    public void run(int task, int worker) {
      long from = (long) task * BLOCK;
      int n = (int) Math.min(BLOCK, elements - from);
      int full = n / Lanes.COUNT * Lanes.COUNT;
      sweep(from, full);
      for (long i = from + full; i < from + n; i++) {
        single(4 * i);
      }
    }

    private void sweep(long from, int n) {
      long p = parameters + 4 * from & Memory.ADDRESS;
      long g = gradients + 4 * from & Memory.ADDRESS;
      long first = m + 4 * from & Memory.ADDRESS;
      long second = v + 4 * from & Memory.ADDRESS;
      FloatVector vScale = FloatVector.broadcast(Lanes.SPECIES, scale);
      FloatVector vKeep1 = FloatVector.broadcast(Lanes.SPECIES, keep1);
      FloatVector vTake1 = FloatVector.broadcast(Lanes.SPECIES, take1);
      FloatVector vTake2 = FloatVector.broadcast(Lanes.SPECIES, take2);
      FloatVector vKeep2 = FloatVector.broadcast(Lanes.SPECIES, keep2);
      FloatVector vDecay = FloatVector.broadcast(Lanes.SPECIES, decay);
      FloatVector vRate = FloatVector.broadcast(Lanes.SPECIES, rate);
      FloatVector vCorrection = FloatVector.broadcast(Lanes.SPECIES, correction);
      FloatVector vEps = FloatVector.broadcast(Lanes.SPECIES, eps);
      for (int i = 0; i < n; i += Lanes.COUNT) {
        long o = 4L * i;
        FloatVector gradient = Lanes.load(g + o).mul(vScale);
        FloatVector m0 = Lanes.load(first + o);
        FloatVector m1 = gradient.fma(vTake1, m0.mul(vKeep1));
        FloatVector v1 = gradient.mul(vTake2).fma(gradient, Lanes.load(second + o).mul(vKeep2));
        FloatVector divisor = v1.lanewise(VectorOperators.SQRT).fma(vCorrection, vEps);
        Lanes.store(m1, first + o);
        Lanes.store(v1, second + o);
        Lanes.store(m1.div(divisor).fma(vRate, Lanes.load(p + o).mul(vDecay)), p + o);
      }
    }

    /** One element by the same operations, so that its bits don't depend on its place. */
    private void single(long o) {
      float gradient = Memory.f32(gradients + o) * scale;
      float m0 = Memory.f32(m + o);
      float m1 = Math.fma(gradient, take1, m0 * keep1);
      float v1 = Math.fma(gradient * take2, gradient, Memory.f32(v + o) * keep2);
      float divisor = Math.fma((float) Math.sqrt(v1), correction, eps);
      Memory.f32(m + o, m1);
      Memory.f32(v + o, v1);
      Memory.f32(parameters + o, Math.fma(m1 / divisor, rate, Memory.f32(parameters + o) * decay));
    }
  }
}
