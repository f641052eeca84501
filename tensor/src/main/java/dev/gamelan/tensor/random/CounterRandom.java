package dev.gamelan.tensor.random;

/**
 * Random numbers that are a function of (seed, stream, index): no state, so that the number of
 * threads, the order of calls and an interruption change nothing.
 *
 * <p>The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
 * SC 2011): the key is the seed, the counter is (index, stream). One block gives 128 bits.
 *
 * @param seed what a run is named by
 * @param stream which use of randomness this is (a step, an epoch, a tensor); streams with one seed
 *     are independent
 */
public record CounterRandom(long seed, long stream) {
  private static final int MULTIPLIER_0 = 0xD2511F53;
  private static final int MULTIPLIER_1 = 0xCD9E8D57;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;

  /** 64 uniform bits, the {@code index}-th of this stream. */
  public long bits(long index) {
    return block(index, 0);
  }

  /** A uniform double in [0, 1) with 53 bits. */
  public double uniform(long index) {
    return (bits(index) >>> 11) * 0x1.0p-53;
  }

  /**
   * A uniform integer in [0, bound), without modulo bias (multiply-shift with rejection; the
   * retries draw from the second half of the block and so on, still a function of the index alone).
   */
  public long below(long bound, long index) {
    if (bound <= 0) {
      throw new IllegalArgumentException(
          "random.below: bound is " + bound + "; it must be at least 1");
    }
    long threshold = Long.remainderUnsigned(-bound, bound);
    for (int attempt = 0; ; attempt++) {
      long x = block(index, attempt);
      if (Long.compareUnsigned(x * bound, threshold) >= 0) {
        return Math.unsignedMultiplyHigh(x, bound);
      }
    }
  }

  /** A standard normal deviate (Box–Muller on two draws of this index). */
  public double normal(long index) {
    double u = ((block(index, 0) >>> 11) + 1) * 0x1.0p-53;
    double v = (block(index, 1) >>> 11) * 0x1.0p-53;
    return StrictMath.sqrt(-2 * StrictMath.log(u)) * StrictMath.cos(2 * Math.PI * v);
  }

  /** An independent stream below this one, e.g. a step's stream for one tensor. */
  public CounterRandom child(long name) {
    return new CounterRandom(block(name, 0x5eed), block(name, 0x57ea));
  }

  private long block(long index, int attempt) {
    // The attempt rides in the top bits of the stream word, which no caller's stream fills.
    int c0 = (int) index;
    int c1 = (int) (index >>> 32);
    int c2 = (int) stream;
    int c3 = (int) (stream >>> 32) ^ (attempt << 16 | attempt);
    int k0 = (int) seed;
    int k1 = (int) (seed >>> 32);
    for (int round = 0; round < 10; round++) {
      long p0 = (MULTIPLIER_0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
      long p1 = (MULTIPLIER_1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
      int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c1 = (int) p1;
      c3 = (int) p0;
      c0 = n0;
      c2 = n2;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    return (c0 & 0xFFFFFFFFL) << 32 | (c1 & 0xFFFFFFFFL);
  }
}
