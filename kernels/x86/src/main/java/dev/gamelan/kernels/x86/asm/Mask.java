package dev.gamelan.kernels.x86.asm;

/**
 * How an AVX-512 instruction is masked.
 *
 * @param number the mask register, 1 to 7; 0 = not masked
 * @param zeroing whether masked lanes become 0 rather than stay
 */
public record Mask(int number, boolean zeroing) {
  /** All lanes. */
  public static final Mask NONE = new Mask(0, false);

  public Mask {
    if (number < 0 || number > 7 || (number == 0 && zeroing)) {
      throw new IllegalArgumentException(
          "mask register %d, zeroing %s; masks are 1 to 7".formatted(number, zeroing));
    }
  }

  /** Lanes outside of the mask stay as they are. */
  public static Mask merging(int number) {
    return new Mask(number, false);
  }

  /** Lanes outside of the mask become 0. */
  public static Mask zeroing(int number) {
    return new Mask(number, true);
  }

  @Override
  public String toString() {
    return number == 0 ? "" : "{k" + number + "}" + (zeroing ? "{z}" : "");
  }
}
