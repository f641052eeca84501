package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.spi.Activation;
import jdk.incubator.vector.FloatVector;

/**
 * Sweeps of gated units, f(gate)·up, forward and backward; each is a {@link Pass}. The backward
 * pass is two of them, {@link #backward} and {@link #products}, a block of elements after the
 * other.
 */
final class Gates {
  private Gates() {}

  /** c = f(a)·b. */
  static Pass forward(Activation f) {
    return switch (f) {
      case RELU -> Gates::relu;
      case GELU -> Gates::gelu;
      case GELU_TANH -> Gates::geluTanh;
      case QUICK_GELU -> Gates::quickGelu;
      case SILU -> Gates::silu;
    };
  }

  /** d = f'(a) and e = f(a) for the gate a. */
  static Pass backward(Activation f) {
    return switch (f) {
      case RELU -> Gates::reluBackward;
      case GELU -> Gates::geluBackward;
      case GELU_TANH -> Gates::geluTanhBackward;
      case QUICK_GELU -> Gates::quickGeluBackward;
      case SILU -> Gates::siluBackward;
    };
  }

  /** d = d·b·c and e = e·c, for the other factor b and the gradient c. */
  static void products(long a, long b, long c, long d, long e, int n, float p) {
    long up = b & Memory.ADDRESS;
    long dy = c & Memory.ADDRESS;
    long dgate = d & Memory.ADDRESS;
    long dup = e & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector g = Lanes.load(dy + o);
      Lanes.store(Lanes.load(dgate + o).mul(Lanes.load(up + o)).mul(g), dgate + o);
      Lanes.store(Lanes.load(dup + o).mul(g), dup + o);
    }
  }

  private static void relu(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long y = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      Lanes.store(v.max(0).mul(Lanes.load(up + o)), y + o);
    }
  }

  private static void reluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long slopes = d & Memory.ADDRESS;
    long values = e & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      Lanes.store(Curves.step(v), slopes + o);
      Lanes.store(v.max(0), values + o);
    }
  }

  private static void gelu(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long y = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector gate = Curves.normalCdf(v);
      Lanes.store(v.mul(gate).mul(Lanes.load(up + o)), y + o);
    }
  }

  private static void geluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long slopes = d & Memory.ADDRESS;
    long values = e & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector bell = Curves.bell(v);
      FloatVector gate = Curves.normalCdf(v, bell);
      Lanes.store(Curves.geluSlope(v, bell, gate), slopes + o);
      Lanes.store(v.mul(gate), values + o);
    }
  }

  private static void geluTanh(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long y = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector gate = Curves.geluTanhGate(v);
      Lanes.store(v.mul(gate).mul(Lanes.load(up + o)), y + o);
    }
  }

  private static void geluTanhBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long slopes = d & Memory.ADDRESS;
    long values = e & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector gate = Curves.geluTanhGate(v);
      Lanes.store(Curves.geluTanhSlope(v, gate), slopes + o);
      Lanes.store(v.mul(gate), values + o);
    }
  }

  private static void quickGelu(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long y = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector gate = Curves.quickGeluGate(v);
      Lanes.store(v.mul(gate).mul(Lanes.load(up + o)), y + o);
    }
  }

  private static void quickGeluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long slopes = d & Memory.ADDRESS;
    long values = e & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector gate = Curves.quickGeluGate(v);
      Lanes.store(Curves.quickGeluSlope(v, gate), slopes + o);
      Lanes.store(v.mul(gate), values + o);
    }
  }

  private static void silu(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long y = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector gate = Curves.siluGate(v);
      Lanes.store(v.mul(gate).mul(Lanes.load(up + o)), y + o);
    }
  }

  private static void siluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long slopes = d & Memory.ADDRESS;
    long values = e & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector gate = Curves.siluGate(v);
      Lanes.store(Curves.siluSlope(v, gate), slopes + o);
      Lanes.store(v.mul(gate), values + o);
    }
  }
}
