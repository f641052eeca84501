package dev.gamelan.kernels.vector;

import static dev.gamelan.kernels.vector.Lanes.load;
import static dev.gamelan.kernels.vector.Lanes.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** One query's scores along a span of positions, and the merging of spans. */
final class VectorAttentionMerge {
  private VectorAttentionMerge() {}

  /**
   * Adds slope·(position − the query's) to places low to high; place 0 lies at {@code distance}.
   */
  static void alibi(long scores, int low, int high, int distance, float slope) {
    for (int i = low; i <= high; i++) {
      long at = scores + i * 4L;
      Memory.f32(at, Memory.f32(at) + slope * (distance + i));
    }
  }

  /**
   * Places low to high become exp(score − their maximum); the vectors' other places become 0. A
   * place always falls into the same lane, and lanes are added in their order.
   */
  static void softmax(long scores, int low, int high, long max, long sum) {
    scores &= Memory.ADDRESS;
    int from = low / Lanes.COUNT * Lanes.COUNT;
    FloatVector none = FloatVector.broadcast(Lanes.SPECIES, Float.NEGATIVE_INFINITY);
    FloatVector m = none;
    for (int i = from; i <= high; i += Lanes.COUNT) {
      FloatVector x = load(scores + i * 4L);
      if (i < low || i + Lanes.COUNT > high + 1) {
        VectorMask<Float> seen =
            Lanes.SPECIES.indexInRange(i, high + 1L).andNot(Lanes.SPECIES.indexInRange(i, low));
        x = none.blend(x, seen);
        store(x, scores + i * 4L);
      }
      m = m.blend(x, x.compare(VectorOperators.GT, m));
    }
    float top = m.reduceLanes(VectorOperators.MAX);
    float base = top == Float.NEGATIVE_INFINITY ? 0 : top;
    FloatVector total = FloatVector.zero(Lanes.SPECIES);
    for (int i = from; i <= high; i += Lanes.COUNT) {
      FloatVector x = VectorMath.exp(load(scores + i * 4L).sub(base));
      total = total.add(x);
      store(x, scores + i * 4L);
    }
    float s = 0;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      s += total.lane(lane);
    }
    Memory.f32(max, top);
    Memory.f32(sum, s);
  }

  /**
   * Adds a span's share to what earlier spans gave. Both lie as {@code count} rows of sums of
   * values, then the maxima, then the sums of exponentials.
   *
   * @param width floats of a row, whole vectors
   * @param row bytes of a row
   */
  static void add(long share, long state, int count, int width, long row) {
    long max = count * row;
    long sum = max + count * 4L;
    for (int i = 0; i < count; i++) {
      float here = Memory.f32(share + max + i * 4L);
      float before = Memory.f32(state + max + i * 4L);
      if (here == Float.NEGATIVE_INFINITY) {
        continue;
      }
      float top = before > here ? before : here;
      float keep = exp(before - top);
      float take = exp(here - top);
      Memory.f32(state + max + i * 4L, top);
      Memory.f32(
          state + sum + i * 4L,
          Memory.f32(state + sum + i * 4L) * keep + Memory.f32(share + sum + i * 4L) * take);
      blend(state + i * row, keep, share + i * row, take, width);
    }
  }

  private static float exp(float x) {
    return VectorMath.exp(FloatVector.broadcast(Lanes.SPECIES, x)).lane(0);
  }

  private static void blend(long to, float keep, long from, float take, int n) {
    to &= Memory.ADDRESS;
    from &= Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      FloatVector x = load(to + i * 4L).mul(keep);
      store(x.add(load(from + i * 4L).mul(take)), to + i * 4L);
    }
  }
}
