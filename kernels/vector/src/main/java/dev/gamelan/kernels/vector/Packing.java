package dev.gamelan.kernels.vector;

import static dev.gamelan.kernels.vector.Lanes.load;
import static dev.gamelan.kernels.vector.Lanes.store;
import static dev.gamelan.kernels.vector.Memory.f32;

/** Copies operands into the order in which kernels read them. Strides are in bytes. */
final class Packing {
  private static final int COLUMNS = Tiling.columns();
  private static final long ROW = COLUMNS * 4L;

  private Packing() {}

  /**
   * Packs columns {@code 0} to {@code n - 1} of B into panels {@code [⌈n / columns⌉][k][columns]},
   * the last one filled up with zeros.
   */
  static void columns(int k, int n, long b, long bRow, long bCol, long to) {
    long panel = k * ROW;
    int full = n / COLUMNS;
    if (bCol == 4) {
      for (int p = 0; p < k; p++) {
        copyRow(full, b + p * bRow, to + p * ROW, panel);
      }
    } else if (bRow == 4) {
      for (int q = 0; q < full; q++) {
        transposePanel(k, b + (long) q * COLUMNS * bCol, bCol, to + q * panel);
      }
    } else {
      for (int q = 0; q < full; q++) {
        gatherPanel(k, COLUMNS, b + (long) q * COLUMNS * bCol, bRow, bCol, to + q * panel);
      }
    }
    if (full * COLUMNS < n) {
      int rest = n - full * COLUMNS;
      gatherPanel(k, rest, b + (long) full * COLUMNS * bCol, bRow, bCol, to + full * panel);
    }
  }

  private static void copyRow(int panels, long from, long to, long panel) {
    from &= Memory.ADDRESS;
    to &= Memory.ADDRESS;
    panel &= Memory.STRIDE;
    for (int q = 0; q < panels; q++) {
      store(load(from + q * ROW), to + q * panel);
      store(load(from + q * ROW + Lanes.BYTES), to + q * panel + Lanes.BYTES);
    }
  }

  private static void transposePanel(int k, long b, long bCol, long to) {
    to &= Memory.ADDRESS;
    // Four columns at a time: their cache lines are still there at the next step along k.
    for (int j = 0; j < COLUMNS; j += 4) {
      long b0 = b + j * bCol & Memory.ADDRESS;
      long b1 = b0 + bCol & Memory.ADDRESS;
      long b2 = b1 + bCol & Memory.ADDRESS;
      long b3 = b2 + bCol & Memory.ADDRESS;
      long at = to + j * 4L & Memory.ADDRESS;
      for (int p = 0; p < k; p++) {
        f32(at + p * ROW, f32(b0 + p * 4L));
        f32(at + p * ROW + 4, f32(b1 + p * 4L));
        f32(at + p * ROW + 8, f32(b2 + p * 4L));
        f32(at + p * ROW + 12, f32(b3 + p * 4L));
      }
    }
  }

  private static void gatherPanel(int k, int columns, long b, long bRow, long bCol, long to) {
    for (int p = 0; p < k; p++) {
      long row = to + p * ROW;
      for (int j = 0; j < columns; j++) {
        f32(row + j * 4L, f32(b + p * bRow + j * bCol));
      }
      for (int j = columns; j < COLUMNS; j++) {
        f32(row + j * 4L, 0);
      }
    }
  }

  /**
   * Packs {@code m} rows of an A whose rows lie side by side (a stride of 4 bytes) into groups
   * {@code [k][tall]}, {@link #groupBytes} apart.
   *
   * @param readable rows of A from the first on, at least m
   */
  static void transposedRows(int m, int readable, int k, int tall, long a, long aCol, long to) {
    long group = groupBytes(k, tall);
    int vectors = vectors(tall);
    // A copy of whole vectors writes beyond its group's rows, where the next step along k writes
    // anyway; but it may read only what A has.
    int reach = vectors * Lanes.COUNT;
    int whole = readable < reach ? 0 : Math.min(m / tall, (readable - reach) / tall + 1);
    int g = 0;
    if (vectors == 1) {
      for (; g <= whole - 4; g += 4) {
        copyFourGroups(k, tall * 4L, a + g * tall * 4L, aCol, to + g * group, group);
      }
    }
    for (; g < whole; g++) {
      copyGroup(k, vectors, tall * 4L, a + g * tall * 4L, aCol, to + g * group);
    }
    for (; g * tall < m; g++) {
      int rows = Math.min(tall, m - g * tall);
      gatherGroup(k, rows, tall * 4L, a + g * tall * 4L, aCol, to + g * group);
    }
  }

  /** Bytes from a group of {@link #transposedRows} to the next. */
  static long groupBytes(int k, int tall) {
    return 4L * k * tall + vectors(tall) * Lanes.BYTES;
  }

  private static int vectors(int tall) {
    return (tall + Lanes.COUNT - 1) / Lanes.COUNT;
  }

  private static void copyFourGroups(int k, long tall, long a, long aCol, long to, long group) {
    tall &= Memory.STRIDE;
    aCol &= Memory.STRIDE;
    group &= Memory.STRIDE;
    long from = a & Memory.ADDRESS;
    long to0 = to & Memory.ADDRESS;
    long to1 = to0 + group;
    long to2 = to1 + group;
    long to3 = to2 + group;
    for (int p = 0; p < k; p++) {
      long read = from + p * aCol;
      long write = p * tall;
      store(load(read), to0 + write);
      store(load(read + tall), to1 + write);
      store(load(read + 2 * tall), to2 + write);
      store(load(read + 3 * tall), to3 + write);
    }
  }

  private static void copyGroup(int k, int vectors, long tall, long a, long aCol, long to) {
    a &= Memory.ADDRESS;
    to &= Memory.ADDRESS;
    tall &= Memory.STRIDE;
    aCol &= Memory.STRIDE;
    for (int p = 0; p < k; p++) {
      store(load(a + p * aCol), to + p * tall);
      for (int v = 1; v < vectors; v++) {
        store(load(a + p * aCol + v * Lanes.BYTES), to + p * tall + v * Lanes.BYTES);
      }
    }
  }

  private static void gatherGroup(int k, int rows, long tall, long a, long aCol, long to) {
    for (int p = 0; p < k; p++) {
      for (int i = 0; i < rows; i++) {
        f32(to + p * tall + i * 4L, f32(a + p * aCol + i * 4L));
      }
    }
  }
}
