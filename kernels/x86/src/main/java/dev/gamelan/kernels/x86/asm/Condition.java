package dev.gamelan.kernels.x86.asm;

import java.util.Locale;

/** When a jump is taken. */
public enum Condition {
  B(2),
  AE(3),
  E(4),
  NE(5),
  BE(6),
  A(7),
  L(0xC),
  GE(0xD),
  LE(0xE),
  G(0xF);

  final int code;

  Condition(int code) {
    this.code = code;
  }

  String text() {
    return "j" + name().toLowerCase(Locale.ROOT);
  }
}
