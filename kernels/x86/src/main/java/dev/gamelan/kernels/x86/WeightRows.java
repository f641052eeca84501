package dev.gamelan.kernels.x86;

import dev.gamelan.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Takes a row of quantized weights apart: the integers of {@link CompactFormat.Blocks} and their
 * scales. What they stand for is the business of {@link dev.gamelan.tensor.quant.Blocks}, whose
 * formats these are; a test holds the two together.
 */
final class WeightRows {
  private static final byte[] STEPS = {
    1,
    24,
    45,
    63,
    79,
    93,
    106,
    118,
    (byte) 129,
    (byte) 141,
    (byte) 153,
    (byte) 166,
    (byte) 181,
    (byte) 197,
    (byte) 217,
    (byte) 241
  };

  private final DType dtype;
  private final MemorySegment memory;

  /** The integers, from 0. */
  final byte[] levels;

  /** A scale a block or super-block, f16. */
  final short[] scales;

  /** Likewise what is added; for super-blocks what small minima are multiplied with. */
  final short[] minima;

  /** For super-blocks a small scale a group. */
  final byte[] smallScales;

  final byte[] smallMinima;

  WeightRows(DType dtype, int k, MemorySegment memory) {
    this.dtype = dtype;
    this.memory = memory;
    int blocks = k / dtype.elementsPerBlock();
    levels = new byte[k];
    scales = new short[blocks];
    minima = new short[blocks];
    smallScales = new byte[k / 16];
    smallMinima = new byte[k / 16];
  }

  /** Reads the row at an address. */
  void read(long at) {
    for (int b = 0; b < scales.length; b++, at += dtype.bytesPerBlock()) {
      int y = b * dtype.elementsPerBlock();
      switch (dtype) {
        case Q4_0 -> {
          scales[b] = half(at);
          nibbles(at + 2, y, 16);
        }
        case Q4_1 -> {
          scales[b] = half(at);
          minima[b] = half(at + 2);
          nibbles(at + 4, y, 16);
        }
        case Q5_0 -> {
          scales[b] = half(at);
          nibbles(at + 6, y, 16);
          fifths(at + 2, y);
        }
        case Q5_1 -> {
          scales[b] = half(at);
          minima[b] = half(at + 2);
          nibbles(at + 8, y, 16);
          fifths(at + 4, y);
        }
        case Q8_0 -> {
          scales[b] = half(at);
          for (int i = 0; i < 32; i++) {
            levels[y + i] = (byte) (unsigned(at + 2 + i) + 128);
          }
        }
        case IQ4_NL -> {
          scales[b] = half(at);
          nibbles(at + 2, y, 16);
          for (int i = 0; i < 32; i++) {
            levels[y + i] = STEPS[levels[y + i]];
          }
        }
        case Q2_K -> {
          scales[b] = half(at + 80);
          minima[b] = negative(half(at + 82));
          for (int part = 0; part < 16; part++) {
            smallScales[b * 16 + part] = (byte) (unsigned(at + part) & 0xF);
            smallMinima[b * 16 + part] = (byte) (unsigned(at + part) >> 4);
          }
          pairs(at + 16, y);
        }
        case Q3_K -> {
          scales[b] = half(at + 108);
          for (int part = 0; part < 16; part++) {
            int low = unsigned(at + 96 + part % 8) >> part / 8 * 4 & 0xF;
            int high = unsigned(at + 104 + part % 4) >> part / 4 * 2 & 3;
            smallScales[b * 16 + part] = (byte) ((low | high << 4) - 32);
          }
          pairs(at + 32, y);
          for (int i = 0; i < 256; i++) {
            levels[y + i] |= (byte) ((unsigned(at + i % 32) >> i / 32 & 1) << 2);
          }
        }
        case Q4_K -> {
          sixBits(at, b);
          for (int part = 0; part < 4; part++) {
            nibbles(at + 16 + 32 * part, y + 64 * part, 32);
          }
        }
        case Q5_K -> {
          sixBits(at, b);
          for (int part = 0; part < 4; part++) {
            nibbles(at + 48 + 32 * part, y + 64 * part, 32);
          }
          for (int i = 0; i < 256; i++) {
            levels[y + i] |= (byte) ((unsigned(at + 16 + i % 32) >> i / 32 & 1) << 4);
          }
        }
        case Q6_K -> {
          scales[b] = half(at + 208);
          for (int part = 0; part < 16; part++) {
            smallScales[b * 16 + part] = (byte) unsigned(at + 192 + part);
          }
          for (int i = 0; i < 256; i++) {
            int quarter = i % 128 / 32;
            int low = unsigned(at + i / 128 * 64 + quarter % 2 * 32 + i % 32) >> quarter / 2 * 4;
            int high = unsigned(at + 128 + i / 128 * 32 + i % 32) >> quarter * 2;
            levels[y + i] = (byte) (low & 0xF | (high & 3) << 4);
          }
        }
        case F32, F16, BF16, I32 ->
            throw new IllegalArgumentException("weight rows: " + dtype + " has no blocks");
      }
    }
  }

  /** The lower halves of some bytes, then their upper halves. */
  private void nibbles(long at, int y, int bytes) {
    for (int i = 0; i < bytes; i++) {
      int both = unsigned(at + i);
      levels[y + i] = (byte) (both & 0xF);
      levels[y + bytes + i] = (byte) (both >> 4);
    }
  }

  private void fifths(long at, int y) {
    int bits = memory.get(ValueLayout.JAVA_INT_UNALIGNED, at);
    for (int i = 0; i < 32; i++) {
      levels[y + i] |= (byte) ((bits >>> i & 1) << 4);
    }
  }

  /** Four times two bits a byte: 32 bytes hold 128 values. */
  private void pairs(long at, int y) {
    for (int i = 0; i < 256; i++) {
      levels[y + i] = (byte) (unsigned(at + i / 128 * 32 + i % 32) >> i % 128 / 32 * 2 & 3);
    }
  }

  /** d, dmin and the six-bit scales and minima of Q4_K and Q5_K. */
  private void sixBits(long at, int b) {
    scales[b] = half(at);
    minima[b] = negative(half(at + 2));
    long s = at + 4;
    for (int part = 0; part < 8; part++) {
      boolean whole = part < 4;
      int scale =
          whole
              ? unsigned(s + part) & 63
              : unsigned(s + part + 4) & 0xF | unsigned(s + part - 4) >> 6 << 4;
      int minimum =
          whole
              ? unsigned(s + part + 4) & 63
              : unsigned(s + part + 4) >> 4 | unsigned(s + part) >> 6 << 4;
      smallScales[b * 8 + part] = (byte) scale;
      smallMinima[b * 8 + part] = (byte) minimum;
    }
  }

  private static short negative(short half) {
    return (short) (half ^ 0x8000);
  }

  private short half(long at) {
    return memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, at);
  }

  private int unsigned(long at) {
    return memory.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
  }
}
