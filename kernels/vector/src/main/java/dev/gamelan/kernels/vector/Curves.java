package dev.gamelan.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Activations in parts: all but ReLU are x·g(x) for a gate g that rises from 0 to 1, and g takes
 * one exponential. So a loop that needs value and slope inlines one exponential only: while it
 * parses, C2 inlines some fifty vector operations a method and no more, and what it doesn't inline
 * it boxes, at twenty times the cost. For the same reason the exponential here is shorter than
 * {@link VectorMath#exp}, and constants are vectors already: a broadcast counts like an operation.
 */
final class Curves {
  private static final FloatVector ZERO = Lanes.all(0);
  private static final FloatVector ONE = Lanes.all(1);
  private static final FloatVector LOG2_E = Lanes.all(0x1.715476p0f);

  /** −ln 2 in two parts; the first has trailing zeros, so that n times it is exact. */
  private static final FloatVector LN2_HIGH = Lanes.all(-0x1.62ep-1f);

  private static final FloatVector LN2_LOW = Lanes.all(-0x1.0bfbe8p-15f);

  /** Adding it rounds to an integer, which then stands in the low bits. */
  private static final FloatVector ROUNDER = Lanes.all(0x1.8p23f);

  /** The same with the bias of exponents: its low bits are a power of two's exponent. */
  private static final FloatVector BIASED_ROUNDER = Lanes.all(0x1.8p23f + 127);

  private static final FloatVector E2 = Lanes.all(0x1.fffffcp-2f);
  private static final FloatVector E3 = Lanes.all(0x1.555492p-3f);
  private static final FloatVector E4 = Lanes.all(0x1.5558aep-5f);
  private static final FloatVector E5 = Lanes.all(0x1.12397ep-7f);
  private static final FloatVector E6 = Lanes.all(0x1.6a4f54p-10f);

  /** Below this e^x isn't normal any more and counts as 0. */
  private static final FloatVector EXP_ZERO = Lanes.all(-87.33f);

  private static final FloatVector MINUS_HALF = Lanes.all(-0.5f);
  private static final FloatVector HALF = Lanes.all(0.5f);
  private static final FloatVector INV_SQRT2 = Lanes.all(0.70710678f);
  private static final FloatVector INV_SQRT_2PI = Lanes.all(0.39894228f);

  /** Of τ = 1/(1 + 0.27·z), and the polynomial in τ, for the tail of the normal distribution. */
  private static final FloatVector TAIL = Lanes.all(0.27f);

  private static final FloatVector T0 = Lanes.all(0.10772051f);
  private static final FloatVector T1 = Lanes.all(0.10754516f);
  private static final FloatVector T2 = Lanes.all(0.10179360f);
  private static final FloatVector T3 = Lanes.all(0.07212621f);
  private static final FloatVector T4 = Lanes.all(0.10760866f);
  private static final FloatVector T5 = Lanes.all(-0.06882920f);
  private static final FloatVector T6 = Lanes.all(0.16938592f);
  private static final FloatVector T7 = Lanes.all(-0.12625786f);
  private static final FloatVector T8 = Lanes.all(0.028906981f);

  /** 2·√(2/π), and its products with the tanh approximation's 0.044715 and three times that. */
  private static final FloatVector STEEP = Lanes.all(1.5957691216f);

  private static final FloatVector STEEP_CUBIC = Lanes.all(1.5957691216f * 0.044715f);
  private static final FloatVector STEEP_CUBIC_3 = Lanes.all(1.5957691216f * 0.134145f);
  private static final FloatVector QUICK = Lanes.all(1.702f);

  private Curves() {}

  /** e^x for x ≤ 0: at most 2 ulp, 0 below −87.33, where it would be less than 2⁻¹²⁶. */
  static FloatVector exp(FloatVector x) {
    FloatVector n = x.fma(LOG2_E, ROUNDER).sub(ROUNDER);
    FloatVector r = n.fma(LN2_LOW, n.fma(LN2_HIGH, x));
    FloatVector q = E6.fma(r, E5).fma(r, E4).fma(r, E3).fma(r, E2);
    FloatVector y = q.fma(r.mul(r), r.add(ONE));
    IntVector power = n.add(BIASED_ROUNDER).reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    return y.mul(power.reinterpretAsFloats()).blend(ZERO, x.compare(VectorOperators.LT, EXP_ZERO));
  }

  /** 1 where x > 0, 0 where it isn't, NaN for NaN. */
  static FloatVector step(FloatVector x) {
    return ZERO.blend(ONE, x.compare(VectorOperators.GT, ZERO))
        .blend(x, x.compare(VectorOperators.NE, x));
  }

  /** Φ(x), where no slope is needed: the error function takes no exponential. */
  static FloatVector normalCdf(FloatVector x) {
    return VectorMath.erf(x.mul(INV_SQRT2)).fma(HALF, HALF);
  }

  /** e^(−x²/2). */
  static FloatVector bell(FloatVector x) {
    return exp(x.mul(x).mul(MINUS_HALF));
  }

  /**
   * Φ(x) from e = {@link #bell}, which the slope needs anyway: 1 − e·p(τ)·τ for x ≥ 0 and its
   * mirror image below, the form of Abramowitz and Stegun 7.1.26 with a longer polynomial,
   * interpolated at Chebyshev's points; its relative error of 3e-8 holds in the tail as well.
   */
  static FloatVector normalCdf(FloatVector x, FloatVector e) {
    FloatVector t = ONE.div(x.abs().fma(TAIL, ONE));
    FloatVector p = T8.fma(t, T7).fma(t, T6).fma(t, T5).fma(t, T4).fma(t, T3).fma(t, T2);
    FloatVector tail = p.fma(t, T1).fma(t, T0).mul(t).mul(e);
    return tail.blend(ONE.sub(tail), x.compare(VectorOperators.GT, ZERO));
  }

  /** Φ(x) + x·φ(x). */
  static FloatVector geluSlope(FloatVector x, FloatVector e, FloatVector gate) {
    return x.mul(e).fma(INV_SQRT_2PI, gate);
  }

  /** σ(x), from one exponential that can't overflow. */
  private static FloatVector sigmoid(FloatVector x) {
    FloatVector e = exp(x.abs().neg());
    return ONE.blend(e, x.compare(VectorOperators.LT, ZERO)).div(e.add(ONE));
  }

  static FloatVector siluGate(FloatVector x) {
    return sigmoid(x);
  }

  static FloatVector siluSlope(FloatVector x, FloatVector gate) {
    return slope(x, gate);
  }

  static FloatVector quickGeluGate(FloatVector x) {
    return sigmoid(x.mul(QUICK));
  }

  static FloatVector quickGeluSlope(FloatVector x, FloatVector gate) {
    return slope(x.mul(QUICK), gate);
  }

  /** (1 + tanh u)/2 = σ(2u). */
  static FloatVector geluTanhGate(FloatVector x) {
    return sigmoid(x.mul(x).fma(STEEP_CUBIC, STEEP).mul(x));
  }

  static FloatVector geluTanhSlope(FloatVector x, FloatVector gate) {
    return slope(x.mul(x).fma(STEEP_CUBIC_3, STEEP).mul(x), gate);
  }

  /** g + scaled·g·(1 − g), for a gate σ(u) and scaled = x·u'. */
  private static FloatVector slope(FloatVector scaled, FloatVector gate) {
    return gate.mul(ONE.sub(gate)).fma(scaled, gate);
  }
}
