package dev.gamelan.tensor.quant;

/**
 * The searches by which ggml's reference quantizers choose the scale of a part of a super-block:
 * several candidates, the one with the least weighted squared error wins. Every sum is in the
 * reference's order and precision (f32, no fused multiply-add), so that results equal it to the bit
 * (llama.cpp, {@code ggml-quants.c}: {@code make_qkx2_quants}, {@code make_qx_quants}).
 */
final class ScaleSearch {
  /** Below it a part counts as all zeros. */
  static final float NOTHING = 1e-15f;

  private final int[] candidate = new int[32];
  private final float[] weights = new float[32];
  private float minimum;

  /** What is subtracted, found by {@link #withMinimum}; not negative. */
  float minimum() {
    return minimum;
  }

  /** To the nearest integer, ties to even, for magnitudes up to 2²². */
  static int nearest(float x) {
    int bits = Float.floatToRawIntBits(x + 12582912f);
    return (bits & 0x007fffff) - 0x00400000;
  }

  /**
   * Steps from a minimum: x ≈ scale·q − minimum, q from 0 to {@code most}. Large values weigh more.
   *
   * @param x from {@code at}, 32 values
   * @param q gets the steps, from {@code at}
   * @param first what is added to {@code most} in the first candidate, a tenth more in each after
   * @param candidates how many follow the first
   * @return the scale
   */
  float withMinimum(float[] x, int at, int most, int[] q, float first, int candidates) {
    int n = 32;
    float squares = 0;
    for (int i = 0; i < n; i++) {
      squares += x[at + i] * x[at + i];
    }
    float typical = (float) Math.sqrt(squares / 32);
    for (int i = 0; i < n; i++) {
      weights[i] = typical + Math.abs(x[at + i]);
    }
    float least = x[at];
    float greatest = x[at];
    float sumW = weights[0];
    float sumX = sumW * x[at];
    for (int i = 1; i < n; i++) {
      float v = x[at + i];
      if (v < least) {
        least = v;
      }
      if (v > greatest) {
        greatest = v;
      }
      sumW += weights[i];
      sumX += weights[i] * v;
    }
    if (least > 0) {
      least = 0;
    }
    if (greatest == least) {
      for (int i = 0; i < n; i++) {
        q[at + i] = 0;
      }
      minimum = -least;
      return 0;
    }
    float inverse = most / (greatest - least);
    float scale = 1 / inverse;
    for (int i = 0; i < n; i++) {
      q[at + i] = Math.clamp(nearest(inverse * (x[at + i] - least)), 0, most);
    }
    float best = error(x, at, q, at, scale, least);
    for (int step = 0; step <= candidates; step++) {
      inverse = (first + 0.1f * step + most) / (greatest - least);
      float sumL = 0;
      float sumL2 = 0;
      float sumXl = 0;
      for (int i = 0; i < n; i++) {
        int l = Math.clamp(nearest(inverse * (x[at + i] - least)), 0, most);
        candidate[i] = l;
        float w = weights[i];
        sumL += w * l;
        sumL2 += w * l * l;
        sumXl += w * l * x[at + i];
      }
      float determinant = sumW * sumL2 - sumL * sumL;
      if (determinant > 0) {
        float thisScale = (sumW * sumXl - sumX * sumL) / determinant;
        float thisMinimum = (sumL2 * sumX - sumL * sumXl) / determinant;
        if (thisMinimum > 0) {
          thisMinimum = 0;
          thisScale = sumXl / sumL2;
        }
        float error = error(x, at, candidate, 0, thisScale, thisMinimum);
        if (error < best) {
          System.arraycopy(candidate, 0, q, at, n);
          best = error;
          scale = thisScale;
          // As in the reference, the next candidates begin at this minimum.
          least = thisMinimum;
        }
      }
    }
    minimum = -least;
    return scale;
  }

  private float error(float[] x, int at, int[] q, int qAt, float scale, float least) {
    float error = 0;
    for (int i = 0; i < 32; i++) {
      float difference = scale * q[qAt + i] + least - x[at + i];
      error += weights[i] * (difference * difference);
    }
    return error;
  }

  /**
   * Signed steps: x ≈ scale·(q − most), q from 0 to 2·most − 1. Squares weigh.
   *
   * @param x from {@code at}, {@code n} values
   * @param q gets the steps, from {@code at}
   * @return the scale, negative where the value of largest magnitude is positive
   */
  static float signed(float[] x, int at, int n, int most, int[] q) {
    float extreme = 0;
    float largest = 0;
    for (int i = at; i < at + n; i++) {
      if (Math.abs(x[i]) > largest) {
        largest = Math.abs(x[i]);
        extreme = x[i];
      }
    }
    if (largest < NOTHING) {
      for (int i = at; i < at + n; i++) {
        q[i] = 0;
      }
      return 0;
    }
    float scale = 0;
    float best = 0;
    for (int attempt = 0; attempt <= 18; attempt++) {
      // The plain one first, then from nine tenths of a step less to nine tenths more.
      int tenths = attempt == 0 ? 0 : attempt <= 9 ? attempt - 10 : attempt - 9;
      float inverse = attempt == 0 ? -most / extreme : -(most + 0.1f * tenths) / extreme;
      float sumLx = 0;
      float sumL2 = 0;
      for (int i = at; i < at + n; i++) {
        int l = Math.clamp(nearest(inverse * x[i]), -most, most - 1);
        float w = x[i] * x[i];
        sumLx += w * x[i] * l;
        sumL2 += w * l * l;
      }
      boolean better = attempt == 0 || sumL2 > 0 && sumLx * sumLx > best * sumL2;
      if (better) {
        for (int i = at; i < at + n; i++) {
          q[i] = most + Math.clamp(nearest(inverse * x[i]), -most, most - 1);
        }
        scale = sumL2 != 0 ? sumLx / sumL2 : 0;
        best = scale * sumLx;
      }
    }
    return scale;
  }
}
