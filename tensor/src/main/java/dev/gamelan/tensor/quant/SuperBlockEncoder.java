package dev.gamelan.tensor.quant;

import static dev.gamelan.tensor.quant.Blocks.half;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Floats into super-blocks of 256: Q4_K, Q5_K and Q6_K, equal to ggml's reference quantizers
 * (llama.cpp, {@code ggml-quants.c}, {@code quantize_row_*_K_ref}). Not safe for concurrent use.
 */
final class SuperBlockEncoder {
  private static final int SIZE = 256;

  private final ScaleSearch search = new ScaleSearch();
  private final float[] x = new float[SIZE];
  private final int[] q = new int[SIZE];
  private final float[] scales = new float[16];
  private final float[] minima = new float[8];

  private void take(float[] from, int at) {
    for (int i = 0; i < SIZE; i++) {
      BlockEncoder.check(from, at + i);
      x[i] = from[at + i];
    }
  }

  /** The fields of {@link SuperBlocks#q4}. */
  void q4(float[] from, int at, MemorySegment to, long block) {
    take(from, at);
    withMinima(15, -1, 20, to, block);
    for (int pair = 0; pair < 4; pair++) {
      for (int i = 0; i < 32; i++) {
        put(to, block + 16 + pair * 32 + i, q[pair * 64 + i] | q[pair * 64 + 32 + i] << 4);
      }
    }
  }

  /** The fields of {@link SuperBlocks#q5}. */
  void q5(float[] from, int at, MemorySegment to, long block) {
    take(from, at);
    withMinima(31, -0.5f, 15, to, block);
    for (int i = 0; i < 32; i++) {
      int fifths = 0;
      for (int part = 0; part < 8; part++) {
        fifths |= (q[part * 32 + i] >> 4) << part;
      }
      put(to, block + 16 + i, fifths);
      for (int pair = 0; pair < 4; pair++) {
        int low = q[pair * 64 + i] & 0xF;
        put(to, block + 48 + pair * 32 + i, low | (q[pair * 64 + 32 + i] & 0xF) << 4);
      }
    }
  }

  /** Writes d, dmin and the 6-bit scales and minima of the eight parts, and finds the steps. */
  private void withMinima(int most, float first, int candidates, MemorySegment to, long block) {
    float largestScale = 0;
    float largestMinimum = 0;
    for (int part = 0; part < 8; part++) {
      scales[part] = search.withMinimum(x, part * 32, most, q, first, candidates);
      minima[part] = search.minimum();
      largestScale = scales[part] > largestScale ? scales[part] : largestScale;
      largestMinimum = minima[part] > largestMinimum ? minima[part] : largestMinimum;
    }
    float inverseScale = largestScale > 0 ? 63 / largestScale : 0;
    float inverseMinimum = largestMinimum > 0 ? 63 / largestMinimum : 0;
    BlockEncoder.scale(to, block, largestScale / 63);
    BlockEncoder.scale(to, block + 2, largestMinimum / 63);
    int[] bytes = new int[12];
    for (int part = 0; part < 8; part++) {
      int scale = six(inverseScale * scales[part]);
      int minimum = six(inverseMinimum * minima[part]);
      if (part < 4) {
        bytes[part] = scale;
        bytes[part + 4] = minimum;
      } else {
        bytes[part + 4] = scale & 0xF | (minimum & 0xF) << 4;
        bytes[part - 4] |= scale >> 4 << 6;
        bytes[part] |= minimum >> 4 << 6;
      }
      steps(most, half(to, block) * scale, half(to, block + 2) * minimum, part);
    }
    for (int i = 0; i < bytes.length; i++) {
      put(to, block + 4 + i, bytes[i]);
    }
  }

  private static int six(float steps) {
    return Math.min(63, ScaleSearch.nearest(steps) & 0xFF);
  }

  /** The steps with the scale as it is stored; a scale of zero leaves those of the search. */
  private void steps(int most, float d, float minimum, int part) {
    if (d == 0) {
      return;
    }
    for (int i = part * 32; i < part * 32 + 32; i++) {
      q[i] = Math.clamp(ScaleSearch.nearest((x[i] + minimum) / d), 0, most);
    }
  }

  /** The fields of {@link SuperBlocks#q6}. */
  void q6(float[] from, int at, MemorySegment to, long block) {
    take(from, at);
    float largest = 0;
    float extreme = 0;
    for (int part = 0; part < 16; part++) {
      scales[part] = ScaleSearch.signed(x, part * 16, 16, 32, q);
      if (Math.abs(scales[part]) > largest) {
        largest = Math.abs(scales[part]);
        extreme = scales[part];
      }
    }
    if (largest < ScaleSearch.NOTHING) {
      to.asSlice(block, 210).fill((byte) 0);
      return;
    }
    float inverse = -128 / extreme;
    BlockEncoder.scale(to, block + 208, 1 / inverse);
    for (int part = 0; part < 16; part++) {
      byte scale = (byte) Math.min(127, ScaleSearch.nearest(inverse * scales[part]));
      to.set(ValueLayout.JAVA_BYTE, block + 192 + part, scale);
      float d = half(to, block + 208) * scale;
      if (d != 0) {
        for (int i = part * 16; i < part * 16 + 16; i++) {
          q[i] = 32 + Math.clamp(ScaleSearch.nearest(x[i] / d), -32, 31);
        }
      }
    }
    for (int side = 0; side < 2; side++) {
      for (int i = 0; i < 32; i++) {
        int first = q[side * 128 + i];
        int second = q[side * 128 + 32 + i];
        int third = q[side * 128 + 64 + i];
        int fourth = q[side * 128 + 96 + i];
        put(to, block + side * 64 + i, first & 0xF | (third & 0xF) << 4);
        put(to, block + side * 64 + 32 + i, second & 0xF | (fourth & 0xF) << 4);
        int upper = first >> 4 | second >> 4 << 2 | third >> 4 << 4 | fourth >> 4 << 6;
        put(to, block + 128 + side * 32 + i, upper);
      }
    }
  }

  private static void put(MemorySegment to, long at, int value) {
    to.set(ValueLayout.JAVA_BYTE, at, (byte) value);
  }
}
