package dev.gamelan.kernels.x86.asm;

/**
 * A vector register.
 *
 * @param number 0 to 31; those above 15 and all of 512 bits need EVEX
 * @param bits 128, 256 or 512
 */
public record Vec(int number, int bits) {
  public Vec {
    if (number < 0 || number > 31 || (bits != 128 && bits != 256 && bits != 512)) {
      throw new IllegalArgumentException(
          "vector register %d of %d bits; there are 0 to 31 of 128, 256 and 512 bits"
              .formatted(number, bits));
    }
  }

  public static Vec xmm(int number) {
    return new Vec(number, 128);
  }

  public static Vec ymm(int number) {
    return new Vec(number, 256);
  }

  public static Vec zmm(int number) {
    return new Vec(number, 512);
  }

  /** The lower part of this register. */
  public Vec as(int narrower) {
    return new Vec(number, narrower);
  }

  public int bytes() {
    return bits / 8;
  }

  boolean needsEvex() {
    return number > 15 || bits == 512;
  }

  @Override
  public String toString() {
    return (bits == 128 ? "xmm" : bits == 256 ? "ymm" : "zmm") + number;
  }
}
