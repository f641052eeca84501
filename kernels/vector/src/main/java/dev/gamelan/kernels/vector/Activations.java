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

  /** c = p·c + f'(a)·b; p is 0 or 1, and c isn't read for 0. */
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
      Lanes.store(Curves.relu(Lanes.load(x + 4L * i)), y + 4L * i);
    }
  }

  private static void reluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long dy = b & Memory.ADDRESS;
    long dx = c & Memory.ADDRESS;
    boolean accumulate = p != 0;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector slope = Curves.reluSlope(Lanes.load(x + o)).mul(Lanes.load(dy + o));
      Lanes.store(accumulate ? Lanes.load(dx + o).add(slope) : slope, dx + o);
    }
  }

  private static void gelu(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      Lanes.store(Curves.gelu(Lanes.load(x + 4L * i)), y + 4L * i);
    }
  }

  private static void geluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long dy = b & Memory.ADDRESS;
    long dx = c & Memory.ADDRESS;
    boolean accumulate = p != 0;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector slope = Curves.geluSlope(Lanes.load(x + o)).mul(Lanes.load(dy + o));
      Lanes.store(accumulate ? Lanes.load(dx + o).add(slope) : slope, dx + o);
    }
  }

  private static void geluTanh(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      Lanes.store(Curves.geluTanh(Lanes.load(x + 4L * i)), y + 4L * i);
    }
  }

  private static void geluTanhBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long dy = b & Memory.ADDRESS;
    long dx = c & Memory.ADDRESS;
    boolean accumulate = p != 0;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector slope = Curves.geluTanhSlope(Lanes.load(x + o)).mul(Lanes.load(dy + o));
      Lanes.store(accumulate ? Lanes.load(dx + o).add(slope) : slope, dx + o);
    }
  }

  private static void quickGelu(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      Lanes.store(Curves.quickGelu(Lanes.load(x + 4L * i)), y + 4L * i);
    }
  }

  private static void quickGeluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long dy = b & Memory.ADDRESS;
    long dx = c & Memory.ADDRESS;
    boolean accumulate = p != 0;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector slope = Curves.quickGeluSlope(Lanes.load(x + o)).mul(Lanes.load(dy + o));
      Lanes.store(accumulate ? Lanes.load(dx + o).add(slope) : slope, dx + o);
    }
  }

  private static void silu(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      Lanes.store(Curves.silu(Lanes.load(x + 4L * i)), y + 4L * i);
    }
  }

  private static void siluBackward(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long dy = b & Memory.ADDRESS;
    long dx = c & Memory.ADDRESS;
    boolean accumulate = p != 0;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      long o = 4L * i;
      FloatVector slope = Curves.siluSlope(Lanes.load(x + o)).mul(Lanes.load(dy + o));
      Lanes.store(accumulate ? Lanes.load(dx + o).add(slope) : slope, dx + o);
    }
  }
}
