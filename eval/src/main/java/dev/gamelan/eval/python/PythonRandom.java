package dev.gamelan.eval.python;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Python's {@code random.Random}, bit for bit: the Mersenne Twister (Matsumoto and Nishimura, 1998)
 * seeded with an integer, and what the standard library of Python 3.11 makes of it. Not safe for
 * concurrent use.
 */
public final class PythonRandom {
  private static final int N = 624;
  private static final int M = 397;

  private final int[] state = new int[N];
  private int index = N;

  /** {@code random.Random(seed)}; the sign of the seed doesn't count. */
  public PythonRandom(long seed) {
    BigInteger rest = BigInteger.valueOf(seed).abs();
    int words = Math.max(1, (rest.bitLength() + 31) / 32);
    int[] key = new int[words];
    for (int i = 0; i < words; i++) {
      key[i] = rest.shiftRight(32 * i).intValue();
    }
    seed(key);
  }

  private void seed(int[] key) {
    state[0] = 19650218;
    for (int i = 1; i < N; i++) {
      state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    }
    int i = 1;
    int j = 0;
    for (int k = Math.max(N, key.length); k > 0; k--) {
      state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1664525)) + key[j] + j;
      i++;
      j = (j + 1) % key.length;
      if (i == N) {
        state[0] = state[N - 1];
        i = 1;
      }
    }
    for (int k = N - 1; k > 0; k--) {
      state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >>> 30)) * 1566083941)) - i;
      i++;
      if (i == N) {
        state[0] = state[N - 1];
        i = 1;
      }
    }
    state[0] = 0x80000000;
  }

  private int next() {
    if (index == N) {
      for (int k = 0; k < N; k++) {
        int y = (state[k] & 0x80000000) | (state[(k + 1) % N] & 0x7FFFFFFF);
        state[k] = state[(k + M) % N] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : 0x9908B0DF);
      }
      index = 0;
    }
    int y = state[index++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9D2C5680;
    y ^= (y << 15) & 0xEFC60000;
    return y ^ (y >>> 18);
  }

  /** {@code random()}: uniform in [0, 1), 53 bits. */
  public double random() {
    long a = next() >>> 5;
    long b = next() >>> 6;
    return (a * 67108864.0 + b) * (1.0 / 9007199254740992.0);
  }

  /** {@code randrange(n)}: uniform in [0, n), n from 1 to 2^31 − 1. */
  public int below(int n) {
    if (n < 1) {
      throw new IllegalArgumentException("random: nothing lies in [0, %d)".formatted(n));
    }
    int bits = 32 - Integer.numberOfLeadingZeros(n);
    int r = next() >>> (32 - bits);
    while (r >= n || r < 0) {
      r = next() >>> (32 - bits);
    }
    return r;
  }

  /** {@code choice(items)}. */
  public <T> T choice(List<T> items) {
    return items.get(below(items.size()));
  }

  /** {@code shuffle(items)}, in place. */
  public <T> void shuffle(List<T> items) {
    for (int i = items.size() - 1; i > 0; i--) {
      int j = below(i + 1);
      T item = items.get(i);
      items.set(i, items.get(j));
      items.set(j, item);
    }
  }

  /**
   * {@code sample(items, k)}: k of them, without replacement.
   *
   * @throws IllegalArgumentException if there are fewer than k
   */
  public <T> List<T> sample(List<T> items, int k) {
    int n = items.size();
    if (k < 0 || k > n) {
      throw new IllegalArgumentException(
          "random: a sample of %d out of %d; it must be from 0 to all".formatted(k, n));
    }
    List<T> result = new ArrayList<>(k);
    // The standard library weighs a copied list against a set that grows by powers of four.
    double setSize = 21;
    if (k > 5) {
      setSize += Math.pow(4, Math.ceil(Math.log(k * 3.0) / Math.log(4)));
    }
    if (n <= setSize) {
      List<T> pool = new ArrayList<>(items);
      for (int i = 0; i < k; i++) {
        int j = below(n - i);
        result.add(pool.get(j));
        pool.set(j, pool.get(n - i - 1));
      }
    } else {
      Set<Integer> selected = new HashSet<>();
      for (int i = 0; i < k; i++) {
        int j = below(n);
        while (!selected.add(j)) {
          j = below(n);
        }
        result.add(items.get(j));
      }
    }
    return result;
  }

  /** The indices that {@code choices(items, k=into.length)} takes out of {@code n}. */
  public void choices(int n, int[] into) {
    for (int i = 0; i < into.length; i++) {
      into[i] = (int) Math.floor(random() * n);
    }
  }
}
