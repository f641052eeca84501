package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;
import java.lang.foreign.ValueLayout;

/** Reads i32 operands by absolute address. */
final class Integers {
  private Integers() {}

  /** Element i of the contiguous integers at the address. */
  static int at(long address, long i) {
    return Memory.ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address + i * 4);
  }

  /** An element of an i32 matrix. */
  static int at(Tensor matrix, long row, long column) {
    return at(matrix.address(), row * matrix.rowStride() + column);
  }
}
