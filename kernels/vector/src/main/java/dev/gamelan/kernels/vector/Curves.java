package dev.gamelan.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Activations and their derivatives, a vector at a time. Small, so that loops inline them. */
final class Curves {
  private static final float INV_SQRT2 = 0.70710678118654752440f;
  private static final float INV_SQRT_2PI = 0.39894228040143267794f;

  /** √(2/π) and the cubic's factor, as the tanh approximation has them. */
  private static final float SQRT_2_OVER_PI = 0.79788456080286535588f;

  private static final float CUBIC = 0.044715f;
  private static final float QUICK = 1.702f;

  private Curves() {}

  static FloatVector relu(FloatVector x) {
    return x.max(0);
  }

  static FloatVector reluSlope(FloatVector x) {
    VectorMask<Float> positive = x.compare(VectorOperators.GT, 0);
    VectorMask<Float> nan = x.compare(VectorOperators.NE, x);
    return FloatVector.zero(Lanes.SPECIES).blend(1, positive).blend(x, nan);
  }

  static FloatVector gelu(FloatVector x) {
    return x.mul(normalCdf(x));
  }

  static FloatVector geluSlope(FloatVector x) {
    FloatVector density = VectorMath.exp(x.mul(x).mul(-0.5f)).mul(INV_SQRT_2PI);
    return x.fma(density, normalCdf(x));
  }

  private static FloatVector normalCdf(FloatVector x) {
    return VectorMath.erf(x.mul(INV_SQRT2)).mul(0.5f).add(0.5f);
  }

  static FloatVector geluTanh(FloatVector x) {
    return x.mul(0.5f).mul(tanhInner(x).add(1));
  }

  static FloatVector geluTanhSlope(FloatVector x) {
    FloatVector t = tanhInner(x);
    // d/dx of √(2/π)(x + 0.044715x³), and 1 − t² for the tanh.
    FloatVector inner = x.mul(x).mul(3 * CUBIC * SQRT_2_OVER_PI).add(SQRT_2_OVER_PI);
    FloatVector bell = t.mul(t).neg().add(1).mul(inner);
    return x.mul(0.5f).mul(bell).add(t.add(1).mul(0.5f));
  }

  private static FloatVector tanhInner(FloatVector x) {
    FloatVector cubic = x.mul(x).mul(CUBIC).add(1).mul(x);
    return VectorMath.tanh(cubic.mul(SQRT_2_OVER_PI));
  }

  static FloatVector quickGelu(FloatVector x) {
    return x.mul(VectorMath.sigmoid(x.mul(QUICK)));
  }

  static FloatVector quickGeluSlope(FloatVector x) {
    FloatVector s = VectorMath.sigmoid(x.mul(QUICK));
    return s.neg().add(1).mul(x.mul(QUICK)).add(1).mul(s);
  }

  static FloatVector silu(FloatVector x) {
    return x.mul(VectorMath.sigmoid(x));
  }

  static FloatVector siluSlope(FloatVector x) {
    FloatVector s = VectorMath.sigmoid(x);
    return s.neg().add(1).mul(x).add(1).mul(s);
  }
}
