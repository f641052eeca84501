package dev.gamelan.tensor;

/**
 * How the elements of a tensor are stored: {@link #elementsPerBlock} elements in {@link
 * #bytesPerBlock} bytes. Plain types have blocks of one element; quantized layouts, those of ggml,
 * have larger blocks, which no row shares with another, and are accepted by matrix products and
 * embeddings only. What their blocks mean is defined by {@link dev.gamelan.tensor.quant.Blocks}.
 */
public enum DType {
  F32(1, 4),
  F16(1, 2),
  BF16(1, 2),
  I32(1, 4),
  /** 4 bits, a scale for 32. */
  Q4_0(32, 18),
  /** 4 bits, a scale and a minimum for 32. */
  Q4_1(32, 20),
  /** 5 bits, a scale for 32. */
  Q5_0(32, 22),
  /** 5 bits, a scale and a minimum for 32. */
  Q5_1(32, 24),
  /** 8 bits, a scale for 32. */
  Q8_0(32, 34),
  /** 2 bits, 4-bit scales and minima for 16, two scales for 256. */
  Q2_K(256, 84),
  /** 3 bits, 6-bit scales for 16, a scale for 256. */
  Q3_K(256, 110),
  /** 4 bits, 6-bit scales and minima for 32, two scales for 256. */
  Q4_K(256, 144),
  /** 5 bits, 6-bit scales and minima for 32, two scales for 256. */
  Q5_K(256, 176),
  /** 6 bits, 8-bit scales for 16, a scale for 256. */
  Q6_K(256, 210),
  /** 4 bits that pick one of 16 uneven steps, a scale for 32. */
  IQ4_NL(32, 18);

  private final int elementsPerBlock;
  private final int bytesPerBlock;

  DType(int elementsPerBlock, int bytesPerBlock) {
    this.elementsPerBlock = elementsPerBlock;
    this.bytesPerBlock = bytesPerBlock;
  }

  /** Whether elements are stored in blocks rather than one by one. */
  public boolean isQuantized() {
    return elementsPerBlock > 1;
  }

  public int elementsPerBlock() {
    return elementsPerBlock;
  }

  public int bytesPerBlock() {
    return bytesPerBlock;
  }

  /**
   * The bytes of {@code elements} elements.
   *
   * @throws IllegalArgumentException if they aren't whole blocks
   */
  public long bytes(long elements) {
    if (elements % elementsPerBlock != 0) {
      throw new IllegalArgumentException(
          "dtype %s: %d elements are not a multiple of its block of %d"
              .formatted(this, elements, elementsPerBlock));
    }
    return Math.multiplyExact(elements / elementsPerBlock, bytesPerBlock);
  }

  /** The float that the upper half {@code bits} of an IEEE single stands for. */
  public static float fromBf16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The nearest bfloat16, ties to even; NaN stays NaN. */
  public static short toBf16(float x) {
    int bits = Float.floatToRawIntBits(x);
    if (Float.isNaN(x)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
  }
}
