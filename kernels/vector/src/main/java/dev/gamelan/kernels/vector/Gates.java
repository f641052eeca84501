package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.spi.Activation;
import jdk.incubator.vector.FloatVector;

/** Sweeps of gated units, f(gate)·up, forward and backward; each is a {@link Pass}. */
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

  /** d = f'(a)·b·c and e = f(a)·c, for the gate a, the other factor b and the gradient c. */
  static Pass backward(Activation f) {
    return switch (f) {
      case RELU -> Gates::reluBackward;
      case GELU -> Gates::geluBackward;
      case GELU_TANH -> Gates::geluTanhBackward;
      case QUICK_GELU -> Gates::quickGeluBackward;
      case SILU -> Gates::siluBackward;
    };
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
    long up = b & Memory.ADDRESS;
    long dy = c & Memory.ADDRESS;
    long dx = d & Memory.ADDRESS;
    long dup = e & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector g = Lanes.load(dy + o);
      FloatVector slope = Curves.step(v);
      Lanes.store(v.max(0).mul(g), dup + o);
      Lanes.store(slope.mul(Lanes.load(up + o)).mul(g), dx + o);
    }
  }

  private static void gelu(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long y = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector bell = Curves.bell(v);
      FloatVector gate = Curves.normalCdf(v, bell);
      Lanes.store(v.mul(gate).mul(Lanes.load(up + o)), y + o);
    }
  }

  private static void geluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long dy = c & Memory.ADDRESS;
    long dx = d & Memory.ADDRESS;
    long dup = e & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector g = Lanes.load(dy + o);
      FloatVector bell = Curves.bell(v);
      FloatVector gate = Curves.normalCdf(v, bell);
      FloatVector slope = Curves.geluSlope(v, bell, gate);
      Lanes.store(v.mul(gate).mul(g), dup + o);
      Lanes.store(slope.mul(Lanes.load(up + o)).mul(g), dx + o);
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
    long up = b & Memory.ADDRESS;
    long dy = c & Memory.ADDRESS;
    long dx = d & Memory.ADDRESS;
    long dup = e & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector g = Lanes.load(dy + o);
      FloatVector gate = Curves.geluTanhGate(v);
      FloatVector slope = Curves.geluTanhSlope(v, gate);
      Lanes.store(v.mul(gate).mul(g), dup + o);
      Lanes.store(slope.mul(Lanes.load(up + o)).mul(g), dx + o);
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
    long up = b & Memory.ADDRESS;
    long dy = c & Memory.ADDRESS;
    long dx = d & Memory.ADDRESS;
    long dup = e & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector g = Lanes.load(dy + o);
      FloatVector gate = Curves.quickGeluGate(v);
      FloatVector slope = Curves.quickGeluSlope(v, gate);
      Lanes.store(v.mul(gate).mul(g), dup + o);
      Lanes.store(slope.mul(Lanes.load(up + o)).mul(g), dx + o);
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
    long up = b & Memory.ADDRESS;
    long dy = c & Memory.ADDRESS;
    long dx = d & Memory.ADDRESS;
    long dup = e & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector v = Lanes.load(x + o);
      FloatVector g = Lanes.load(dy + o);
      FloatVector gate = Curves.siluGate(v);
      FloatVector slope = Curves.siluSlope(v, gate);
      Lanes.store(v.mul(gate).mul(g), dup + o);
      Lanes.store(slope.mul(Lanes.load(up + o)).mul(g), dx + o);
    }
  }
}
