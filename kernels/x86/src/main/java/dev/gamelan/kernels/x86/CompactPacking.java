package dev.gamelan.kernels.x86;

import dev.gamelan.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Fills panels in the layout of a {@link CompactFormat}. */
final class CompactPacking {
  @SuppressWarnings("restricted")
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private final int width;

  /**
   * @param width columns of a panel
   */
  CompactPacking(int width) {
    this.width = width;
  }

  /** {@code [k][columns]} of 16 bits. */
  void halves(int columns, int k, long from, long row, long step, long to) {
    for (int p = 0; p < k; p++) {
      long line = to + 2L * width * p;
      for (int c = 0; c < width; c++) {
        short value =
            c < columns ? ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, from + c * row + p * step) : 0;
        ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, line + 2L * c, value);
      }
    }
  }

  void blocks(
      CompactFormat.Blocks format, DType dtype, int columns, int k, long from, long row, long to) {
    WeightRows weights = new WeightRows(dtype, k, ALL);
    for (int c = 0; c < columns; c++) {
      weights.read(from + c * row);
      for (int u = 0; u < k / format.unit(); u++) {
        unit(format, weights, c, u, to + (long) u * format.unitBytes(width));
      }
    }
  }

  private void unit(CompactFormat.Blocks format, WeightRows weights, int c, int u, long to) {
    long chunk = to + format.headerBytes(width);
    long halves = format.nested() ? to : chunk;
    putHalf(halves + 2L * c, weights.scales[u]);
    if (format.minimum()) {
      putHalf(halves + 2L * (width + c), weights.minima[u]);
    }
    for (int i = 0; i < format.chunks(); i++, chunk += format.chunkBytes(width)) {
      int first = u * format.unit() + i * CompactFormat.Blocks.CHUNK;
      if (format.nested()) {
        for (int g = 0; g < format.groups(); g++) {
          int index = first / format.group() + g;
          long at = chunk + (long) g * width + c;
          put(at, weights.smallScales[index]);
          if (format.minimum()) {
            put(at + format.minimumOffset(width), weights.smallMinima[index]);
          }
        }
      }
      planes(weights.levels, first, 0, format.lowBits(), chunk + format.lowOffset(width), c);
      if (format.highBits() > 0) {
        long high = chunk + format.highOffset(width);
        planes(weights.levels, first, format.lowBits(), format.highBits(), high, c);
      }
    }
  }

  /** Bits {@code shift} to {@code shift + bits - 1} of a chunk's integers into a column's words. */
  private void planes(byte[] levels, int first, int shift, int bits, long to, int c) {
    int fields = 32 / bits;
    for (int word = 0; word < bits; word++) {
      int value = 0;
      for (int f = 0; f < fields; f++) {
        int level = (levels[first + word * fields + f] & 0xFF) >> shift & (1 << bits) - 1;
        value |= level << f * bits;
      }
      ALL.set(ValueLayout.JAVA_INT_UNALIGNED, to + 4L * (word * width + c), value);
    }
  }

  private static void putHalf(long at, short value) {
    ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, value);
  }

  private static void put(long at, byte value) {
    ALL.set(ValueLayout.JAVA_BYTE, at, value);
  }
}
