package dev.gamelan.data.world;

import dev.gamelan.tensor.random.CounterRandom;
import java.util.List;

/** Random choices in a row, a function of (seed, stream, name) alone. */
final class Draw {
  private final CounterRandom random;
  private long index;

  Draw(long seed, long stream, long name) {
    random = new CounterRandom(seed, stream).child(name);
  }

  /** In [0, bound); the bias is below bound / 2^64, and no division is needed. */
  int below(int bound) {
    return (int) Math.unsignedMultiplyHigh(random.bits(index++), bound);
  }

  /** In [low, high], both included. */
  int between(int low, int high) {
    return low + below(high - low + 1);
  }

  boolean chance(double probability) {
    return random.uniform(index++) < probability;
  }

  <T> T of(List<T> options) {
    return options.get(below(options.size()));
  }

  String one(String... options) {
    return options[below(options.length)];
  }
}
