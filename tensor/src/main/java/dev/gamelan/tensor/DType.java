package dev.gamelan.tensor;

/**
 * How the elements of a tensor are stored: {@link #elementsPerBlock} elements in {@link
 * #bytesPerBlock} bytes. Plain types have blocks of one element; quantized layouts have larger
 * blocks and are accepted by matrix products and embeddings only.
 */
public enum DType {
  F32(1, 4),
  F16(1, 2),
  BF16(1, 2),
  I32(1, 4);

  private final int elementsPerBlock;
  private final int bytesPerBlock;

  DType(int elementsPerBlock, int bytesPerBlock) {
    this.elementsPerBlock = elementsPerBlock;
    this.bytesPerBlock = bytesPerBlock;
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
