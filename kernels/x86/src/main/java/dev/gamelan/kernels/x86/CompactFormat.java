package dev.gamelan.kernels.x86;

import dev.gamelan.tensor.DType;
import java.util.Optional;

/** How weights of a type lie in compact panels. */
sealed interface CompactFormat {
  /** Steps along k of a unit, which begins with its own scales, if it has any. */
  int unit();

  /** Bytes of a unit of a panel of so many columns. */
  int unitBytes(int columns);

  /** The most rows for which weights are turned into floats in registers. */
  int directRows();

  /**
   * How the kernels of a path like to have a type. AVX2 has too little arithmetic beside its memory
   * to put integers together from two planes: there the next wider plane is faster, though larger.
   */
  static Optional<CompactFormat> of(DType dtype, Simd simd) {
    return of(dtype)
        .map(
            format ->
                simd == Simd.AVX2 && format instanceof Blocks blocks
                    ? blocks.inOnePlane()
                    : format);
  }

  private static Optional<CompactFormat> of(DType dtype) {
    return switch (dtype) {
      case F16 -> Optional.of(new Halves(false));
      case BF16 -> Optional.of(new Halves(true));
      case Q4_0 -> Optional.of(new Blocks(4, 0, 32, false, false, false, 8));
      case Q4_1 -> Optional.of(new Blocks(4, 0, 32, false, true, false, 0));
      case Q5_0 -> Optional.of(new Blocks(4, 1, 32, false, false, false, 16));
      case Q5_1 -> Optional.of(new Blocks(4, 1, 32, false, true, false, 0));
      case Q8_0, IQ4_NL -> Optional.of(new Blocks(8, 0, 32, false, false, false, 128));
      case Q2_K -> Optional.of(new Blocks(2, 0, 16, true, true, false, 0));
      case Q3_K -> Optional.of(new Blocks(2, 1, 16, true, false, true, 4));
      case Q4_K -> Optional.of(new Blocks(4, 0, 32, true, true, false, 0));
      case Q5_K -> Optional.of(new Blocks(4, 1, 32, true, true, false, 0));
      case Q6_K -> Optional.of(new Blocks(4, 2, 16, true, false, true, 32));
      case F32, I32 -> Optional.empty();
    };
  }

  /**
   * Values of 16 bits, {@code [k][columns]}.
   *
   * @param brain bf16, else f16
   */
  record Halves(boolean brain) implements CompactFormat {
    @Override
    public int unit() {
      return 1;
    }

    @Override
    public int unitBytes(int columns) {
      return 2 * columns;
    }

    @Override
    public int directRows() {
      return 4;
    }
  }

  /**
   * Blocks of small integers: a weight is scale·q + minimum, where q are the integers from 0 and
   * the minimum, if the type has none of its own, is −zero·scale.
   *
   * <p>A chunk holds 32 steps along k. Each column has 32-bit words of its own in it: the lower
   * {@code lowBits} bits of consecutive steps from the lowest bits up, then the upper {@code
   * highBits} likewise; so a vector of words is shifted and masked into a vector of one step's
   * integers. Before them lie, for every column, scale and minimum as f16; or, for super-blocks of
   * 256, small integer scales and minima for each group of steps, while the f16 that these are
   * multiplied with lie before the eight chunks.
   *
   * @param group steps that share a scale, 16 or 32
   * @param nested whether there are super-blocks
   * @param minimum whether the type has minima of its own
   * @param signed whether small scales are signed
   * @param zero the integer that stands for 0 where there are no minima
   */
  record Blocks(
      int lowBits,
      int highBits,
      int group,
      boolean nested,
      boolean minimum,
      boolean signed,
      int zero)
      implements CompactFormat {
    static final int CHUNK = 32;

    @Override
    public int unit() {
      return nested ? 256 : CHUNK;
    }

    /** The same with all bits together, in the narrowest words that hold them. */
    Blocks inOnePlane() {
      int bits = lowBits + highBits <= 2 ? 2 : lowBits + highBits <= 4 ? 4 : 8;
      return new Blocks(bits, 0, group, nested, minimum, signed, zero);
    }

    int chunks() {
      return unit() / CHUNK;
    }

    /** The f16 scales, and minima, of super-blocks. */
    int headerBytes(int columns) {
      return nested ? (minimum ? 4 : 2) * columns : 0;
    }

    int groups() {
      return CHUNK / group;
    }

    /** Where the chunk's minima begin. */
    int minimumOffset(int columns) {
      return nested ? groups() * columns : 2 * columns;
    }

    int lowOffset(int columns) {
      return (minimum ? 2 : 1) * minimumOffset(columns);
    }

    int highOffset(int columns) {
      return lowOffset(columns) + 4 * columns * lowBits;
    }

    int chunkBytes(int columns) {
      return highOffset(columns) + 4 * columns * highBits;
    }

    @Override
    public int unitBytes(int columns) {
      return headerBytes(columns) + chunks() * chunkBytes(columns);
    }

    @Override
    public int directRows() {
      return highBits == 0 ? 4 : 3;
    }
  }
}
