package dev.gamelan.data.permute;

import dev.gamelan.tensor.random.CounterRandom;

/**
 * A keyed bijection of [0, size) that needs no table: an alternating Feistel network over Z_a × Z_b
 * with a·b just above the size, walked until it falls below it (Black and Rogaway, "Ciphers with
 * Arbitrary Finite Domains", CT-RSA 2002, methods 2 and 3). The round functions are Philox.
 *
 * <p>Immutable, and a function of (size, seed, stream) alone.
 */
public final class Permutation {
  private static final int ROUNDS = 10;
  private static final long PURPOSE = 0x5045524dL;

  private final long size;
  private final long left;
  private final long right;
  private final CounterRandom random;

  /**
   * @param size at least 1, at most 2^62
   * @param seed what a run is named by
   * @param stream which permutation of this seed, e.g. an epoch
   */
  public Permutation(long size, long seed, long stream) {
    if (size < 1 || size > 1L << 62) {
      throw new IllegalArgumentException(
          "permutation: size is %d; it must be in [1, 2^62]".formatted(size));
    }
    this.size = size;
    long root = (long) Math.sqrt((double) size);
    while (root * root < size) {
      root++;
    }
    this.left = root;
    this.right = (size + root - 1) / root;
    this.random = new CounterRandom(seed, PURPOSE).child(stream);
  }

  /** The number of elements. */
  public long size() {
    return size;
  }

  /** Where {@code index} goes; both lie in [0, size). */
  public long apply(long index) {
    check(index);
    long x = index;
    do {
      x = forward(x);
    } while (x >= size);
    return x;
  }

  /** What goes to {@code image}: the inverse of {@link #apply}. */
  public long invert(long image) {
    check(image);
    long x = image;
    do {
      x = backward(x);
    } while (x >= size);
    return x;
  }

  private long forward(long x) {
    long l = x / right;
    long r = x % right;
    for (int round = 0; round < ROUNDS; round++) {
      if ((round & 1) == 0) {
        l = (l + mix(round, r, left)) % left;
      } else {
        r = (r + mix(round, l, right)) % right;
      }
    }
    return l * right + r;
  }

  private long backward(long x) {
    long l = x / right;
    long r = x % right;
    for (int round = ROUNDS - 1; round >= 0; round--) {
      if ((round & 1) == 0) {
        l = (l + left - mix(round, r, left)) % left;
      } else {
        r = (r + right - mix(round, l, right)) % right;
      }
    }
    return l * right + r;
  }

  /** Uniform in [0, bound) but for a bias of bound / 2^64: halves are below 2^32. */
  private long mix(int round, long half, long bound) {
    return Math.unsignedMultiplyHigh(random.bits((long) round << 40 | half), bound);
  }

  private void check(long index) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException(
          "permutation: index is %d; it must be in [0, %d)".formatted(index, size));
    }
  }
}
