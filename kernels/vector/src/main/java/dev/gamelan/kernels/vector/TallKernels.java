package dev.gamelan.kernels.vector;

import static dev.gamelan.kernels.vector.Lanes.load;
import static dev.gamelan.kernels.vector.Lanes.splat;
import static dev.gamelan.kernels.vector.Lanes.store;

import jdk.incubator.vector.FloatVector;

/** The kernel for machines with 32 vector registers; contract as in {@link Kernels}. */
final class TallKernels {
  private TallKernels() {}

  /** 12 rows: 24 accumulators. */
  static void twelve(
      int k,
      long a,
      long aRow,
      long aCol,
      long b,
      long bRow,
      long in,
      long inRow,
      long out,
      long outRow) {
    long a0 = a & Memory.ADDRESS;
    aRow &= Memory.STRIDE;
    long a1 = a0 + aRow;
    long a2 = a0 + 2 * aRow;
    long a3 = a0 + 3 * aRow;
    long a4 = a0 + 4 * aRow;
    long a5 = a0 + 5 * aRow;
    long a6 = a0 + 6 * aRow;
    long a7 = a0 + 7 * aRow;
    long a8 = a0 + 8 * aRow;
    long a9 = a0 + 9 * aRow;
    long a10 = a0 + 10 * aRow;
    long a11 = a0 + 11 * aRow;
    aCol &= Memory.STRIDE;
    b &= Memory.ADDRESS;
    bRow &= Memory.STRIDE;
    in &= Memory.ADDRESS;
    out &= Memory.ADDRESS;
    inRow &= Memory.STRIDE;
    outRow &= Memory.STRIDE;
    FloatVector c0x = load(in);
    FloatVector c0y = load(in + Lanes.BYTES);
    FloatVector c1x = load(in + inRow);
    FloatVector c1y = load(in + inRow + Lanes.BYTES);
    FloatVector c2x = load(in + 2 * inRow);
    FloatVector c2y = load(in + 2 * inRow + Lanes.BYTES);
    FloatVector c3x = load(in + 3 * inRow);
    FloatVector c3y = load(in + 3 * inRow + Lanes.BYTES);
    FloatVector c4x = load(in + 4 * inRow);
    FloatVector c4y = load(in + 4 * inRow + Lanes.BYTES);
    FloatVector c5x = load(in + 5 * inRow);
    FloatVector c5y = load(in + 5 * inRow + Lanes.BYTES);
    FloatVector c6x = load(in + 6 * inRow);
    FloatVector c6y = load(in + 6 * inRow + Lanes.BYTES);
    FloatVector c7x = load(in + 7 * inRow);
    FloatVector c7y = load(in + 7 * inRow + Lanes.BYTES);
    FloatVector c8x = load(in + 8 * inRow);
    FloatVector c8y = load(in + 8 * inRow + Lanes.BYTES);
    FloatVector c9x = load(in + 9 * inRow);
    FloatVector c9y = load(in + 9 * inRow + Lanes.BYTES);
    FloatVector c10x = load(in + 10 * inRow);
    FloatVector c10y = load(in + 10 * inRow + Lanes.BYTES);
    FloatVector c11x = load(in + 11 * inRow);
    FloatVector c11y = load(in + 11 * inRow + Lanes.BYTES);
    for (int p = 0; p < k; p++) {
      long bAt = b + p * bRow;
      long aAt = p * aCol;
      FloatVector bx = load(bAt);
      FloatVector by = load(bAt + Lanes.BYTES);
      FloatVector s0 = splat(a0 + aAt);
      c0x = s0.fma(bx, c0x);
      c0y = s0.fma(by, c0y);
      FloatVector s1 = splat(a1 + aAt);
      c1x = s1.fma(bx, c1x);
      c1y = s1.fma(by, c1y);
      FloatVector s2 = splat(a2 + aAt);
      c2x = s2.fma(bx, c2x);
      c2y = s2.fma(by, c2y);
      FloatVector s3 = splat(a3 + aAt);
      c3x = s3.fma(bx, c3x);
      c3y = s3.fma(by, c3y);
      FloatVector s4 = splat(a4 + aAt);
      c4x = s4.fma(bx, c4x);
      c4y = s4.fma(by, c4y);
      FloatVector s5 = splat(a5 + aAt);
      c5x = s5.fma(bx, c5x);
      c5y = s5.fma(by, c5y);
      FloatVector s6 = splat(a6 + aAt);
      c6x = s6.fma(bx, c6x);
      c6y = s6.fma(by, c6y);
      FloatVector s7 = splat(a7 + aAt);
      c7x = s7.fma(bx, c7x);
      c7y = s7.fma(by, c7y);
      FloatVector s8 = splat(a8 + aAt);
      c8x = s8.fma(bx, c8x);
      c8y = s8.fma(by, c8y);
      FloatVector s9 = splat(a9 + aAt);
      c9x = s9.fma(bx, c9x);
      c9y = s9.fma(by, c9y);
      FloatVector s10 = splat(a10 + aAt);
      c10x = s10.fma(bx, c10x);
      c10y = s10.fma(by, c10y);
      FloatVector s11 = splat(a11 + aAt);
      c11x = s11.fma(bx, c11x);
      c11y = s11.fma(by, c11y);
    }
    store(c0x, out);
    store(c0y, out + Lanes.BYTES);
    store(c1x, out + outRow);
    store(c1y, out + outRow + Lanes.BYTES);
    store(c2x, out + 2 * outRow);
    store(c2y, out + 2 * outRow + Lanes.BYTES);
    store(c3x, out + 3 * outRow);
    store(c3y, out + 3 * outRow + Lanes.BYTES);
    store(c4x, out + 4 * outRow);
    store(c4y, out + 4 * outRow + Lanes.BYTES);
    store(c5x, out + 5 * outRow);
    store(c5y, out + 5 * outRow + Lanes.BYTES);
    store(c6x, out + 6 * outRow);
    store(c6y, out + 6 * outRow + Lanes.BYTES);
    store(c7x, out + 7 * outRow);
    store(c7y, out + 7 * outRow + Lanes.BYTES);
    store(c8x, out + 8 * outRow);
    store(c8y, out + 8 * outRow + Lanes.BYTES);
    store(c9x, out + 9 * outRow);
    store(c9y, out + 9 * outRow + Lanes.BYTES);
    store(c10x, out + 10 * outRow);
    store(c10y, out + 10 * outRow + Lanes.BYTES);
    store(c11x, out + 11 * outRow);
    store(c11y, out + 11 * outRow + Lanes.BYTES);
  }
}
