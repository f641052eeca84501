package dev.gamelan.kernels.vector;

import java.lang.foreign.Arena;
import jdk.incubator.vector.FloatVector;

/**
 * Rows of ones and of zeros, for norms without weight or bias; they grow to the widest asked for.
 */
final class Constants implements AutoCloseable {
  private Arena arena = Arena.ofShared();
  private int width;
  private long ones;
  private long zeros;

  /** Valid until a wider row is asked for. */
  long ones(int columns) {
    grow(columns);
    return ones;
  }

  /** Valid until a wider row is asked for. */
  long zeros(int columns) {
    grow(columns);
    return zeros;
  }

  private void grow(int columns) {
    if (columns <= width) {
      return;
    }
    arena.close();
    arena = Arena.ofShared();
    width = (int) Memory.roundUp(columns, Lanes.COUNT);
    ones = Memory.allocate(arena, 4L * width);
    zeros = Memory.allocate(arena, 4L * width);
    for (int i = 0; i < width; i += Lanes.COUNT) {
      Lanes.store(FloatVector.broadcast(Lanes.SPECIES, 1), ones + 4L * i);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
