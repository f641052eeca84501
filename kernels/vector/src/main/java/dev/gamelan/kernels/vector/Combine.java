package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;

/** Brings the experts' results back to their rows, weighted. */
final class Combine implements Workers.Task {
  private static final long LEAST = 8192;

  private final Workers workers;
  private final RowSweeps sweeps;
  private boolean backward;
  private boolean accumulate;
  private long x;
  private long xStride;
  private long place;
  private long placeStride;
  private long weights;
  private long weightStride;
  private long y;
  private long yStride;
  private long dx;
  private long dxStride;
  private long dweights;
  private long dweightStride;
  private long rows;
  private int k;
  private int columns;
  private long share;

  Combine(Workers workers, RowSweeps sweeps) {
    this.workers = workers;
    this.sweeps = sweeps;
  }

  void forward(Tensor x, Tensor place, Tensor weights, boolean accumulate, Tensor y) {
    backward = false;
    this.accumulate = accumulate;
    take(x, place, weights, y);
  }

  void backward(Tensor dy, Tensor x, Tensor place, Tensor weights, Tensor dx, Tensor dweights) {
    backward = true;
    this.dx = dx.address();
    dxStride = 4 * dx.rowStride();
    this.dweights = dweights.address();
    dweightStride = 4 * dweights.rowStride();
    take(x, place, weights, dy);
  }

  private void take(Tensor x, Tensor place, Tensor weights, Tensor y) {
    this.x = x.address();
    xStride = 4 * x.rowStride();
    this.place = place.address();
    placeStride = 4 * place.rowStride();
    this.weights = weights.address();
    weightStride = 4 * weights.rowStride();
    this.y = y.address();
    yStride = 4 * y.rowStride();
    rows = y.rows();
    columns = Math.toIntExact(y.columns());
    k = Math.toIntExact(place.columns());
    share = Math.max(1, LEAST / Math.max(1, (long) columns * k));
    workers.run((int) ((rows + share - 1) / share), this);
  }

  @Override
  public void run(int task, int worker) {
    long to = Math.min(rows, (task + 1) * share);
    for (long row = task * share; row < to; row++) {
      long result = y + row * yStride;
      for (int choice = 0; choice < k; choice++) {
        long from = Gather.index(place + row * placeStride + 4L * choice);
        float weight = Memory.f32(weights + row * weightStride + 4L * choice);
        if (backward) {
          Rows.scaled(result, weight, dx + from * dxStride, columns);
          long at = x + from * xStride;
          float dot =
              sweeps.run(NormSweeps::dot, 2, 0, result, at, 0, 0, columns, 0, 0, 0, 0, 0, worker);
          Memory.f32(dweights + row * dweightStride + 4L * choice, dot);
        } else if (choice == 0 && !accumulate) {
          Rows.scaled(x + from * xStride, weight, result, columns);
        } else {
          Rows.addScaled(x + from * xStride, weight, result, columns);
        }
      }
    }
  }
}
