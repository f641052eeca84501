package dev.gamelan.kernels.x86.asm;

import java.util.Arrays;

/** Machine code as it grows. */
final class Code {
  private byte[] bytes = new byte[1024];
  private int size;

  int size() {
    return size;
  }

  Code put(int value) {
    if (size == bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * size);
    }
    bytes[size++] = (byte) value;
    return this;
  }

  Code put32(int value) {
    return put(value).put(value >> 8).put(value >> 16).put(value >> 24);
  }

  Code put64(long value) {
    return put32((int) value).put32((int) (value >> 32));
  }

  void patch32(int at, int value) {
    for (int i = 0; i < 4; i++) {
      bytes[at + i] = (byte) (value >> 8 * i);
    }
  }

  /** ModRM for two registers. */
  void registers(int reg, int rm) {
    put(0xC0 | (reg & 7) << 3 | rm & 7);
  }

  /**
   * ModRM, SIB and displacement for a place in memory.
   *
   * @param unit what a displacement of one byte counts: 1, or EVEX's N
   */
  void memory(int reg, Mem mem, int unit) {
    int base = mem.base().number() & 7;
    boolean sib = mem.index().isPresent() || base == 4;
    int displacement = mem.displacement();
    boolean none = displacement == 0 && base != 5;
    boolean byteFits =
        displacement % unit == 0 && displacement / unit >= -128 && displacement / unit <= 127;
    int mod = none ? 0 : byteFits ? 1 : 2;
    put(mod << 6 | (reg & 7) << 3 | (sib ? 4 : base));
    if (sib) {
      int index = mem.index().map(i -> i.number() & 7).orElse(4);
      put(Integer.numberOfTrailingZeros(mem.scale()) << 6 | index << 3 | base);
    }
    switch (mod) {
      case 1 -> put(displacement / unit);
      case 2 -> put32(displacement);
      default -> {}
    }
  }

  String hex(int from, int to) {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append("%02x ".formatted(bytes[i]));
    }
    return text.toString().stripTrailing();
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }
}
