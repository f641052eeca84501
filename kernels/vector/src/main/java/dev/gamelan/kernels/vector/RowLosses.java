package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;

/** Losses over whole rows of logits, and the sigmoid losses. */
final class RowLosses {
  private static final long LEAST = 4096;

  private final Workers workers;
  private final Scratch scratch;
  private final Softmax softmax;
  private final Sweep sweep = new Sweep();

  RowLosses(Workers workers, Scratch scratch, RowSweeps sweeps) {
    this.workers = workers;
    softmax = new Softmax(sweeps);
    this.scratch = scratch;
  }

  void logSoftmaxGather(Tensor logits, Tensor targets, Tensor logProbs) {
    sweep.kind = Kind.GATHER;
    sweep.logits(logits).targets(targets).scalars(logProbs).run();
  }

  void logSoftmaxGatherBackward(
      Tensor dlogProbs, Tensor logits, Tensor targets, boolean accumulate, Tensor dlogits) {
    sweep.kind = Kind.GATHER_BACKWARD;
    sweep.logits(logits).targets(targets).scalars(dlogProbs).out(dlogits, accumulate).run();
  }

  void kl(Tensor logits, Tensor reference, Tensor kl) {
    sweep.kind = Kind.KL;
    sweep.logits(logits).reference(reference).scalars(kl).run();
  }

  void klBackward(Tensor dkl, Tensor logits, Tensor reference, boolean accumulate, Tensor dlogits) {
    sweep.kind = Kind.KL_BACKWARD;
    sweep.logits(logits).reference(reference).scalars(dkl).out(dlogits, accumulate).run();
  }

  /** Few elements, one a comparison: in double, one at a time. */
  static void logSigmoid(Tensor x, Tensor y) {
    for (long row = 0; row < x.rows(); row++) {
      long from = x.address() + 4 * row * x.rowStride();
      long to = y.address() + 4 * row * y.rowStride();
      for (long column = 0; column < x.columns(); column++) {
        double value = Memory.f32(from + 4 * column);
        double softplus = StrictMath.log1p(StrictMath.exp(-Math.abs(value)));
        Memory.f32(to + 4 * column, (float) (Math.min(value, 0) - softplus));
      }
    }
  }

  static void logSigmoidBackward(Tensor x, Tensor dy, boolean accumulate, Tensor dx) {
    for (long row = 0; row < x.rows(); row++) {
      long from = x.address() + 4 * row * x.rowStride();
      long gradient = dy.address() + 4 * row * dy.rowStride();
      long to = dx.address() + 4 * row * dx.rowStride();
      for (long column = 0; column < x.columns(); column++) {
        double slope = 1 / (1 + StrictMath.exp(Memory.f32(from + 4 * column)));
        float result = (float) (slope * Memory.f32(gradient + 4 * column));
        long o = to + 4 * column;
        Memory.f32(o, accumulate ? Memory.f32(o) + result : result);
      }
    }
  }

  private enum Kind {
    GATHER,
    GATHER_BACKWARD,
    KL,
    KL_BACKWARD
  }

  private final class Sweep implements Workers.Task {
    private Kind kind = Kind.GATHER;
    private long logits;
    private long stride;
    private long rows;
    private int columns;
    private long reference;
    private long referenceStride;
    private long targets;
    private long targetStep;
    private long scalars;
    private long scalarStep;
    private long out;
    private long outStride;
    private boolean accumulate;
    private long share;

    Sweep logits(Tensor x) {
      logits = x.address();
      stride = 4 * x.rowStride();
      rows = x.rows();
      columns = Math.toIntExact(x.columns());
      return this;
    }

    Sweep reference(Tensor r) {
      reference = r.address();
      referenceStride = 4 * r.rowStride();
      return this;
    }

    Sweep targets(Tensor ids) {
      targets = ids.address();
      targetStep = Gather.step(ids);
      return this;
    }

    Sweep scalars(Tensor values) {
      scalars = values.address();
      scalarStep = Gather.step(values);
      return this;
    }

    Sweep out(Tensor dx, boolean add) {
      out = dx.address();
      outStride = 4 * dx.rowStride();
      accumulate = add;
      return this;
    }

    void run() {
      share = Math.max(1, LEAST / Math.max(1, columns));
      workers.run((int) ((rows + share - 1) / share), this);
    }

    @Override
    public void run(int task, int worker) {
      long to = Math.min(rows, (task + 1) * share);
      for (long row = task * share; row < to; row++) {
        long x = logits + row * stride;
        long scalar = scalars + row * scalarStep;
        switch (kind) {
          case GATHER -> gather(x, row, scalar, worker);
          case GATHER_BACKWARD -> gatherBackward(x, row, Memory.f32(scalar), worker);
          case KL -> Memory.f32(scalar, kl(x, row, worker));
          case KL_BACKWARD -> klBackward(x, row, Memory.f32(scalar), worker);
        }
      }
    }

    private void gather(long x, long row, long scalar, int worker) {
      int target = Gather.index(targets + row * targetStep);
      Memory.f32(
          scalar,
          target < 0
              ? 0
              : (float) (Memory.f32(x + 4L * target) - softmax.logSumExp(x, columns, worker)));
    }

    private void gatherBackward(long x, long row, float gradient, int worker) {
      int target = Gather.index(targets + row * targetStep);
      long dx = out + row * outStride;
      if (target >= 0) {
        float lse = (float) softmax.logSumExp(x, columns, worker);
        for (int done = 0; done < columns; done += Scratch.BLOCK) {
          int n = Math.min(Scratch.BLOCK, columns - done);
          long to = accumulate ? scratch.block(worker) : dx + 4L * done;
          softmax.probabilities(x + 4L * done, lse, -gradient, n, to, worker);
          addBlock(to, dx + 4L * done, n);
        }
        Memory.f32(dx + 4L * target, Memory.f32(dx + 4L * target) + gradient);
      } else if (!accumulate) {
        Memory.zero(dx, 4L * columns);
      }
    }

    private void addBlock(long from, long dx, int n) {
      if (accumulate) {
        Rows.add(from, dx, n);
      }
    }

    private float kl(long x, long row, int worker) {
      long r = reference + row * referenceStride;
      double lse = softmax.logSumExp(x, columns, worker);
      double other = softmax.logSumExp(r, columns, worker);
      return softmax.kl(x, r, (float) lse, (float) (lse - other), columns, worker);
    }

    private void klBackward(long x, long row, float gradient, int worker) {
      long r = reference + row * referenceStride;
      double exact = softmax.logSumExp(x, columns, worker);
      float lse = (float) exact;
      float difference = (float) (exact - softmax.logSumExp(r, columns, worker));
      float kl = softmax.kl(x, r, lse, difference, columns, worker);
      long dx = out + row * outStride;
      for (int done = 0; done < columns; done += Scratch.BLOCK) {
        int n = Math.min(Scratch.BLOCK, columns - done);
        long o = 4L * done;
        long to = accumulate ? scratch.block(worker) : dx + o;
        softmax.klSlopes(x + o, r + o, lse, difference, kl, gradient, n, to, worker);
        addBlock(to, dx + o, n);
      }
    }
  }
}
