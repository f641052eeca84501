package dev.gamelan.kernels.vector;

import static dev.gamelan.kernels.vector.Lanes.load;
import static dev.gamelan.kernels.vector.Lanes.store;
import static dev.gamelan.kernels.vector.Memory.f32;

import jdk.incubator.vector.FloatVector;

/** What happens to finished sums on their way from scratch memory to C. Strides are in bytes. */
final class Epilogue {
  private Epilogue() {}

  /**
   * C = sums (+ C) (+ bias) (+ addend), in this order, for a tile.
   *
   * @param bias address of the bias of the tile's first column, or 0
   * @param addend address of the addend's element at the tile's origin, or 0; may equal {@code c}
   */
  static void finish(
      int rows,
      int columns,
      long sums,
      long sumsRow,
      long c,
      long cRow,
      boolean accumulate,
      long bias,
      long addend,
      long addendRow) {
    for (int i = 0; i < rows; i++) {
      row(
          columns,
          sums + i * sumsRow,
          c + i * cRow,
          accumulate,
          bias,
          addend == 0 ? 0 : addend + i * addendRow);
    }
  }

  private static void row(
      int columns, long sums, long c, boolean accumulate, long bias, long addend) {
    sums &= Memory.ADDRESS;
    c &= Memory.ADDRESS;
    bias &= Memory.ADDRESS;
    addend &= Memory.ADDRESS;
    int j = 0;
    for (; j <= columns - Lanes.COUNT; j += Lanes.COUNT) {
      long at = j * 4L;
      FloatVector sum = load(sums + at);
      if (accumulate) {
        sum = sum.add(load(c + at));
      }
      if (bias != 0) {
        sum = sum.add(load(bias + at));
      }
      if (addend != 0) {
        sum = sum.add(load(addend + at));
      }
      store(sum, c + at);
    }
    for (; j < columns; j++) {
      long at = j * 4L;
      float sum = f32(sums + at);
      if (accumulate) {
        sum += f32(c + at);
      }
      if (bias != 0) {
        sum += f32(bias + at);
      }
      if (addend != 0) {
        sum += f32(addend + at);
      }
      f32(c + at, sum);
    }
  }
}
