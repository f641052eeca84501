package dev.gamelan.model;

import dev.gamelan.tensor.Tensor;

/**
 * The cosines and sines of rotary embedding, one row a position. Frequencies and angles are rounded
 * to f32 as the published implementation (transformers, {@code modeling_rope_utils}) rounds them.
 */
final class RotaryTable {
  private RotaryTable() {}

  /** What cosines and sines are multiplied with. */
  static double factor(DecoderSpec.Rotary rotary) {
    return rotary.scaling() instanceof RopeScaling.Yarn yarn ? yarn.attentionFactor() : 1;
  }

  /** Writes the cosines and sines of a position to a row. */
  static void fill(
      float[] frequencies, double factor, int position, int row, Tensor cos, Tensor sin) {
    for (int i = 0; i < frequencies.length; i++) {
      float angle = position * frequencies[i];
      cos.set(row, i, (float) (StrictMath.cos(angle) * factor));
      sin.set(row, i, (float) (StrictMath.sin(angle) * factor));
    }
  }

  /**
   * @param length positions of the sequence, which scaling that follows the length goes by
   */
  static float[] frequencies(DecoderSpec.Rotary rotary, int length) {
    int dims = rotary.dims();
    return switch (rotary.scaling()) {
      case RopeScaling.None() -> plain(rotary.base(), dims);
      case RopeScaling.Linear(double factor) -> {
        float[] f = plain(rotary.base(), dims);
        for (int i = 0; i < f.length; i++) {
          f[i] /= (float) factor;
        }
        yield f;
      }
      case RopeScaling.Dynamic(double factor, int original) -> {
        double stretch = factor * Math.max(length, original) / original - (factor - 1);
        yield plain(stretched(rotary.base(), stretch, dims), dims);
      }
      case RopeScaling.DynamicDoubling(int original) -> {
        double doublings = StrictMath.log((double) length / original) / StrictMath.log(2) + 1;
        double stretch = Math.max(1, StrictMath.pow(2, Math.ceil(doublings)) - 1);
        yield plain(stretched(rotary.base(), stretch, dims), dims);
      }
      case RopeScaling.Llama3 scaling -> llama3(plain(rotary.base(), dims), scaling);
      case RopeScaling.Yarn scaling -> yarn(rotary.base(), dims, scaling);
    };
  }

  private static double stretched(double base, double stretch, int dims) {
    return base * StrictMath.pow(stretch, (double) dims / (dims - 2));
  }

  private static float[] plain(double base, int dims) {
    float[] f = new float[dims / 2];
    for (int i = 0; i < f.length; i++) {
      f[i] = (float) (1.0 / (float) StrictMath.pow(base, (float) (2 * i) / dims));
    }
    return f;
  }

  private static float[] llama3(float[] f, RopeScaling.Llama3 scaling) {
    for (int i = 0; i < f.length; i++) {
      double turns = scaling.original() * f[i] / (2 * Math.PI);
      if (turns < scaling.low()) {
        f[i] = (float) (f[i] / scaling.factor());
      } else if (turns <= scaling.high()) {
        double smooth = (turns - scaling.low()) / (scaling.high() - scaling.low());
        f[i] = (float) ((1 - smooth) * f[i] / scaling.factor() + smooth * f[i]);
      }
    }
    return f;
  }

  private static float[] yarn(double base, int dims, RopeScaling.Yarn scaling) {
    double low = dim(scaling.betaFast(), base, dims, scaling.original());
    double high = dim(scaling.betaSlow(), base, dims, scaling.original());
    if (scaling.truncate()) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, dims - 1);
    double span = low == high ? 0.001 : high - low;
    float[] f = plain(base, dims);
    for (int i = 0; i < f.length; i++) {
      double ramp = Math.clamp((i - low) / span, 0.0, 1.0);
      f[i] = (float) (f[i] / scaling.factor() * ramp + f[i] * (1 - ramp));
    }
    return f;
  }

  /** The dim whose frequency makes {@code turns} turns over the original context. */
  private static double dim(double turns, double base, int dims, int original) {
    return dims * StrictMath.log(original / (turns * 2 * Math.PI)) / (2 * StrictMath.log(base));
  }
}
