package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;

/** Rows, each times the sigmoid of its gate. */
final class RowGates implements Workers.Task {
  private static final long LEAST = 8192;

  private final Workers workers;
  private final RowSweeps sweeps;
  private boolean backward;
  private long gate;
  private long gateStride;
  private long x;
  private long xStride;
  private long y;
  private long yStride;
  private long dgate;
  private long dgateStride;
  private long dx;
  private long dxStride;
  private long rows;
  private int columns;
  private long share;

  RowGates(Workers workers, RowSweeps sweeps) {
    this.workers = workers;
    this.sweeps = sweeps;
  }

  void forward(Tensor gate, Tensor x, Tensor y) {
    backward = false;
    take(gate, x, y);
  }

  void backward(Tensor gate, Tensor x, Tensor dy, Tensor dgate, Tensor dx) {
    backward = true;
    this.dgate = dgate.address();
    dgateStride = 4 * dgate.rowStride();
    this.dx = dx.address();
    dxStride = 4 * dx.rowStride();
    take(gate, x, dy);
  }

  private void take(Tensor gate, Tensor x, Tensor y) {
    this.gate = gate.address();
    gateStride = 4 * gate.rowStride();
    this.x = x.address();
    xStride = 4 * x.rowStride();
    this.y = y.address();
    yStride = 4 * y.rowStride();
    rows = x.rows();
    columns = Math.toIntExact(x.columns());
    share = Math.max(1, LEAST / Math.max(1, columns));
    workers.run((int) ((rows + share - 1) / share), this);
  }

  @Override
  public void run(int task, int worker) {
    long to = Math.min(rows, (task + 1) * share);
    for (long row = task * share; row < to; row++) {
      double weight = 1 / (1 + Math.exp(-Memory.f32(gate + row * gateStride)));
      long in = x + row * xStride;
      long out = y + row * yStride;
      if (backward) {
        float dot =
            sweeps.run(NormSweeps::dot, 2, 0, out, in, 0, 0, columns, 0, 0, 0, 0, 0, worker);
        Rows.scaled(out, (float) weight, dx + row * dxStride, columns);
        Memory.f32(dgate + row * dgateStride, (float) (weight * (1 - weight) * dot));
      } else {
        Rows.scaled(in, (float) weight, out, columns);
      }
    }
  }
}
