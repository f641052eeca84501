package dev.gamelan.kernels.vector;

import static dev.gamelan.kernels.vector.Lanes.all;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

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
  // Constants are kept as vectors: C2 stops inlining when a method's graph grows too large, and
  // each
  // broadcast adds to it, though it costs nothing once compiled.
  private static final FloatVector ZERO = all(0);
  private static final FloatVector ONE = all(1);
  private static final FloatVector TWO = all(2);

  private static final FloatVector LOG2_E = all(0x1.715476p0f);
  // Minus ln 2 in two parts; the first has trailing zeros, so that n · part is exact for |n| < 2^9.
  private static final FloatVector LN2_HIGH = all(-0x1.62ep-1f);
  private static final FloatVector LN2_LOW = all(-0x1.0bfbe8p-15f);
  // Adding it rounds to an integer, which then stands in the low bits.
  private static final FloatVector ROUNDER = all(0x1.8p23f);
  private static final IntVector ROUNDER_BITS = ROUNDER.reinterpretAsInts();
  private static final IntVector EXPONENT_BIAS = ints(127);
  private static final IntVector SIGN = ints(0x80000000);
  private static final FloatVector EXP_OVERFLOW = all(0x1.62e42ep6f);
  private static final FloatVector EXP_ZERO = all(-104);
  private static final FloatVector INFINITY = all(Float.POSITIVE_INFINITY);

  // (e^r - 1 - r) / r² for |r| ≤ ln 2 / 2.
  private static final FloatVector E4 = all(0x1.6a4f54p-10f);
  private static final FloatVector E3 = all(0x1.12397ep-7f);
  private static final FloatVector E2 = all(0x1.5558aep-5f);
  private static final FloatVector E1 = all(0x1.555492p-3f);
  private static final FloatVector E0 = all(0x1.fffffcp-2f);

  // (tanh(t) - t) / t³ in u = t² for t < 0.625.
  private static final FloatVector TANH_NEAR = all(0.625f);
  private static final FloatVector T4 = all(-0x1.7583a4p-8f);
  private static final FloatVector T3 = all(0x1.520f2ap-6f);
  private static final FloatVector T2 = all(-0x1.b83844p-5f);
  private static final FloatVector T1 = all(0x1.110702p-3f);
  private static final FloatVector T0 = all(-0x1.555532p-2f);

  // erf(t) / t = P(u) / Q(u) in u = t² for t < 3.95, to 2^-25; all coefficients are positive, so
  // nothing
  // cancels. From 3.85 on erf rounds to 1.
  private static final FloatVector ERF_ONE = all(3.85f);
  private static final FloatVector P5 = all(0x1.0fe6c2p-19f);
  private static final FloatVector P4 = all(0x1.2a7a72p-12f);
  private static final FloatVector P3 = all(0x1.f31f44p-9f);
  private static final FloatVector P2 = all(0x1.b12682p-5f);
  private static final FloatVector P1 = all(0x1.884b08p-3f);
  private static final FloatVector P0 = all(0x1.20dd74p0f);
  private static final FloatVector Q5 = all(0x1.3d517ap-15f);
  private static final FloatVector Q4 = all(0x1.32deb6p-10f);
  private static final FloatVector Q3 = all(0x1.ed50cap-7f);
  private static final FloatVector Q2 = all(0x1.d53bacp-4f);
  private static final FloatVector Q1 = all(0x1.0194d6p-1f);

  private VectorMath() {}

  /**
   * e^x: at most 1.1 ulp where the result is normal; gradual underflow below, 0 from -104 down;
   * infinity above 88.72284.
   */
  static FloatVector exp(FloatVector x) {
    FloatVector shifted = x.fma(LOG2_E, ROUNDER);
    // 2^n in two factors: n reaches from -150 to 128, beyond what one exponent can say.
    IntVector n = shifted.reinterpretAsInts().sub(ROUNDER_BITS);
    IntVector half = n.lanewise(VectorOperators.ASHR, 1);
    FloatVector y = expReduced(x, shifted.sub(ROUNDER));
    y = y.mul(powerOfTwo(half)).mul(powerOfTwo(n.sub(half)));
    y = y.blend(ZERO, x.compare(VectorOperators.LT, EXP_ZERO));
    return y.blend(INFINITY, x.compare(VectorOperators.GT, EXP_OVERFLOW));
  }

  /** e^(x - n ln 2). */
  private static FloatVector expReduced(FloatVector x, FloatVector n) {
    FloatVector r = n.fma(LN2_LOW, n.fma(LN2_HIGH, x));
    FloatVector q = E4.fma(r, E3).fma(r, E2).fma(r, E1).fma(r, E0);
    return q.fma(r.mul(r), r).add(ONE);
  }

  private static FloatVector powerOfTwo(IntVector n) {
    return n.add(EXPONENT_BIAS).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
  }

  /** 1 / (1 + e^-x): at most 2.5 ulp where the result is normal. */
  static FloatVector sigmoid(FloatVector x) {
    return ONE.div(ONE.add(exp(x.neg())));
  }

  /** Hyperbolic tangent: at most 1.5 ulp; keeps the sign of zero. */
  static FloatVector tanh(FloatVector x) {
    FloatVector t = x.abs();
    FloatVector u = t.mul(t);
    FloatVector near = T4.fma(u, T3).fma(u, T2).fma(u, T1).fma(u, T0).mul(u).fma(t, t);
    FloatVector far = ONE.sub(TWO.div(exp(t.add(t)).add(ONE)));
    return signed(far.blend(near, t.compare(VectorOperators.LT, TANH_NEAR)), x);
  }

  /** Error function: at most 6 ulp (3.6e-7 relatively); never beyond 1; keeps the sign of zero. */
  static FloatVector erf(FloatVector x) {
    FloatVector t = x.abs();
    FloatVector u = t.mul(t);
    FloatVector p = P5.fma(u, P4).fma(u, P3).fma(u, P2).fma(u, P1).fma(u, P0);
    FloatVector q = Q5.fma(u, Q4).fma(u, Q3).fma(u, Q2).fma(u, Q1).fma(u, ONE);
    FloatVector y = t.mul(p).div(q);
    y = y.blend(ONE, t.compare(VectorOperators.GE, ERF_ONE));
    return signed(y.blend(ONE, y.compare(VectorOperators.GT, ONE)), x);
  }

  /** The magnitude, which is not negative, with the sign of x. */
  private static FloatVector signed(FloatVector magnitude, FloatVector x) {
    IntVector sign = x.reinterpretAsInts().lanewise(VectorOperators.AND, SIGN);
    return magnitude.reinterpretAsInts().lanewise(VectorOperators.OR, sign).reinterpretAsFloats();
  }

  private static IntVector ints(int value) {
    return IntVector.broadcast(VectorSpecies.of(int.class, Lanes.SPECIES.vectorShape()), value);
  }
}
