package dev.gamelan.kernels.vector;

import static dev.gamelan.kernels.vector.Lanes.load;
import static dev.gamelan.kernels.vector.Lanes.splat;
import static dev.gamelan.kernels.vector.Lanes.store;

import jdk.incubator.vector.FloatVector;

/**
 * Products of one or two rows with several panels at once: enough accumulators to hide the latency
 * of FMA and enough streams to draw on the whole bandwidth of memory. Contract as in {@link
 * Kernels}; panel q of B lies {@code q·bPanel} bytes further, its results {@code q·outPanel}.
 */
final class WideKernels {
  private WideKernels() {}

  /** 1 row and 4 panels. */
  static void onceFour(
      int k,
      long a,
      long aCol,
      long b,
      long bRow,
      long bPanel,
      long in,
      long inPanel,
      long out,
      long outPanel) {
    long a0 = a & Memory.ADDRESS;
    aCol &= Memory.STRIDE;
    bRow &= Memory.STRIDE;
    bPanel &= Memory.OFFSET;
    long b0 = b & Memory.ADDRESS;
    long b1 = b0 + bPanel;
    long b2 = b1 + bPanel;
    long b3 = b2 + bPanel;
    FloatVector c00x = load(in);
    FloatVector c00y = load(in + Lanes.BYTES);
    FloatVector c01x = load(in + inPanel);
    FloatVector c01y = load(in + inPanel + Lanes.BYTES);
    FloatVector c02x = load(in + 2 * inPanel);
    FloatVector c02y = load(in + 2 * inPanel + Lanes.BYTES);
    FloatVector c03x = load(in + 3 * inPanel);
    FloatVector c03y = load(in + 3 * inPanel + Lanes.BYTES);
    for (int p = 0; p < k; p++) {
      long bAt = p * bRow;
      long aAt = p * aCol;
      FloatVector s0 = splat(a0 + aAt);
      FloatVector b0x = load(b0 + bAt);
      FloatVector b0y = load(b0 + bAt + Lanes.BYTES);
      c00x = s0.fma(b0x, c00x);
      c00y = s0.fma(b0y, c00y);
      FloatVector b1x = load(b1 + bAt);
      FloatVector b1y = load(b1 + bAt + Lanes.BYTES);
      c01x = s0.fma(b1x, c01x);
      c01y = s0.fma(b1y, c01y);
      FloatVector b2x = load(b2 + bAt);
      FloatVector b2y = load(b2 + bAt + Lanes.BYTES);
      c02x = s0.fma(b2x, c02x);
      c02y = s0.fma(b2y, c02y);
      FloatVector b3x = load(b3 + bAt);
      FloatVector b3y = load(b3 + bAt + Lanes.BYTES);
      c03x = s0.fma(b3x, c03x);
      c03y = s0.fma(b3y, c03y);
    }
    store(c00x, out);
    store(c00y, out + Lanes.BYTES);
    store(c01x, out + outPanel);
    store(c01y, out + outPanel + Lanes.BYTES);
    store(c02x, out + 2 * outPanel);
    store(c02y, out + 2 * outPanel + Lanes.BYTES);
    store(c03x, out + 3 * outPanel);
    store(c03y, out + 3 * outPanel + Lanes.BYTES);
  }

  /** 2 rows and 2 panels. */
  static void twiceTwo(
      int k,
      long a,
      long aRow,
      long aCol,
      long b,
      long bRow,
      long bPanel,
      long in,
      long inPanel,
      long inRow,
      long out,
      long outPanel,
      long outRow) {
    long a0 = a & Memory.ADDRESS;
    long a1 = a0 + (aRow & Memory.STRIDE);
    aCol &= Memory.STRIDE;
    bRow &= Memory.STRIDE;
    bPanel &= Memory.OFFSET;
    long b0 = b & Memory.ADDRESS;
    long b1 = b0 + bPanel;
    FloatVector c00x = load(in);
    FloatVector c00y = load(in + Lanes.BYTES);
    FloatVector c10x = load(in + inRow);
    FloatVector c10y = load(in + inRow + Lanes.BYTES);
    FloatVector c01x = load(in + inPanel);
    FloatVector c01y = load(in + inPanel + Lanes.BYTES);
    FloatVector c11x = load(in + inPanel + inRow);
    FloatVector c11y = load(in + inPanel + inRow + Lanes.BYTES);
    for (int p = 0; p < k; p++) {
      long bAt = p * bRow;
      long aAt = p * aCol;
      FloatVector s0 = splat(a0 + aAt);
      FloatVector s1 = splat(a1 + aAt);
      FloatVector b0x = load(b0 + bAt);
      FloatVector b0y = load(b0 + bAt + Lanes.BYTES);
      c00x = s0.fma(b0x, c00x);
      c00y = s0.fma(b0y, c00y);
      c10x = s1.fma(b0x, c10x);
      c10y = s1.fma(b0y, c10y);
      FloatVector b1x = load(b1 + bAt);
      FloatVector b1y = load(b1 + bAt + Lanes.BYTES);
      c01x = s0.fma(b1x, c01x);
      c01y = s0.fma(b1y, c01y);
      c11x = s1.fma(b1x, c11x);
      c11y = s1.fma(b1y, c11y);
    }
    store(c00x, out);
    store(c00y, out + Lanes.BYTES);
    store(c10x, out + outRow);
    store(c10y, out + outRow + Lanes.BYTES);
    store(c01x, out + outPanel);
    store(c01y, out + outPanel + Lanes.BYTES);
    store(c11x, out + outPanel + outRow);
    store(c11y, out + outPanel + outRow + Lanes.BYTES);
  }
}
