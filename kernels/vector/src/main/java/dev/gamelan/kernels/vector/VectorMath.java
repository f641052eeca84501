package dev.gamelan.kernels.vector;

import static dev.gamelan.kernels.vector.Lanes.splat;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementary functions on vectors, each a short sequence of FMAs that the compiler inlines.
 *
 * <p>Method: the argument is brought into a small interval, where a polynomial approximates the
 * function in the sense of Chebyshev (coefficients fitted by reweighted least squares with the
 * leading ones rounded first, so that the rest makes good their rounding). NaN gives NaN. A lane's
 * result does not depend on its neighbours or on the vector's width. The errors stated are the
 * largest found by the tests, in units of the last place of the correctly rounded result.
 */
final class VectorMath {
  private static final float LOG2_E = 0x1.715476p0f;
  // ln 2 in two parts; the first has trailing zeros, so that n · part is exact for |n| < 2^9.
  private static final float LN2_HIGH = 0x1.62ep-1f;
  private static final float LN2_LOW = 0x1.0bfbe8p-15f;
  // Adding it rounds to an integer, which then stands in the low bits.
  private static final float ROUNDER = 0x1.8p23f;
  private static final int ROUNDER_BITS = Float.floatToRawIntBits(ROUNDER);
  private static final int SIGN = 0x80000000;

  private static final float EXP_OVERFLOW = 0x1.62e42ep6f;
  private static final float EXP_ZERO = -104f;

  private VectorMath() {}

  /**
   * e^x: at most 1.1 ulp where the result is normal; gradual underflow below, 0 from -104 down;
   * infinity above 88.72284.
   */
  static FloatVector exp(FloatVector x) {
    FloatVector shifted = x.fma(splat(LOG2_E), splat(ROUNDER));
    FloatVector n = shifted.sub(splat(ROUNDER));
    FloatVector r = n.fma(splat(-LN2_HIGH), x);
    r = n.fma(splat(-LN2_LOW), r);
    FloatVector q = splat(0x1.6a4f54p-10f).fma(r, splat(0x1.12397ep-7f));
    q = q.fma(r, splat(0x1.5558aep-5f));
    q = q.fma(r, splat(0x1.555492p-3f));
    q = q.fma(r, splat(0x1.fffffcp-2f));
    FloatVector y = q.fma(r.mul(r), r).add(splat(1f));
    // 2^n in two factors: n reaches from -150 to 128, beyond what one exponent can say.
    IntVector whole = shifted.reinterpretAsInts().sub(ROUNDER_BITS);
    IntVector half = whole.lanewise(VectorOperators.ASHR, 1);
    y = y.mul(powerOfTwo(half)).mul(powerOfTwo(whole.sub(half)));
    y = y.blend(splat(0f), x.compare(VectorOperators.LT, splat(EXP_ZERO)));
    return y.blend(
        splat(Float.POSITIVE_INFINITY), x.compare(VectorOperators.GT, splat(EXP_OVERFLOW)));
  }

  private static FloatVector powerOfTwo(IntVector n) {
    return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  /** 1 / (1 + e^-x): at most 2.5 ulp where the result is normal. */
  static FloatVector sigmoid(FloatVector x) {
    FloatVector one = splat(1f);
    return one.div(one.add(exp(x.neg())));
  }

  /** Hyperbolic tangent: at most 1.5 ulp; keeps the sign of zero. */
  static FloatVector tanh(FloatVector x) {
    FloatVector t = x.abs();
    FloatVector u = t.mul(t);
    FloatVector p = splat(-0x1.7583a4p-8f).fma(u, splat(0x1.520f2ap-6f));
    p = p.fma(u, splat(-0x1.b83844p-5f));
    p = p.fma(u, splat(0x1.110702p-3f));
    p = p.fma(u, splat(-0x1.555532p-2f));
    FloatVector near = p.mul(u).fma(t, t);
    FloatVector one = splat(1f);
    FloatVector far = one.sub(splat(2f).div(exp(t.add(t)).add(one)));
    return signed(far.blend(near, t.compare(VectorOperators.LT, splat(0.625f))), x);
  }

  /** Error function: at most 1.5 ulp; keeps the sign of zero. */
  static FloatVector erf(FloatVector x) {
    FloatVector t = x.abs();
    FloatVector u = t.mul(t);
    FloatVector p = splat(0x1.4f2db8p-14f).fma(u, splat(-0x1.a5fe4ap-11f));
    p = p.fma(u, splat(0x1.544954p-8f));
    p = p.fma(u, splat(-0x1.b80112p-6f));
    p = p.fma(u, splat(0x1.ce2d64p-4f));
    p = p.fma(u, splat(-0x1.812740p-2f));
    p = p.fma(u, splat(0x1.06eba8p-3f));
    FloatVector near = p.fma(t, t);
    // ln erfc(t) between 0.92 and 4; from 4 on erf rounds to 1.
    FloatVector g = splat(-0x1.62fffap-16f).fma(t, splat(0x1.c85824p-12f));
    g = g.fma(t, splat(-0x1.119682p-8f));
    g = g.fma(t, splat(0x1.9bb554p-6f));
    g = g.fma(t, splat(-0x1.bb92aep-4f));
    g = g.fma(t, splat(-0x1.444466p-1f));
    g = g.fma(t, splat(-0x1.21284ap0f));
    g = g.fma(t, splat(0x1.70ed0cp-13f));
    FloatVector one = splat(1f);
    FloatVector far = one.sub(exp(g)).blend(one, t.compare(VectorOperators.GE, splat(4f)));
    return signed(far.blend(near, t.compare(VectorOperators.LT, splat(0.921875f))), x);
  }

  /** The magnitude, which is not negative, with the sign of x. */
  private static FloatVector signed(FloatVector magnitude, FloatVector x) {
    return x.reinterpretAsInts().and(SIGN).or(magnitude.reinterpretAsInts()).reinterpretAsFloats();
  }
}
