package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.WeightLayout;

/** Adds to the gradient of a head, block by block of the vocabulary, in the head's layout. */
final class VectorHeadLossGradient {
  private final long address;
  private final long stride;
  private final boolean words;
  private final boolean inPlace;
  private final VectorHeadLossPlan plan;

  VectorHeadLossGradient(Tensor dhead, WeightLayout layout, VectorHeadLossPlan plan) {
    address = dhead.address();
    stride = dhead.rowStride() * 4;
    words = layout == WeightLayout.OUT_IN;
    // Kernels write whole panels.
    inPlace = words && plan.d() % Tiling.columns() == 0;
    this.plan = plan;
  }

  /**
   * dW_b += dlogitsᵀ·H.
   *
   * @param dlogits of the block, [words][rows], {@link VectorHeadLossPlan#logitsRow} apart
   * @param hidden panels [d / columns][rows][columns]
   * @param room {@link VectorHeadLossHead#roomBytes}
   * @param zeros a panel's row of zeros
   */
  void add(
      PanelProduct product, int b, int rows, long dlogits, long hidden, long room, long zeros) {
    int count = plan.wordsOf(b);
    int first = b * plan.block();
    long panel = rows * PanelProduct.ROW;
    long step = PanelProduct.ROW;
    if (inPlace) {
      long at = address + first * stride;
      product.run(
          count,
          plan.dPanels(),
          rows,
          dlogits,
          plan.logitsRow(),
          4,
          hidden,
          step,
          panel,
          at,
          stride,
          step,
          at,
          stride,
          step);
      return;
    }
    long row = plan.dRow();
    product.run(
        count,
        plan.dPanels(),
        rows,
        dlogits,
        plan.logitsRow(),
        4,
        hidden,
        step,
        panel,
        zeros,
        0,
        0,
        room,
        row,
        step);
    for (int v = 0; v < count; v++) {
      for (int c = 0; c < plan.d(); c++) {
        long at = address + (words ? (first + v) * stride + c * 4L : c * stride + (first + v) * 4L);
        Memory.f32(at, Memory.f32(at) + Memory.f32(room + v * row + c * 4L));
      }
    }
  }
}
