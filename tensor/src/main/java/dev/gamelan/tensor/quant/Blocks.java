package dev.gamelan.tensor.quant;

import dev.gamelan.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The meaning of quantized blocks: {@link #decode} is their definition, every backend agrees with
 * it to the bit. The layouts are those of ggml (llama.cpp, {@code ggml-common.h}), little-endian.
 */
public final class Blocks {
  static final ValueLayout.OfShort HALF =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(java.nio.ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(java.nio.ByteOrder.LITTLE_ENDIAN);

  private Blocks() {}

  /**
   * Turns whole blocks into floats.
   *
   * @param dtype a quantized type
   * @param at byte in {@code from} where the first block begins
   * @param toAt byte in {@code to} where the first float goes
   * @param elements a multiple of the block
   * @throws IllegalArgumentException if the type isn't quantized or blocks are cut
   */
  public static void decode(
      DType dtype, MemorySegment from, long at, MemorySegment to, long toAt, long elements) {
    long end = at + dtype.bytes(elements);
    int bytes = dtype.bytesPerBlock();
    int step = 4 * dtype.elementsPerBlock();
    switch (dtype) {
      case Q4_0 -> {
        for (long b = at, y = toAt; b < end; b += bytes, y += step) {
          SmallBlocks.q4(from, b + 2, half(from, b), 8, to, y);
        }
      }
      case Q4_1 -> {
        for (long b = at, y = toAt; b < end; b += bytes, y += step) {
          SmallBlocks.q4WithMinimum(from, b + 4, half(from, b), half(from, b + 2), to, y);
        }
      }
      case Q5_0 -> {
        for (long b = at, y = toAt; b < end; b += bytes, y += step) {
          SmallBlocks.q5(from, b + 2, half(from, b), 16, -0f, to, y);
        }
      }
      case Q5_1 -> {
        for (long b = at, y = toAt; b < end; b += bytes, y += step) {
          SmallBlocks.q5(from, b + 4, half(from, b), 0, half(from, b + 2), to, y);
        }
      }
      case Q8_0 -> {
        for (long b = at, y = toAt; b < end; b += bytes, y += step) {
          SmallBlocks.q8(from, b + 2, half(from, b), to, y);
        }
      }
      case IQ4_NL -> {
        for (long b = at, y = toAt; b < end; b += bytes, y += step) {
          SmallBlocks.steps(from, b + 2, half(from, b), to, y);
        }
      }
      case Q2_K -> {
        for (long b = at, y = toAt; b < end; b += bytes, y += step) {
          SuperBlocks.q2(from, b, to, y);
        }
      }
      case Q3_K -> {
        for (long b = at, y = toAt; b < end; b += bytes, y += step) {
          SuperBlocks.q3(from, b, to, y);
        }
      }
      case Q4_K -> {
        for (long b = at, y = toAt; b < end; b += bytes, y += step) {
          SuperBlocks.q4(from, b, to, y);
        }
      }
      case Q5_K -> {
        for (long b = at, y = toAt; b < end; b += bytes, y += step) {
          SuperBlocks.q5(from, b, to, y);
        }
      }
      case Q6_K -> {
        for (long b = at, y = toAt; b < end; b += bytes, y += step) {
          SuperBlocks.q6(from, b, to, y);
        }
      }
      case F32, F16, BF16, I32 ->
          throw new IllegalArgumentException("decode blocks: " + dtype + " has no blocks");
    }
  }

  /** Whether {@link #encode} writes this type. */
  public static boolean encodes(DType dtype) {
    return switch (dtype) {
      case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K -> true;
      case F32, F16, BF16, I32, Q2_K, Q3_K, IQ4_NL -> false;
    };
  }

  /**
   * Turns floats into whole blocks, the same bytes as ggml's reference quantizers make of them.
   *
   * @param dtype one that {@link #encodes}
   * @param from its first {@code elements} are read; they must be finite
   * @param elements a multiple of the block
   * @param at byte in {@code to} where the first block goes
   * @throws IllegalArgumentException if the type isn't written, blocks are cut, or a value is not
   *     finite or too large for the half-precision scale of its block
   */
  public static void encode(DType dtype, float[] from, int elements, MemorySegment to, long at) {
    if (!encodes(dtype)) {
      throw new IllegalArgumentException(
          "encode blocks: "
              + dtype
              + " is not written; Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K and Q6_K are");
    }
    dtype.bytes(elements);
    SuperBlockEncoder large = new SuperBlockEncoder();
    int size = dtype.elementsPerBlock();
    for (int i = 0; i < elements; i += size) {
      long block = at + (long) i / size * dtype.bytesPerBlock();
      switch (dtype) {
        case Q4_0 -> BlockEncoder.q4(from, i, to, block);
        case Q4_1 -> BlockEncoder.q4WithMinimum(from, i, to, block);
        case Q5_0 -> BlockEncoder.q5(from, i, to, block);
        case Q5_1 -> BlockEncoder.q5WithMinimum(from, i, to, block);
        case Q8_0 -> BlockEncoder.q8(from, i, to, block);
        case Q4_K -> large.q4(from, i, to, block);
        case Q5_K -> large.q5(from, i, to, block);
        case Q6_K -> large.q6(from, i, to, block);
        case F32, F16, BF16, I32, Q2_K, Q3_K, IQ4_NL ->
            throw new IllegalStateException("refused before");
      }
    }
  }

  static float half(MemorySegment from, long at) {
    return Float.float16ToFloat(from.get(HALF, at));
  }

  static int unsigned(MemorySegment from, long at) {
    return from.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
  }

  static void put(MemorySegment to, long at, int i, float value) {
    to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at + 4L * i, value);
  }
}
