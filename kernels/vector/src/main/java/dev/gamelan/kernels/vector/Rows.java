package dev.gamelan.kernels.vector;

/** Sweeps along one row of any length, its end an element at a time. */
final class Rows {
  private Rows() {}

  /** y += factor·x. */
  static void addScaled(long from, float factor, long to, int n) {
    long x = from & Memory.ADDRESS;
    long y = to & Memory.ADDRESS;
    int full = n / Lanes.COUNT * Lanes.COUNT;
    Arithmetic.addScaled(x, y, 0, 0, 0, full, factor);
    for (int i = full; i < n; i++) {
      Memory.f32(y + 4L * i, Math.fma(Memory.f32(x + 4L * i), factor, Memory.f32(y + 4L * i)));
    }
  }

  /** y = factor·x. */
  static void scaled(long from, float factor, long to, int n) {
    long x = from & Memory.ADDRESS;
    long y = to & Memory.ADDRESS;
    int full = n / Lanes.COUNT * Lanes.COUNT;
    Arithmetic.scale(x, y, 0, 0, 0, full, factor);
    for (int i = full; i < n; i++) {
      Memory.f32(y + 4L * i, Memory.f32(x + 4L * i) * factor);
    }
  }

  /** y += x. */
  static void add(long from, long to, int n) {
    long x = from & Memory.ADDRESS;
    long y = to & Memory.ADDRESS;
    int full = n / Lanes.COUNT * Lanes.COUNT;
    Arithmetic.addTo(x, y, 0, 0, 0, full, 0);
    for (int i = full; i < n; i++) {
      Memory.f32(y + 4L * i, Memory.f32(y + 4L * i) + Memory.f32(x + 4L * i));
    }
  }
}
