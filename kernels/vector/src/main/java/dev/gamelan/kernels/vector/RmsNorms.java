package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;

/** RMS norm of rows or of equal parts of rows; see {@link dev.gamelan.tensor.spi.NormKernels}. */
final class RmsNorms implements AutoCloseable {
  private static final long LEAST = 8192;

  private final Workers workers;
  private final Scratch scratch;
  private final Constants constants;
  private final Partials partials;
  private final GrowingScratch results = new GrowingScratch();
  private final Forward forward = new Forward();
  private final Backward backward = new Backward();

  RmsNorms(Workers workers, Scratch scratch, Constants constants, Partials partials) {
    this.workers = workers;
    this.scratch = scratch;
    this.constants = constants;
    this.partials = partials;
  }

  void forward(Tensor x, Optional<Tensor> weight, int groups, float eps, Tensor y, Tensor rstd) {
    forward.take(x, weight, groups, eps, y, rstd);
  }

  void backward(
      Tensor dy,
      Tensor x,
      Optional<Tensor> weight,
      int groups,
      Tensor rstd,
      boolean accumulate,
      Tensor dx,
      Optional<Tensor> dweight) {
    backward.take(dy, x, weight, groups, rstd, accumulate, dx, dweight);
  }

  /** Bytes from one row's factors to the next: a tensor of one group may be a vector. */
  private static long rowStep(Tensor rstd, int groups) {
    return groups == 1 ? Gather.step(rstd) : 4 * rstd.rowStride();
  }

  @Override
  public void close() {
    results.close();
  }

  private final class Forward implements Workers.Task {
    private long x;
    private long xStride;
    private long weight;
    private int groups;
    private float eps;
    private long y;
    private long yStride;
    private long rstd;
    private long rstdStride;
    private long rows;
    private int width;
    private long share;

    void take(Tensor x, Optional<Tensor> weight, int groups, float eps, Tensor y, Tensor rstd) {
      rows = x.rows();
      width = Math.toIntExact(x.columns() / groups);
      if (rows == 0 || width == 0) {
        return;
      }
      this.x = x.address();
      xStride = 4 * x.rowStride();
      this.weight = weight.isPresent() ? weight.get().address() : constants.ones(width);
      this.groups = groups;
      this.eps = eps;
      this.y = y.address();
      yStride = 4 * y.rowStride();
      this.rstd = rstd.address();
      rstdStride = rowStep(rstd, groups);
      share = Math.max(1, LEAST / x.columns());
      workers.run((int) ((rows + share - 1) / share), this);
    }

    @Override
    public void run(int task, int worker) {
      long lanes = scratch.line(worker, 0);
      long to = Math.min(rows, (task + 1) * share);
      for (long row = task * share; row < to; row++) {
        for (int group = 0; group < groups; group++) {
          long offset = 4L * group * width;
          long from = x + row * xStride + offset;
          double square = Rows.squares(from, 0, width, lanes) / width;
          float factor = (float) (1 / Math.sqrt(square + eps));
          Memory.f32(rstd + row * rstdStride + 4L * group, factor);
          normalise(from, factor, y + row * yStride + offset);
        }
      }
    }

    private void normalise(long from, float factor, long to) {
      long in = from & Memory.ADDRESS;
      long w = weight & Memory.ADDRESS;
      long out = to & Memory.ADDRESS;
      int i = 0;
      for (; i <= width - Lanes.COUNT; i += Lanes.COUNT) {
        long o = 4L * i;
        Lanes.store(Lanes.load(in + o).mul(factor).mul(Lanes.load(w + o)), out + o);
      }
      for (; i < width; i++) {
        long o = 4L * i;
        Memory.f32(out + o, Memory.f32(in + o) * factor * Memory.f32(w + o));
      }
    }
  }

  private final class Backward implements Workers.Task {
    private long dy;
    private long dyStride;
    private long x;
    private long xStride;
    private long weight;
    private int groups;
    private long rstd;
    private long rstdStride;
    private boolean accumulate;
    private long resultBytes;
    private boolean gradients;
    private long dx;
    private long dxStride;
    private int width;

    void take(
        Tensor dy,
        Tensor x,
        Optional<Tensor> weight,
        int groups,
        Tensor rstd,
        boolean accumulate,
        Tensor dx,
        Optional<Tensor> dweight) {
      width = Math.toIntExact(x.columns() / groups);
      if (x.rows() == 0 || width == 0) {
        return;
      }
      this.dy = dy.address();
      dyStride = 4 * dy.rowStride();
      this.x = x.address();
      xStride = 4 * x.rowStride();
      this.weight = weight.isPresent() ? weight.get().address() : constants.ones(width);
      this.groups = groups;
      this.rstd = rstd.address();
      rstdStride = rowStep(rstd, groups);
      this.accumulate = accumulate;
      resultBytes = Memory.roundUp(4L * width, Memory.LINE);
      results.reserve(resultBytes * workers.threads());
      gradients = dweight.isPresent();
      this.dx = dx.address();
      dxStride = 4 * dx.rowStride();
      partials.begin(x.rows(), gradients ? width : 0);
      if (x.elements() < 2 * LEAST) {
        for (int chunk = 0; chunk < partials.chunks(); chunk++) {
          run(chunk, 0);
        }
      } else {
        workers.run(partials.chunks(), this);
      }
      if (dweight.isPresent()) {
        partials.addTo(dweight.get().address(), 0, width);
      }
    }

    @Override
    public void run(int task, int worker) {
      long lanes = scratch.line(worker, 0);
      long dweight = partials.of(task);
      for (long row = partials.from(task); row < partials.to(task); row++) {
        for (int group = 0; group < groups; group++) {
          long offset = 4L * group * width;
          long in = x + row * xStride + offset;
          long gradient = dy + row * dyStride + offset;
          float factor = Memory.f32(rstd + row * rstdStride + 4L * group);
          if (gradients) {
            parameters(gradient, in, factor, dweight);
          }
          long out = dx + row * dxStride + offset;
          if (accumulate) {
            long result = results.address() + worker * resultBytes;
            input(gradient, in, factor, result, lanes);
            Rows.add(result, out, width);
          } else {
            input(gradient, in, factor, out, lanes);
          }
        }
      }
    }

    private void parameters(long gradient, long in, float factor, long dweight) {
      long g = gradient & Memory.ADDRESS;
      long from = in & Memory.ADDRESS;
      long dw = dweight & Memory.ADDRESS;
      int i = 0;
      for (; i <= width - Lanes.COUNT; i += Lanes.COUNT) {
        long o = 4L * i;
        FloatVector normal = Lanes.load(from + o).mul(factor);
        Lanes.store(normal.fma(Lanes.load(g + o), Lanes.load(dw + o)), dw + o);
      }
      for (; i < width; i++) {
        long o = 4L * i;
        float normal = Memory.f32(from + o) * factor;
        Memory.f32(dw + o, Math.fma(normal, Memory.f32(g + o), Memory.f32(dw + o)));
      }
    }

    private void input(long gradient, long in, float factor, long out, long lanes) {
      long g = gradient & Memory.ADDRESS;
      long from = in & Memory.ADDRESS;
      long w = weight & Memory.ADDRESS;
      long to = out & Memory.ADDRESS;
      FloatVector products = FloatVector.zero(Lanes.SPECIES);
      int i = 0;
      for (; i <= width - Lanes.COUNT; i += Lanes.COUNT) {
        long o = 4L * i;
        FloatVector scaled = Lanes.load(g + o).mul(Lanes.load(w + o));
        products = scaled.fma(Lanes.load(from + o).mul(factor), products);
      }
      float product = Rows.sum(products, lanes);
      for (; i < width; i++) {
        long o = 4L * i;
        float scaled = Memory.f32(g + o) * Memory.f32(w + o);
        product = Math.fma(scaled, Memory.f32(from + o) * factor, product);
      }
      // dx = rstd·(dy·w − x̂·Σ dy·w·x̂ / d)
      float slope = -product / width;
      FloatVector slopes = FloatVector.broadcast(Lanes.SPECIES, slope);
      for (i = 0; i <= width - Lanes.COUNT; i += Lanes.COUNT) {
        long o = 4L * i;
        FloatVector scaled = Lanes.load(g + o).mul(Lanes.load(w + o));
        FloatVector result = Lanes.load(from + o).mul(factor).fma(slopes, scaled).mul(factor);
        Lanes.store(result, to + o);
      }
      for (; i < width; i++) {
        long o = 4L * i;
        float scaled = Memory.f32(g + o) * Memory.f32(w + o);
        float result = Math.fma(Memory.f32(from + o) * factor, slope, scaled) * factor;
        Memory.f32(to + o, result);
      }
    }
  }
}
