package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.spi.Activation;
import jdk.incubator.vector.FloatVector;

/**
 * Sweeps of activations and of their derivatives; each is a {@link Pass}. One loop a function: a
 * choice inside the loop would be made for every vector.
 */
final class Activations {
  private Activations() {}

  /** b = f(a). */
  static Pass forward(Activation f) {
    return switch (f) {
      case RELU -> Activations::relu;
      case GELU -> Activations::gelu;
      case GELU_TANH -> Activations::geluTanh;
      case QUICK_GELU -> Activations::quickGelu;
      case SILU -> Activations::silu;
    };
  }

  /** c = f'(a)·b. */
  static Pass backward(Activation f) {
    return switch (f) {
      case RELU -> Activations::reluBackward;
      case GELU -> Activations::geluBackward;
      case GELU_TANH -> Activations::geluTanhBackward;
      case QUICK_GELU -> Activations::quickGeluBackward;
      case SILU -> Activations::siluBackward;
    };
  }

  private static void relu(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x + 4L * i);
      Lanes.store(v.max(0), y + 4L * i);
    }
  }

  private static void reluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long dy = b & Memory.ADDRESS;
    long dx = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector slope = Curves.step(v);
      Lanes.store(slope.mul(Lanes.load(dy + o)), dx + o);
    }
  }

  private static void gelu(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x + 4L * i);
      FloatVector gate = Curves.normalCdf(v);
      Lanes.store(v.mul(gate), y + 4L * i);
    }
  }

  private static void geluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long dy = b & Memory.ADDRESS;
    long dx = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector bell = Curves.bell(v);
      FloatVector gate = Curves.normalCdf(v, bell);
      FloatVector slope = Curves.geluSlope(v, bell, gate);
      Lanes.store(slope.mul(Lanes.load(dy + o)), dx + o);
    }
  }

  private static void geluTanh(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x + 4L * i);
      FloatVector gate = Curves.geluTanhGate(v);
      Lanes.store(v.mul(gate), y + 4L * i);
    }
  }

  private static void geluTanhBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long dy = b & Memory.ADDRESS;
    long dx = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector gate = Curves.geluTanhGate(v);
      FloatVector slope = Curves.geluTanhSlope(v, gate);
      Lanes.store(slope.mul(Lanes.load(dy + o)), dx + o);
    }
  }

  private static void quickGelu(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x + 4L * i);
      FloatVector gate = Curves.quickGeluGate(v);
      Lanes.store(v.mul(gate), y + 4L * i);
    }
  }

  private static void quickGeluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long dy = b & Memory.ADDRESS;
    long dx = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector gate = Curves.quickGeluGate(v);
      FloatVector slope = Curves.quickGeluSlope(v, gate);
      Lanes.store(slope.mul(Lanes.load(dy + o)), dx + o);
    }
  }

  private static void silu(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x + 4L * i);
      FloatVector gate = Curves.siluGate(v);
      Lanes.store(v.mul(gate), y + 4L * i);
    }
  }

  private static void siluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long dy = b & Memory.ADDRESS;
    long dx = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector gate = Curves.siluGate(v);
      FloatVector slope = Curves.siluSlope(v, gate);
      Lanes.store(slope.mul(Lanes.load(dy + o)), dx + o);
    }
  }
}
