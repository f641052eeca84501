package dev.gamelan.tensor.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Floats into blocks of 32, as ggml's reference quantizers round them. */
final class BlockEncoder {
  private static final int SIZE = 32;

  private BlockEncoder() {}

  /** The value of largest magnitude becomes −8 steps, so that its sign is that of −d. */
  static void q4(float[] x, int at, MemorySegment to, long block) {
    float d = extreme(x, at) / -8;
    float inverse = d == 0 ? 0 : 1 / d;
    scale(to, block, d);
    for (int i = 0; i < SIZE / 2; i++) {
      int low = Math.min(15, (int) (x[at + i] * inverse + 8.5f));
      int high = Math.min(15, (int) (x[at + i + SIZE / 2] * inverse + 8.5f));
      to.set(ValueLayout.JAVA_BYTE, block + 2 + i, (byte) (low | high << 4));
    }
  }

  /** Like {@link #q4} with −16 steps; the fifth bits stand together before the others. */
  static void q5(float[] x, int at, MemorySegment to, long block) {
    float d = extreme(x, at) / -16;
    float inverse = d == 0 ? 0 : 1 / d;
    scale(to, block, d);
    int fifths = 0;
    for (int i = 0; i < SIZE / 2; i++) {
      int low = Math.min(31, (int) (x[at + i] * inverse + 16.5f));
      int high = Math.min(31, (int) (x[at + i + SIZE / 2] * inverse + 16.5f));
      to.set(ValueLayout.JAVA_BYTE, block + 6 + i, (byte) (low & 0xF | (high & 0xF) << 4));
      fifths |= low >> 4 << i | high >> 4 << i + SIZE / 2;
    }
    to.set(Blocks.INT, block + 2, fifths);
  }

  private static float extreme(float[] x, int at) {
    float extreme = 0;
    for (int i = at; i < at + SIZE; i++) {
      check(x, i);
      if (Math.abs(x[i]) > Math.abs(extreme)) {
        extreme = x[i];
      }
    }
    return extreme;
  }

  /** From the least value in 31 steps to the greatest. */
  static void q5WithMinimum(float[] x, int at, MemorySegment to, long block) {
    float least = x[at];
    float greatest = x[at];
    for (int i = at; i < at + SIZE; i++) {
      check(x, i);
      least = Math.min(least, x[i]);
      greatest = Math.max(greatest, x[i]);
    }
    float d = (greatest - least) / 31;
    float inverse = d == 0 ? 0 : 1 / d;
    scale(to, block, d);
    scale(to, block + 2, least);
    int fifths = 0;
    for (int i = 0; i < SIZE / 2; i++) {
      int low = (int) ((x[at + i] - least) * inverse + 0.5f);
      int high = (int) ((x[at + i + SIZE / 2] - least) * inverse + 0.5f);
      to.set(ValueLayout.JAVA_BYTE, block + 8 + i, (byte) (low & 0xF | (high & 0xF) << 4));
      fifths |= (low >> 4 & 1) << i | (high >> 4 & 1) << i + SIZE / 2;
    }
    to.set(Blocks.INT, block + 4, fifths);
  }

  /** From the least value in 15 steps to the greatest. */
  static void q4WithMinimum(float[] x, int at, MemorySegment to, long block) {
    float least = x[at];
    float greatest = x[at];
    for (int i = at; i < at + SIZE; i++) {
      check(x, i);
      least = Math.min(least, x[i]);
      greatest = Math.max(greatest, x[i]);
    }
    float d = (greatest - least) / 15;
    float inverse = d == 0 ? 0 : 1 / d;
    scale(to, block, d);
    scale(to, block + 2, least);
    for (int i = 0; i < SIZE / 2; i++) {
      int low = Math.min(15, (int) ((x[at + i] - least) * inverse + 0.5f));
      int high = Math.min(15, (int) ((x[at + i + SIZE / 2] - least) * inverse + 0.5f));
      to.set(ValueLayout.JAVA_BYTE, block + 4 + i, (byte) (low | high << 4));
    }
  }

  /** The largest magnitude in 127 steps; halves round away from zero. */
  static void q8(float[] x, int at, MemorySegment to, long block) {
    float largest = 0;
    for (int i = at; i < at + SIZE; i++) {
      check(x, i);
      largest = Math.max(largest, Math.abs(x[i]));
    }
    float d = largest / 127;
    float inverse = d == 0 ? 0 : 1 / d;
    scale(to, block, d);
    for (int i = 0; i < SIZE; i++) {
      float steps = x[at + i] * inverse;
      int away = (int) (Math.abs(steps) + 0.5);
      to.set(ValueLayout.JAVA_BYTE, block + 2 + i, (byte) (steps < 0 ? -away : away));
    }
  }

  static void check(float[] x, int i) {
    if (!Float.isFinite(x[i])) {
      throw new IllegalArgumentException(
          "encode blocks: value %d is %s; only finite values can be quantized".formatted(i, x[i]));
    }
  }

  static void scale(MemorySegment to, long at, float value) {
    short half = Float.floatToFloat16(value);
    if (!Float.isFinite(Float.float16ToFloat(half))) {
      throw new IllegalArgumentException(
          "encode blocks: a scale of %s is beyond half precision (65504); the weights are too large"
              .formatted(value));
    }
    to.set(Blocks.HALF, at, half);
  }
}
