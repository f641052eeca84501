package dev.gamelan.kernels.x86.asm;

import java.util.Locale;

/** The 64-bit general-purpose registers, in the order of their numbers. */
public enum Gpr {
  RAX,
  RCX,
  RDX,
  RBX,
  RSP,
  RBP,
  RSI,
  RDI,
  R8,
  R9,
  R10,
  R11,
  R12,
  R13,
  R14,
  R15;

  int number() {
    return ordinal();
  }

  /** The name of the lower 32 bits. */
  String lower() {
    String name = toString();
    return ordinal() < 8 ? "e" + name.substring(1) : name + "d";
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
