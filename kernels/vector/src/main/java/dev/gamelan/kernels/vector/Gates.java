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
    long gate = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long y = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      Lanes.store(Curves.relu(Lanes.load(gate + o)).mul(Lanes.load(up + o)), y + o);
    }
  }

  private static void reluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long gate = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long dy = c & Memory.ADDRESS;
    long dgate = d & Memory.ADDRESS;
    long dup = e & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector x = Lanes.load(gate + o);
      FloatVector g = Lanes.load(dy + o);
      Lanes.store(Curves.reluSlope(x).mul(Lanes.load(up + o)).mul(g), dgate + o);
      Lanes.store(Curves.relu(x).mul(g), dup + o);
    }
  }

  private static void gelu(long a, long b, long c, long d, long e, int n, float p) {
    long gate = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long y = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      Lanes.store(Curves.gelu(Lanes.load(gate + o)).mul(Lanes.load(up + o)), y + o);
    }
  }

  private static void geluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long gate = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long dy = c & Memory.ADDRESS;
    long dgate = d & Memory.ADDRESS;
    long dup = e & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector x = Lanes.load(gate + o);
      FloatVector g = Lanes.load(dy + o);
      Lanes.store(Curves.geluSlope(x).mul(Lanes.load(up + o)).mul(g), dgate + o);
      Lanes.store(Curves.gelu(x).mul(g), dup + o);
    }
  }

  private static void geluTanh(long a, long b, long c, long d, long e, int n, float p) {
    long gate = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long y = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      Lanes.store(Curves.geluTanh(Lanes.load(gate + o)).mul(Lanes.load(up + o)), y + o);
    }
  }

  private static void geluTanhBackward(long a, long b, long c, long d, long e, int n, float p) {
    long gate = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long dy = c & Memory.ADDRESS;
    long dgate = d & Memory.ADDRESS;
    long dup = e & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector x = Lanes.load(gate + o);
      FloatVector g = Lanes.load(dy + o);
      Lanes.store(Curves.geluTanhSlope(x).mul(Lanes.load(up + o)).mul(g), dgate + o);
      Lanes.store(Curves.geluTanh(x).mul(g), dup + o);
    }
  }

  private static void quickGelu(long a, long b, long c, long d, long e, int n, float p) {
    long gate = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long y = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      Lanes.store(Curves.quickGelu(Lanes.load(gate + o)).mul(Lanes.load(up + o)), y + o);
    }
  }

  private static void quickGeluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long gate = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long dy = c & Memory.ADDRESS;
    long dgate = d & Memory.ADDRESS;
    long dup = e & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector x = Lanes.load(gate + o);
      FloatVector g = Lanes.load(dy + o);
      Lanes.store(Curves.quickGeluSlope(x).mul(Lanes.load(up + o)).mul(g), dgate + o);
      Lanes.store(Curves.quickGelu(x).mul(g), dup + o);
    }
  }

  private static void silu(long a, long b, long c, long d, long e, int n, float p) {
    long gate = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long y = c & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      Lanes.store(Curves.silu(Lanes.load(gate + o)).mul(Lanes.load(up + o)), y + o);
    }
  }

  private static void siluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long gate = a & Memory.ADDRESS;
    long up = b & Memory.ADDRESS;
    long dy = c & Memory.ADDRESS;
    long dgate = d & Memory.ADDRESS;
    long dup = e & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector x = Lanes.load(gate + o);
      FloatVector g = Lanes.load(dy + o);
      Lanes.store(Curves.siluSlope(x).mul(Lanes.load(up + o)).mul(g), dgate + o);
      Lanes.store(Curves.silu(x).mul(g), dup + o);
    }
  }
}
