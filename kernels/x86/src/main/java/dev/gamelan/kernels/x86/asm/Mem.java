package dev.gamelan.kernels.x86.asm;

import java.util.Optional;

/**
 * A place in memory: base + index·scale + displacement.
 *
 * @param scale 1, 2, 4 or 8
 * @param broadcast whether one element is read and repeated in every lane (EVEX only)
 */
public record Mem(Gpr base, Optional<Gpr> index, int scale, int displacement, boolean broadcast) {
  public Mem {
    if (scale != 1 && scale != 2 && scale != 4 && scale != 8) {
      throw new IllegalArgumentException(
          "memory operand: scale %d; it is 1, 2, 4 or 8".formatted(scale));
    }
    if (index.equals(Optional.of(Gpr.RSP))) {
      throw new IllegalArgumentException("memory operand: rsp can't be an index");
    }
  }

  public static Mem at(Gpr base) {
    return at(base, 0);
  }

  public static Mem at(Gpr base, int displacement) {
    return new Mem(base, Optional.empty(), 1, displacement, false);
  }

  public static Mem at(Gpr base, Gpr index, int scale, int displacement) {
    return new Mem(base, Optional.of(index), scale, displacement, false);
  }

  /** The same place, moved by some bytes. */
  public Mem plus(int bytes) {
    return new Mem(base, index, scale, displacement + bytes, broadcast);
  }

  /** One element of 32 bits, repeated in every lane. */
  public Mem repeated() {
    return new Mem(base, index, scale, displacement, true);
  }

  /** As in brackets of Intel's syntax. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("[").append(base);
    index.ifPresent(i -> text.append('+').append(i).append('*').append(scale));
    // Where no displacement can't be encoded, a zero stands in the code, and disassemblers show it.
    boolean zeroShown = index.isEmpty() ? (base.number() & 7) == 5 : (base.number() & 7) == 5;
    if (displacement != 0 || zeroShown) {
      long magnitude = Math.abs((long) displacement);
      text.append(displacement < 0 ? '-' : '+').append("0x").append(Long.toHexString(magnitude));
    }
    return text.append(']').toString();
  }
}
