package dev.gamelan.kernels.vector;

import static dev.gamelan.kernels.vector.Lanes.load;
import static dev.gamelan.kernels.vector.Lanes.store;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.RotaryStyle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/** Rotary embedding in place (Su et al., 2021), rows split among the threads. */
final class VectorRotary {
  /** Rows a task: enough work to be worth handing out. */
  private static final int ROWS = 16;

  /** The other element of each pair. */
  private static final VectorShuffle<Float> PARTNER =
      VectorShuffle.fromOp(Lanes.SPECIES, i -> i ^ 1);

  /** Each of the first half of the lanes twice. */
  private static final VectorShuffle<Float> TWICE_LOW =
      VectorShuffle.fromOp(Lanes.SPECIES, i -> i / 2);

  /** Each of the second half of the lanes twice. */
  private static final VectorShuffle<Float> TWICE_HIGH =
      VectorShuffle.fromOp(Lanes.SPECIES, i -> (i + Lanes.COUNT) / 2);

  /** −1 for the first of a pair, 1 for the second: the sign of the sine. */
  private static final FloatVector SIGNS = FloatVector.fromArray(Lanes.SPECIES, signs(), 0);

  private final Workers workers;
  private final Workers.Task turning = this::turn;

  private int rows;
  private long x;
  private long stride;
  private int[] heads = new int[0];
  private RotaryStyle style = RotaryStyle.HALF_SPLIT;
  private long positions;
  private long cos;
  private long cosStride;
  private long sin;
  private long sinStride;
  private int pairs;
  private float sign;

  VectorRotary(Workers workers) {
    this.workers = workers;
  }

  private static float[] signs() {
    float[] signs = new float[Lanes.COUNT];
    for (int i = 0; i < signs.length; i++) {
      signs[i] = i % 2 == 0 ? -1 : 1;
    }
    return signs;
  }

  void rotary(
      Tensor x,
      int[] heads,
      RotaryStyle style,
      Tensor positions,
      Tensor cos,
      Tensor sin,
      boolean inverse) {
    rows = Math.toIntExact(x.rows());
    this.x = x.address();
    stride = x.rowStride() * 4;
    this.heads = heads;
    this.style = style;
    this.positions = positions.address();
    this.cos = cos.address();
    cosStride = cos.rowStride() * 4;
    this.sin = sin.address();
    sinStride = sin.rowStride() * 4;
    pairs = Math.toIntExact(cos.columns());
    sign = inverse ? -1 : 1;
    workers.run((rows + ROWS - 1) / ROWS, turning);
  }

  private void turn(int task, int worker) {
    int to = Math.min(rows, (task + 1) * ROWS);
    for (int i = task * ROWS; i < to; i++) {
      long position = Integers.at(positions, i);
      long c = cos + position * cosStride;
      long s = sin + position * sinStride;
      for (int head : heads) {
        long at = x + i * stride + head * 4L;
        switch (style) {
          case HALF_SPLIT -> halves(at, at + pairs * 4L, c, s, pairs, sign);
          case INTERLEAVED -> interleaved(at, c, s, pairs, sign);
        }
      }
    }
  }

  private static void halves(long a, long b, long cos, long sin, int n, float sign) {
    a &= Memory.ADDRESS;
    b &= Memory.ADDRESS;
    cos &= Memory.ADDRESS;
    sin &= Memory.ADDRESS;
    int i = 0;
    for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector x = load(a + i * 4L);
      FloatVector y = load(b + i * 4L);
      FloatVector c = load(cos + i * 4L);
      FloatVector s = load(sin + i * 4L).mul(sign);
      store(x.mul(c).sub(y.mul(s)), a + i * 4L);
      store(y.mul(c).add(x.mul(s)), b + i * 4L);
    }
    for (; i < n; i++) {
      pair(a + i * 4L, b + i * 4L, cos + i * 4L, sin + i * 4L, sign);
    }
  }

  private static void interleaved(long at, long cos, long sin, int n, float sign) {
    at &= Memory.ADDRESS;
    cos &= Memory.ADDRESS;
    sin &= Memory.ADDRESS;
    FloatVector signs = SIGNS.mul(sign);
    int i = 0;
    for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector c = load(cos + i * 4L);
      FloatVector s = load(sin + i * 4L);
      long low = at + i * 8L;
      long high = low + Lanes.BYTES;
      FloatVector x = load(low);
      FloatVector y = load(high);
      store(turned(x, c.rearrange(TWICE_LOW), s.rearrange(TWICE_LOW).mul(signs)), low);
      store(turned(y, c.rearrange(TWICE_HIGH), s.rearrange(TWICE_HIGH).mul(signs)), high);
    }
    for (; i < n; i++) {
      pair(at + i * 8L, at + i * 8L + 4, cos + i * 4L, sin + i * 4L, sign);
    }
  }

  private static FloatVector turned(FloatVector x, FloatVector cos, FloatVector signedSin) {
    return x.mul(cos).add(x.rearrange(PARTNER).mul(signedSin));
  }

  private static void pair(long a, long b, long cos, long sin, float sign) {
    float x = Memory.f32(a);
    float y = Memory.f32(b);
    float c = Memory.f32(cos);
    float s = Memory.f32(sin) * sign;
    Memory.f32(a, x * c - y * s);
    Memory.f32(b, y * c + x * s);
  }
}
