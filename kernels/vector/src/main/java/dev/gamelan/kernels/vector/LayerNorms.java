package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;

/** Layer norm, a row at a time; see {@link dev.gamelan.tensor.spi.NormKernels}. */
final class LayerNorms implements AutoCloseable {
  private static final long LEAST = 8192;

  private final Workers workers;
  private final Scratch scratch;
  private final Constants constants;
  private final Partials partials;
  private final GrowingScratch results = new GrowingScratch();
  private final Forward forward = new Forward();
  private final Backward backward = new Backward();

  LayerNorms(Workers workers, Scratch scratch, Constants constants, Partials partials) {
    this.workers = workers;
    this.scratch = scratch;
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
      long lanes = scratch.line(worker, 0);
      long to = Math.min(rows, (task + 1) * share);
      for (long row = task * share; row < to; row++) {
        long from = x + row * xStride;
        float centre = Rows.sum(from, columns, lanes) / columns;
        double variance = Rows.squares(from, centre, columns, lanes) / columns;
        float factor = (float) (1 / Math.sqrt(variance + eps));
        Memory.f32(mean + row * meanStep, centre);
        Memory.f32(rstd + row * rstdStep, factor);
        normalise(from, centre, factor, y + row * yStride);
      }
    }

    private void normalise(long from, float centre, float factor, long to) {
      long in = from & Memory.ADDRESS;
      long w = weight & Memory.ADDRESS;
      long b = bias & Memory.ADDRESS;
      long out = to & Memory.ADDRESS;
      int i = 0;
      for (; i <= columns - Lanes.COUNT; i += Lanes.COUNT) {
        long o = 4L * i;
        FloatVector normal = Lanes.load(in + o).sub(centre).mul(factor);
        Lanes.store(normal.fma(Lanes.load(w + o), Lanes.load(b + o)), out + o);
      }
      for (; i < columns; i++) {
        long o = 4L * i;
        float normal = (Memory.f32(in + o) - centre) * factor;
        Memory.f32(out + o, Math.fma(normal, Memory.f32(w + o), Memory.f32(b + o)));
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
      long lanes = scratch.line(worker, 0);
      long dweight = partials.of(task);
      long dbias = dweight + Memory.roundUp(4L * columns, Memory.LINE);
      for (long row = partials.from(task); row < partials.to(task); row++) {
        long in = x + row * xStride;
        long gradient = dy + row * dyStride;
        float centre = Memory.f32(mean + row * meanStep);
        float factor = Memory.f32(rstd + row * rstdStep);
        if (gradients) {
          parameters(gradient, in, centre, factor, dweight, dbias);
        }
        long out = dx + row * dxStride;
        if (accumulate) {
          long result = results.address() + worker * resultBytes;
          input(gradient, in, centre, factor, result, lanes);
          Rows.add(result, out, columns);
        } else {
          input(gradient, in, centre, factor, out, lanes);
        }
      }
    }

    private void parameters(
        long gradient, long in, float centre, float factor, long dweight, long dbias) {
      long g = gradient & Memory.ADDRESS;
      long from = in & Memory.ADDRESS;
      long dw = dweight & Memory.ADDRESS;
      long db = dbias & Memory.ADDRESS;
      int i = 0;
      for (; i <= columns - Lanes.COUNT; i += Lanes.COUNT) {
        long o = 4L * i;
        FloatVector dyi = Lanes.load(g + o);
        FloatVector normal = Lanes.load(from + o).sub(centre).mul(factor);
        Lanes.store(dyi.fma(normal, Lanes.load(dw + o)), dw + o);
        Lanes.store(Lanes.load(db + o).add(dyi), db + o);
      }
      for (; i < columns; i++) {
        long o = 4L * i;
        float dyi = Memory.f32(g + o);
        float normal = (Memory.f32(from + o) - centre) * factor;
        Memory.f32(dw + o, Math.fma(dyi, normal, Memory.f32(dw + o)));
        Memory.f32(db + o, Memory.f32(db + o) + dyi);
      }
    }

    private void input(long gradient, long in, float centre, float factor, long out, long lanes) {
      long g = gradient & Memory.ADDRESS;
      long from = in & Memory.ADDRESS;
      long w = weight & Memory.ADDRESS;
      long to = out & Memory.ADDRESS;
      FloatVector sums = FloatVector.zero(Lanes.SPECIES);
      FloatVector products = FloatVector.zero(Lanes.SPECIES);
      int i = 0;
      for (; i <= columns - Lanes.COUNT; i += Lanes.COUNT) {
        long o = 4L * i;
        FloatVector scaled = Lanes.load(g + o).mul(Lanes.load(w + o));
        sums = sums.add(scaled);
        products = scaled.fma(Lanes.load(from + o).sub(centre).mul(factor), products);
      }
      float sum = Rows.sum(sums, lanes);
      float product = Rows.sum(products, lanes);
      for (; i < columns; i++) {
        long o = 4L * i;
        float scaled = Memory.f32(g + o) * Memory.f32(w + o);
        sum += scaled;
        product = Math.fma(scaled, (Memory.f32(from + o) - centre) * factor, product);
      }
      // dx = rstd·(dy·w − Σ dy·w / n − x̂·Σ dy·w·x̂ / n)
      float shift = -sum / columns;
      float slope = -product / columns;
      FloatVector slopes = FloatVector.broadcast(Lanes.SPECIES, slope);
      for (i = 0; i <= columns - Lanes.COUNT; i += Lanes.COUNT) {
        long o = 4L * i;
        FloatVector normal = Lanes.load(from + o).sub(centre).mul(factor);
        FloatVector scaled = Lanes.load(g + o).mul(Lanes.load(w + o));
        FloatVector result = normal.fma(slopes, scaled.add(shift)).mul(factor);
        Lanes.store(result, to + o);
      }
      for (; i < columns; i++) {
        long o = 4L * i;
        float normal = (Memory.f32(from + o) - centre) * factor;
        float scaled = Memory.f32(g + o) * Memory.f32(w + o);
        float result = Math.fma(normal, slope, scaled + shift) * factor;
        Memory.f32(to + o, result);
      }
    }
  }
}
