package dev.gamelan.kernels.vector;

import static dev.gamelan.kernels.vector.Lanes.load;
import static dev.gamelan.kernels.vector.Lanes.splat;

import jdk.incubator.vector.FloatVector;

/**
 * Products of a few rows with one panel of {@link Tiling#columns()} columns, two vectors wide.
 *
 * <p>Each kernel computes, for its rows i and its columns j, {@code out(i, j) = in(i, j) + Σ_p A(i,
 * p) · B(p, j)}, adding in rising p with one rounding (FMA) a step; so an element's bits depend
 * neither on the number of rows nor on their kernel. {@code A(i, p)} lies at {@code a + i·aRow +
 * p·aCol}, {@code B(p, j)} at {@code b + p·bRow + 4·j}, {@code in} and {@code out} likewise with
 * {@code inRow} and {@code outRow}: all addresses and strides in bytes, strides from 0 to {@link
 * Memory#STRIDE}. {@code in} and {@code out} may be the same place; {@code in} with a stride of 0
 * may be one row of zeros. Exactly the elements named are read and written.
 *
 * <p>Every accumulator is a local of its own, so that it stays in a register; the loops stay free
 * of bounds checks because all bases are masked (see {@link Memory}). One pointer a row and one
 * multiplied offset a step is the form that C2 keeps free of spills on 16 registers.
 */
final class Kernels {
  private Kernels() {}

  /** The tallest kernel of at most this many rows. */
  static int tallest(int rows) {
    return rows >= 12 ? 12 : rows >= 6 ? 6 : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
  }

  /** Runs the kernel of {@code rows} rows, one that {@link #tallest} names. */
  static void run(
      int rows,
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
    switch (rows) {
      case 12 -> TallKernels.twelve(k, a, aRow, aCol, b, bRow, in, inRow, out, outRow);
      case 6 -> six(k, a, aRow, aCol, b, bRow, in, inRow, out, outRow);
      case 4 -> four(k, a, aRow, aCol, b, bRow, in, inRow, out, outRow);
      case 2 -> two(k, a, aRow, aCol, b, bRow, in, inRow, out, outRow);
      case 1 -> one(k, a, aRow, aCol, b, bRow, in, inRow, out, outRow);
      default -> throw new IllegalArgumentException("no kernel of " + rows + " rows");
    }
  }

  /** 6 rows: 12 accumulators, the best fit for 16 registers. */
  static void six(
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
    }
    c0x.intoMemorySegment(Memory.ALL, out, Lanes.ORDER);
    c0y.intoMemorySegment(Memory.ALL, out + Lanes.BYTES, Lanes.ORDER);
    c1x.intoMemorySegment(Memory.ALL, out + outRow, Lanes.ORDER);
    c1y.intoMemorySegment(Memory.ALL, out + outRow + Lanes.BYTES, Lanes.ORDER);
    c2x.intoMemorySegment(Memory.ALL, out + 2 * outRow, Lanes.ORDER);
    c2y.intoMemorySegment(Memory.ALL, out + 2 * outRow + Lanes.BYTES, Lanes.ORDER);
    c3x.intoMemorySegment(Memory.ALL, out + 3 * outRow, Lanes.ORDER);
    c3y.intoMemorySegment(Memory.ALL, out + 3 * outRow + Lanes.BYTES, Lanes.ORDER);
    c4x.intoMemorySegment(Memory.ALL, out + 4 * outRow, Lanes.ORDER);
    c4y.intoMemorySegment(Memory.ALL, out + 4 * outRow + Lanes.BYTES, Lanes.ORDER);
    c5x.intoMemorySegment(Memory.ALL, out + 5 * outRow, Lanes.ORDER);
    c5y.intoMemorySegment(Memory.ALL, out + 5 * outRow + Lanes.BYTES, Lanes.ORDER);
  }

  /** 4 rows. */
  static void four(
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
    }
    c0x.intoMemorySegment(Memory.ALL, out, Lanes.ORDER);
    c0y.intoMemorySegment(Memory.ALL, out + Lanes.BYTES, Lanes.ORDER);
    c1x.intoMemorySegment(Memory.ALL, out + outRow, Lanes.ORDER);
    c1y.intoMemorySegment(Memory.ALL, out + outRow + Lanes.BYTES, Lanes.ORDER);
    c2x.intoMemorySegment(Memory.ALL, out + 2 * outRow, Lanes.ORDER);
    c2y.intoMemorySegment(Memory.ALL, out + 2 * outRow + Lanes.BYTES, Lanes.ORDER);
    c3x.intoMemorySegment(Memory.ALL, out + 3 * outRow, Lanes.ORDER);
    c3y.intoMemorySegment(Memory.ALL, out + 3 * outRow + Lanes.BYTES, Lanes.ORDER);
  }

  /** 2 rows. */
  static void two(
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
    }
    c0x.intoMemorySegment(Memory.ALL, out, Lanes.ORDER);
    c0y.intoMemorySegment(Memory.ALL, out + Lanes.BYTES, Lanes.ORDER);
    c1x.intoMemorySegment(Memory.ALL, out + outRow, Lanes.ORDER);
    c1y.intoMemorySegment(Memory.ALL, out + outRow + Lanes.BYTES, Lanes.ORDER);
  }

  /** 1 row. */
  static void one(
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
    aCol &= Memory.STRIDE;
    b &= Memory.ADDRESS;
    bRow &= Memory.STRIDE;
    in &= Memory.ADDRESS;
    out &= Memory.ADDRESS;
    FloatVector c0x = load(in);
    FloatVector c0y = load(in + Lanes.BYTES);
    for (int p = 0; p < k; p++) {
      long bAt = b + p * bRow;
      long aAt = p * aCol;
      FloatVector bx = load(bAt);
      FloatVector by = load(bAt + Lanes.BYTES);
      FloatVector s0 = splat(a0 + aAt);
      c0x = s0.fma(bx, c0x);
      c0y = s0.fma(by, c0y);
    }
    c0x.intoMemorySegment(Memory.ALL, out, Lanes.ORDER);
    c0y.intoMemorySegment(Memory.ALL, out + Lanes.BYTES, Lanes.ORDER);
  }
}
