package dev.gamelan.kernels.vector;

import static dev.gamelan.kernels.vector.Lanes.load;
import static dev.gamelan.kernels.vector.Lanes.store;

import jdk.incubator.vector.FloatVector;

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
   *
   * @param room three vectors
   */
  static void softmax(long scores, int low, int high, long max, long sum, long room) {
    int from = low / Lanes.COUNT * Lanes.COUNT;
    int vectors = high / Lanes.COUNT + 1 - from / Lanes.COUNT;
    long at = scores + from * 4L;
    clear(scores, from, low);
    clear(scores, high + 1, from + vectors * Lanes.COUNT);
    long top = room;
    long base = room + Lanes.BYTES;
    long total = base + Lanes.BYTES;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      Memory.f32(top + lane * 4L, Float.NEGATIVE_INFINITY);
    }
    ColumnSweeps.max(at, Lanes.BYTES, vectors, top);
    float m = Float.NEGATIVE_INFINITY;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      float x = Memory.f32(top + lane * 4L);
      m = x > m ? x : m;
    }
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      Memory.f32(base + lane * 4L, m == Float.NEGATIVE_INFINITY ? 0 : m);
    }
    ColumnSweeps.exp(at, Lanes.BYTES, vectors, base, total);
    float s = 0;
    for (int lane = 0; lane < Lanes.COUNT; lane++) {
      s += Memory.f32(total + lane * 4L);
    }
    Memory.f32(max, m);
    Memory.f32(sum, s);
  }

  private static void clear(long scores, int from, int to) {
    for (int i = from; i < to; i++) {
      Memory.f32(scores + i * 4L, Float.NEGATIVE_INFINITY);
    }
  }

  /** Bytes of {@code count} floats in whole vectors. */
  static long whole(int count) {
    return Memory.roundUp(count, Lanes.COUNT) * 4;
  }

  /**
   * Bytes of a share: {@code count} rows of sums of values, the maxima, the sums of exponentials.
   */
  static long shareBytes(int count, long row) {
    return count * row + 2 * whole(count);
  }

  /** A share of which nothing has been seen. */
  static void empty(long share, int count, long row) {
    Memory.zero(share, shareBytes(count, row));
    for (long i = 0; i < whole(count); i += 4) {
      Memory.f32(share + count * row + i, Float.NEGATIVE_INFINITY);
    }
  }

  /**
   * Adds a span's share to what earlier spans gave.
   *
   * @param width floats of a row, whole vectors
   * @param row bytes of a row
   * @param room {@link #roomBytes}
   */
  static void add(long share, long state, int count, int width, long row, long room) {
    long max = count * row;
    long sum = max + whole(count);
    long keep = room;
    long take = keep + whole(count);
    long zero = take + whole(count);
    for (int i = 0; i < count; i++) {
      float here = Memory.f32(share + max + i * 4L);
      float before = Memory.f32(state + max + i * 4L);
      float top = before > here ? before : here;
      // Before anything has been seen any factor will do; −∞ − −∞ wouldn't.
      boolean none = top == Float.NEGATIVE_INFINITY;
      Memory.f32(state + max + i * 4L, top);
      Memory.f32(keep + i * 4L, none ? 0 : before - top);
      Memory.f32(take + i * 4L, none ? 0 : here - top);
    }
    int vectors = (int) (whole(count) / Lanes.BYTES);
    Memory.zero(zero, Lanes.BYTES);
    ColumnSweeps.exp(keep, Lanes.BYTES, vectors, zero, zero + Lanes.BYTES);
    ColumnSweeps.exp(take, Lanes.BYTES, vectors, zero, zero + Lanes.BYTES);
    for (int i = 0; i < count; i++) {
      float k = Memory.f32(keep + i * 4L);
      float t = Memory.f32(take + i * 4L);
      Memory.f32(
          state + sum + i * 4L,
          Memory.f32(state + sum + i * 4L) * k + Memory.f32(share + sum + i * 4L) * t);
      blend(state + i * row, k, share + i * row, t, width);
    }
  }

  /** Bytes that {@link #add} needs beside. */
  static long roomBytes(int count) {
    return 2 * whole(count) + 2 * Lanes.BYTES;
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
