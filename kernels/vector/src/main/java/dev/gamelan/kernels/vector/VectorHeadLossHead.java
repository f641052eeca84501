package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.quant.Blocks;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.WeightLayout;
import java.lang.foreign.ValueLayout;

/**
 * The head of one call and its gradient, block by block of the vocabulary. Whatever its layout and
 * dtype, a block is seen as f32 rows of words.
 */
final class VectorHeadLossHead {
  private final DType dtype;
  private final boolean words;
  private final long address;
  private final long stride;
  private final VectorHeadLossPlan plan;

  VectorHeadLossHead(Packed head, VectorHeadLossPlan plan) {
    Tensor source = head.source();
    dtype = source.dtype();
    if (dtype == DType.I32) {
      throw new IllegalArgumentException(
          "head loss: the head is " + source + "; it must be f32, f16, bf16 or quantized");
    }
    words = head.layout() == WeightLayout.OUT_IN;
    if (dtype.isQuantized() && !words) {
      throw new IllegalArgumentException(
          "head loss: the head is " + source + "; quantized heads must be [vocabulary, d]");
    }
    address = source.address();
    stride = dtype.bytes(source.rowStride());
    this.plan = plan;
  }

  /** Whether blocks can be read where they are. */
  private boolean inPlace() {
    return words && dtype == DType.F32;
  }

  /** Bytes of room that {@link #rows} may need. */
  static long roomBytes(VectorHeadLossPlan plan) {
    return plan.block() * plan.dRow();
  }

  /** The address of block b as rows of words, d floats each; read into {@code room} if need be. */
  long rows(int b, long room) {
    int first = b * plan.block();
    if (inPlace()) {
      return address + first * stride;
    }
    int count = plan.wordsOf(b);
    long row = plan.dRow();
    if (dtype.isQuantized()) {
      for (int v = 0; v < count; v++) {
        Blocks.decode(
            dtype,
            Memory.ALL,
            address + (first + v) * stride,
            Memory.ALL,
            room + v * row,
            plan.d());
      }
    } else if (words) {
      for (int v = 0; v < count; v++) {
        long from = address + (first + v) * stride;
        for (int c = 0; c < plan.d(); c++) {
          Memory.f32(room + v * row + c * 4L, element(from, c));
        }
      }
    } else {
      for (int c = 0; c < plan.d(); c++) {
        long from = address + c * stride;
        for (int v = 0; v < count; v++) {
          Memory.f32(room + v * row + c * 4L, element(from, first + v));
        }
      }
    }
    return room;
  }

  /** Bytes from a row of {@link #rows} to the next. */
  long rowBytes() {
    return inPlace() ? stride : plan.dRow();
  }

  private float element(long row, int i) {
    return switch (dtype) {
      case F32 -> Memory.f32(row + i * 4L);
      case F16 ->
          Float.float16ToFloat(Memory.ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, row + i * 2L));
      case BF16 -> DType.fromBf16(Memory.ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, row + i * 2L));
      case I32, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL ->
          throw new IllegalStateException("a head of " + dtype + " isn't read by elements");
    };
  }
}
