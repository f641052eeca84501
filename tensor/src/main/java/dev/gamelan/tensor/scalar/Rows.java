package dev.gamelan.tensor.scalar;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.ComputeMode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Rows and vectors of tensors as doubles, and back with one rounding. */
final class Rows {
  private Rows() {}

  /** One row. */
  static double[] read(Tensor x, long row) {
    double[] values = new double[Math.toIntExact(x.columns())];
    long base = row * x.rowStride();
    if (x.dtype() == DType.F32) {
      MemorySegment segment = x.segment();
      for (int c = 0; c < values.length; c++) {
        values[c] = segment.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, base + c);
      }
    } else if (x.dtype().isQuantized()) {
      float[] floats = new float[values.length];
      x.readRow(row, floats);
      for (int c = 0; c < values.length; c++) {
        values[c] = floats[c];
      }
    } else {
      for (int c = 0; c < values.length; c++) {
        values[c] = x.get(row, c);
      }
    }
    return values;
  }

  /** All rows. */
  static double[][] read(Tensor x) {
    double[][] rows = new double[Math.toIntExact(x.rows())][];
    for (int r = 0; r < rows.length; r++) {
      rows[r] = read(x, r);
    }
    return rows;
  }

  /** One column. */
  static double[] readColumn(Tensor x, long column) {
    double[] values = new double[Math.toIntExact(x.rows())];
    for (int r = 0; r < values.length; r++) {
      values[r] = x.get(r, column);
    }
    return values;
  }

  /** All elements, row after row: [n] and [n, 1] alike. */
  static double[] readAll(Tensor x) {
    int columns = Math.toIntExact(x.columns());
    double[] values = new double[Math.toIntExact(x.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = x.get(i / columns, i % columns);
    }
    return values;
  }

  static void write(Tensor y, long row, double[] values) {
    write(y, row, values, false);
  }

  /** Writes or adds one row; the sum is rounded once. */
  static void write(Tensor y, long row, double[] values, boolean accumulate) {
    if (y.dtype() == DType.F32) {
      MemorySegment segment = y.segment();
      long base = row * y.rowStride();
      for (int c = 0; c < values.length; c++) {
        double old =
            accumulate ? segment.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, base + c) : 0;
        double sum = accumulate ? old + values[c] : values[c];
        segment.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, base + c, (float) sum);
      }
    } else {
      for (int c = 0; c < values.length; c++) {
        double sum = accumulate ? y.get(row, c) + values[c] : values[c];
        y.set(row, c, (float) sum);
      }
    }
  }

  /** Adds to a column. */
  static void addToColumn(Tensor y, long column, double[] values) {
    for (int r = 0; r < values.length; r++) {
      y.set(r, column, (float) (y.get(r, column) + values[r]));
    }
  }

  /** Writes or adds all elements, row after row: [n] and [n, 1] alike. */
  static void writeAll(Tensor y, double[] values, boolean accumulate) {
    int columns = Math.toIntExact(y.columns());
    for (int i = 0; i < values.length; i++) {
      double old = accumulate ? y.get(i / columns, i % columns) : 0;
      double sum = accumulate ? old + values[i] : values[i];
      y.set(i / columns, i % columns, (float) sum);
    }
  }

  /** One row of a product's operand, rounded to what the mode multiplies. */
  static double[] operand(Tensor x, long row, ComputeMode mode) {
    return round(read(x, row), mode);
  }

  /** All rows of a product's operand. */
  static double[][] operand(Tensor x, ComputeMode mode) {
    double[][] rows = read(x);
    for (double[] row : rows) {
      round(row, mode);
    }
    return rows;
  }

  /** Rounds in place to what the mode multiplies. */
  static double[] round(double[] row, ComputeMode mode) {
    switch (mode) {
      case F32 -> {}
      case BF16 -> {
        for (int i = 0; i < row.length; i++) {
          row[i] = DType.fromBf16(DType.toBf16((float) row[i]));
        }
      }
    }
    return row;
  }

  /** Σ aᵢ·bᵢ. */
  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** sum += scale·x. */
  static void addScaled(double[] sum, double scale, double[] x) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += scale * x[i];
    }
  }
}
