package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;
import java.util.Optional;

/** Layer norm, a row at a time; see {@link dev.gamelan.tensor.spi.NormKernels}. */
final class LayerNorms implements AutoCloseable {
  private static final long LEAST = 8192;

  private final Workers workers;
  private final RowSweeps sweeps;
  private final Constants constants;
  private final Partials partials;
  private final GrowingScratch results = new GrowingScratch();
  private final Forward forward = new Forward();
  private final Backward backward = new Backward();

  LayerNorms(Workers workers, RowSweeps sweeps, Constants constants, Partials partials) {
    this.workers = workers;
    this.sweeps = sweeps;
    this.constants = constants;
    this.partials = partials;
  }

  void forward(
      Tensor x,
      Optional<Tensor> weight,
      Optional<Tensor> bias,
      float eps,
      Tensor y,
      Tensor mean,
      Tensor rstd) {
    forward.take(x, weight, bias, eps, y, mean, rstd);
  }

  void backward(
      Tensor dy,
      Tensor x,
      Optional<Tensor> weight,
      Tensor mean,
      Tensor rstd,
      boolean accumulate,
      Tensor dx,
      Optional<Tensor> dweight,
      Optional<Tensor> dbias) {
    backward.take(dy, x, weight, mean, rstd, accumulate, dx, dweight, dbias);
  }

  @Override
  public void close() {
    results.close();
  }

  private final class Forward implements Workers.Task {
    private long x;
    private long xStride;
    private long weight;
    private long bias;
    private float eps;
    private long y;
    private long yStride;
    private long mean;
    private long meanStep;
    private long rstd;
    private long rstdStep;
    private long rows;
    private int columns;
    private long share;

    void take(
        Tensor x,
        Optional<Tensor> weight,
        Optional<Tensor> bias,
        float eps,
        Tensor y,
        Tensor mean,
        Tensor rstd) {
      rows = x.rows();
      columns = Math.toIntExact(x.columns());
      if (rows == 0 || columns == 0) {
        return;
      }
      this.x = x.address();
      xStride = 4 * x.rowStride();
      this.weight = weight.isPresent() ? weight.get().address() : constants.ones(columns);
      this.bias = bias.isPresent() ? bias.get().address() : constants.zeros(columns);
      this.eps = eps;
      this.y = y.address();
      yStride = 4 * y.rowStride();
      this.mean = mean.address();
      meanStep = Gather.step(mean);
      this.rstd = rstd.address();
      rstdStep = Gather.step(rstd);
      share = Math.max(1, LEAST / columns);
      workers.run((int) ((rows + share - 1) / share), this);
    }

    @Override
    public void run(int task, int worker) {
      int n = columns;
      long to = Math.min(rows, (task + 1) * share);
      for (long row = task * share; row < to; row++) {
        long in = x + row * xStride;
        float sum = sweeps.run(NormSweeps::sum, 1, 0, in, 0, 0, 0, n, 0, 0, 0, 0, 0, worker);
        float centre = sum / n;
        float squares =
            sweeps.run(NormSweeps::squares, 1, 0, in, 0, 0, 0, n, centre, centre, 0, 0, 0, worker);
        float factor = (float) (1 / Math.sqrt((double) squares / n + eps));
        Memory.f32(mean + row * meanStep, centre);
        Memory.f32(rstd + row * rstdStep, factor);
        long out = y + row * yStride;
        sweeps.run(
            NormSweeps::normalise, 4, 1, in, weight, bias, out, n, 0, centre, factor, 0, 0, worker);
      }
    }
  }

  private final class Backward implements Workers.Task {
    private long dy;
    private long dyStride;
    private long x;
    private long xStride;
    private long weight;
    private long mean;
    private long meanStep;
    private long rstd;
    private long rstdStep;
    private boolean accumulate;
    private long resultBytes;
    private boolean gradients;
    private long dx;
    private long dxStride;
    private int columns;

    void take(
        Tensor dy,
        Tensor x,
        Optional<Tensor> weight,
        Tensor mean,
        Tensor rstd,
        boolean accumulate,
        Tensor dx,
        Optional<Tensor> dweight,
        Optional<Tensor> dbias) {
      columns = Math.toIntExact(x.columns());
      if (x.rows() == 0 || columns == 0) {
        return;
      }
      this.dy = dy.address();
      dyStride = 4 * dy.rowStride();
      this.x = x.address();
      xStride = 4 * x.rowStride();
      this.weight = weight.isPresent() ? weight.get().address() : constants.ones(columns);
      this.mean = mean.address();
      meanStep = Gather.step(mean);
      this.rstd = rstd.address();
      rstdStep = Gather.step(rstd);
      this.accumulate = accumulate;
      resultBytes = Memory.roundUp(4L * columns, Memory.LINE);
      results.reserve(resultBytes * workers.threads());
      this.dx = dx.address();
      dxStride = 4 * dx.rowStride();
      gradients = dweight.isPresent() || dbias.isPresent();
      long pitch = Memory.roundUp(columns, Memory.LINE / 4);
      partials.begin(x.rows(), gradients ? 2 * pitch : 0);
      if (x.rows() * columns < 2 * LEAST) {
        for (int chunk = 0; chunk < partials.chunks(); chunk++) {
          run(chunk, 0);
        }
      } else {
        workers.run(partials.chunks(), this);
      }
      if (dweight.isPresent()) {
        partials.addTo(dweight.get().address(), 0, columns);
      }
      if (dbias.isPresent()) {
        partials.addTo(dbias.get().address(), pitch, columns);
      }
    }

    @Override
    public void run(int task, int worker) {
      long sums = partials.of(task);
      for (long row = partials.from(task); row < partials.to(task); row++) {
        long in = x + row * xStride;
        long gradient = dy + row * dyStride;
        float centre = Memory.f32(mean + row * meanStep);
        float factor = Memory.f32(rstd + row * rstdStep);
        if (gradients) {
          parameters(gradient, in, centre, factor, sums, worker);
        }
        long out = dx + row * dxStride;
        if (accumulate) {
          long result = results.address() + worker * resultBytes;
          input(gradient, in, centre, factor, result, worker);
          sweeps.run(NormSweeps::add, 2, 1, result, out, 0, 0, columns, 0, 0, 0, 0, 0, worker);
        } else {
          input(gradient, in, centre, factor, out, worker);
        }
      }
    }

    private void parameters(
        long gradient, long in, float centre, float factor, long sums, int worker) {
      int n = columns;
      sweeps.run(
          NormSweeps::weight, 3, 1, gradient, in, sums, 0, n, 0, centre, factor, 0, 0, worker);
      long dbias = sums + Memory.roundUp(4L * n, Memory.LINE);
      sweeps.run(NormSweeps::add, 2, 1, gradient, dbias, 0, 0, n, 0, 0, 0, 0, 0, worker);
    }

    /** dx = rstd·(dy·w − Σ dy·w / n − x̂·Σ dy·w·x̂ / n). */
    private void input(long gradient, long in, float centre, float factor, long out, int worker) {
      int n = columns;
      long w = weight;
      float sum = sweeps.run(NormSweeps::dot, 2, 0, gradient, w, 0, 0, n, 0, 0, 0, 0, 0, worker);
      float product =
          sweeps.run(
              NormSweeps::dotNormal, 3, 0, gradient, w, in, 0, n, 0, centre, factor, 0, 0, worker);
      sweeps.run(
          NormSweeps::input,
          4,
          1,
          gradient,
          w,
          in,
          out,
          n,
          0,
          centre,
          factor,
          -sum / n,
          -product / n,
          worker);
    }
  }
}
