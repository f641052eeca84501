package dev.gamelan.tensor.quant;

import static dev.gamelan.tensor.quant.Blocks.half;
import static dev.gamelan.tensor.quant.Blocks.put;
import static dev.gamelan.tensor.quant.Blocks.unsigned;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Blocks of 256, whose parts of 16 or 32 have small scales of their own: the K types. */
final class SuperBlocks {
  private SuperBlocks() {}

  /** 16 bytes of scales (lower half) and minima (upper), 64 of values, d, dmin. */
  static void q2(MemorySegment from, long at, MemorySegment to, long y) {
    float d = half(from, at + 80);
    float dmin = half(from, at + 82);
    for (int part = 0; part < 16; part++) {
      int scales = unsigned(from, at + part);
      float scale = d * (scales & 0xF);
      float minimum = dmin * (scales >> 4);
      long values = at + 16 + part / 8 * 32 + part % 2 * 16;
      int shift = part % 8 / 2 * 2;
      for (int i = 0; i < 16; i++) {
        put(to, y, part * 16 + i, scale * (unsigned(from, values + i) >> shift & 3) - minimum);
      }
    }
  }

  /** 32 bytes of third bits (0 means minus 4), 64 of values, 12 of scales, d. */
  static void q3(MemorySegment from, long at, MemorySegment to, long y) {
    float d = half(from, at + 108);
    for (int part = 0; part < 16; part++) {
      int low = unsigned(from, at + 96 + part % 8) >> part / 8 * 4 & 0xF;
      int high = unsigned(from, at + 104 + part % 4) >> part / 4 * 2 & 3;
      float scale = d * ((low | high << 4) - 32);
      long values = at + 32 + part / 8 * 32 + part % 2 * 16;
      long thirds = at + part % 2 * 16;
      int shift = part % 8 / 2 * 2;
      for (int i = 0; i < 16; i++) {
        int third = unsigned(from, thirds + i) >> part / 2 & 1;
        int q = unsigned(from, values + i) >> shift & 3;
        put(to, y, part * 16 + i, scale * (q - (third ^ 1) * 4));
      }
    }
  }

  /** d, dmin, 12 bytes of scales and minima, 128 of values. */
  static void q4(MemorySegment from, long at, MemorySegment to, long y) {
    float d = half(from, at);
    float dmin = half(from, at + 2);
    for (int part = 0; part < 8; part++) {
      float scale = d * scale(from, at + 4, part);
      float minimum = dmin * minimum(from, at + 4, part);
      long values = at + 16 + part / 2 * 32;
      int shift = part % 2 * 4;
      for (int i = 0; i < 32; i++) {
        put(to, y, part * 32 + i, scale * (unsigned(from, values + i) >> shift & 0xF) - minimum);
      }
    }
  }

  /** d, dmin, 12 bytes of scales and minima, 32 of fifth bits, 128 of values. */
  static void q5(MemorySegment from, long at, MemorySegment to, long y) {
    float d = half(from, at);
    float dmin = half(from, at + 2);
    for (int part = 0; part < 8; part++) {
      float scale = d * scale(from, at + 4, part);
      float minimum = dmin * minimum(from, at + 4, part);
      long values = at + 48 + part / 2 * 32;
      int shift = part % 2 * 4;
      for (int i = 0; i < 32; i++) {
        int fifth = unsigned(from, at + 16 + i) >> part & 1;
        int q = unsigned(from, values + i) >> shift & 0xF | fifth << 4;
        put(to, y, part * 32 + i, scale * q - minimum);
      }
    }
  }

  /** 128 bytes of lower four bits, 64 of upper two, 16 signed scales, d. */
  static void q6(MemorySegment from, long at, MemorySegment to, long y) {
    float d = half(from, at + 208);
    for (int part = 0; part < 16; part++) {
      float scale = d * from.get(ValueLayout.JAVA_BYTE, at + 192 + part);
      int quarter = part % 8 / 2;
      long lows = at + part / 8 * 64 + quarter % 2 * 32 + part % 2 * 16;
      long highs = at + 128 + part / 8 * 32 + part % 2 * 16;
      for (int i = 0; i < 16; i++) {
        int low = unsigned(from, lows + i) >> quarter / 2 * 4 & 0xF;
        int high = unsigned(from, highs + i) >> quarter * 2 & 3;
        put(to, y, part * 16 + i, scale * ((low | high << 4) - 32));
      }
    }
  }

  /** The 6-bit scale of a part: whole in bytes 0 to 3, else in two pieces. */
  private static int scale(MemorySegment from, long at, int part) {
    return part < 4
        ? unsigned(from, at + part) & 63
        : unsigned(from, at + part + 4) & 0xF | unsigned(from, at + part - 4) >> 6 << 4;
  }

  /** The 6-bit minimum of a part: whole in bytes 4 to 7, else in two pieces. */
  private static int minimum(MemorySegment from, long at, int part) {
    return part < 4
        ? unsigned(from, at + part + 4) & 63
        : unsigned(from, at + part + 4) >> 4 | unsigned(from, at + part) >> 6 << 4;
  }
}
