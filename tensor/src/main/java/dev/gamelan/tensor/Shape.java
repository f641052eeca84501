package dev.gamelan.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The extents of a tensor, slowest first. A shape of no dimensions is a scalar of one element.
 *
 * @param extents each at least 0
 */
public record Shape(long... extents) {
  /**
   * @throws IllegalArgumentException if an extent is negative or the product exceeds a long
   */
  public Shape {
    extents = extents.clone();
    long elements = 1;
    for (long extent : extents) {
      if (extent < 0) {
        throw new IllegalArgumentException(
            "shape " + text(extents) + ": extents must be at least 0");
      }
      try {
        elements = Math.multiplyExact(elements, extent);
      } catch (ArithmeticException tooMany) {
        throw new IllegalArgumentException(
            "shape " + text(extents) + ": more elements than 2^63-1", tooMany);
      }
    }
  }

  @Override
  public long[] extents() {
    return extents.clone();
  }

  public int rank() {
    return extents.length;
  }

  /** The extent of dimension {@code d}; negative ones count from the end. */
  public long extent(int d) {
    return extents[d < 0 ? extents.length + d : d];
  }

  public long elements() {
    long n = 1;
    for (long extent : extents) {
      n *= extent;
    }
    return n;
  }

  /** The last extent, 1 for a scalar. */
  public long columns() {
    return extents.length == 0 ? 1 : extents[extents.length - 1];
  }

  /** The product of all extents but the last, 1 for a scalar or a vector. */
  public long rows() {
    long n = 1;
    for (int i = 0; i < extents.length - 1; i++) {
      n *= extents[i];
    }
    return n;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape that && Arrays.equals(extents, that.extents);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(extents);
  }

  @Override
  public String toString() {
    return text(extents);
  }

  private static String text(long[] extents) {
    return Arrays.stream(extents)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
