package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;
import java.util.Optional;

/** RMS norm of rows or of equal parts of rows; see {@link dev.gamelan.tensor.spi.NormKernels}. */
final class RmsNorms implements AutoCloseable {
  private static final long LEAST = 8192;

  private final Workers workers;
  private final RowSweeps sweeps;
  private final Constants constants;
  private final Partials partials;
  private final GrowingScratch results = new GrowingScratch();
  private final Forward forward = new Forward();
  private final Backward backward = new Backward();

  RmsNorms(Workers workers, RowSweeps sweeps, Constants constants, Partials partials) {
    this.workers = workers;
    this.sweeps = sweeps;
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
      int n = width;
      long to = Math.min(rows, (task + 1) * share);
      for (long row = task * share; row < to; row++) {
        for (int group = 0; group < groups; group++) {
          long offset = 4L * group * n;
          long in = x + row * xStride + offset;
          float squares =
              sweeps.run(NormSweeps::squares, 1, 0, in, 0, 0, 0, n, 0, 0, 0, 0, 0, worker);
          float factor = (float) (1 / Math.sqrt((double) squares / n + eps));
          Memory.f32(rstd + row * rstdStride + 4L * group, factor);
          long out = y + row * yStride + offset;
          sweeps.run(NormSweeps::rescale, 3, 1, in, weight, out, 0, n, 0, 0, factor, 0, 0, worker);
        }
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
      int n = width;
      long dweight = partials.of(task);
      for (long row = partials.from(task); row < partials.to(task); row++) {
        for (int group = 0; group < groups; group++) {
          long offset = 4L * group * n;
          long in = x + row * xStride + offset;
          long gradient = dy + row * dyStride + offset;
          float factor = Memory.f32(rstd + row * rstdStride + 4L * group);
          if (gradients) {
            sweeps.run(
                NormSweeps::weight, 3, 1, gradient, in, dweight, 0, n, 0, 0, factor, 0, 0, worker);
          }
          long out = dx + row * dxStride + offset;
          if (accumulate) {
            long result = results.address() + worker * resultBytes;
            input(gradient, in, factor, result, worker);
            sweeps.run(NormSweeps::add, 2, 1, result, out, 0, 0, n, 0, 0, 0, 0, 0, worker);
          } else {
            input(gradient, in, factor, out, worker);
          }
        }
      }
    }

    /** dx = rstd·(dy·w − x̂·Σ dy·w·x̂ / d). */
    private void input(long gradient, long in, float factor, long out, int worker) {
      int n = width;
      long w = weight;
      float product =
          sweeps.run(
              NormSweeps::dotNormal, 3, 0, gradient, w, in, 0, n, 0, 0, factor, 0, 0, worker);
      float slope = -product / n;
      sweeps.run(NormSweeps::input, 4, 1, gradient, w, in, out, n, 0, 0, factor, 0, slope, worker);
    }
  }
}
