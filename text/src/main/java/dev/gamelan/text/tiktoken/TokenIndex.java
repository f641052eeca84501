package dev.gamelan.text.tiktoken;

import java.util.Arrays;
import java.util.Map;

/**
 * Ranks by tokens, for finding the parts of tokens among them: with a hash that is a polynomial,
 * that of every part follows from those of the beginnings in one step.
 */
final class TokenIndex {
  private static final int BASE = 0x01000193;
  private final byte[][] tokens;
  private final int[] ranks;
  private final int[] slots;

  TokenIndex(Map<Integer, byte[]> byRank) {
    tokens = new byte[byRank.size()][];
    ranks = new int[tokens.length];
    slots = new int[Integer.highestOneBit(Math.max(1, tokens.length)) * 4];
    int size = 0;
    for (Map.Entry<Integer, byte[]> e : byRank.entrySet()) {
      tokens[size] = e.getValue();
      ranks[size] = e.getKey();
      int hash = 0;
      for (byte b : e.getValue()) {
        hash = hash * BASE + b;
      }
      int slot = slot(hash);
      while (slots[slot] != 0) {
        slot = slot + 1 & slots.length - 1;
      }
      slots[slot] = ++size;
    }
  }

  /** Takes ways to make a token of two others. */
  interface Parts {
    /** The ranks of the two. */
    void join(int left, int right);
  }

  /** Gives {@code parts} all ways to make {@code token} of two others, the shortest left first. */
  void split(byte[] token, Parts parts) {
    int whole = 0;
    for (byte b : token) {
      whole = whole * BASE + b;
    }
    int power = 1;
    int inverse = inverse(BASE);
    for (int i = 0; i < token.length; i++) {
      power *= BASE;
    }
    int left = 0;
    for (int cut = 1; cut < token.length; cut++) {
      left = left * BASE + token[cut - 1];
      // The base to the length of the right part.
      power *= inverse;
      int a = find(token, 0, cut, left);
      int b = a < 0 ? -1 : find(token, cut, token.length, whole - left * power);
      if (b >= 0) {
        parts.join(a, b);
      }
    }
  }

  // Modulo 2^32, by Newton's iteration; the base is odd.
  private static int inverse(int odd) {
    int x = odd;
    for (int i = 0; i < 5; i++) {
      x *= 2 - odd * x;
    }
    return x;
  }

  private int find(byte[] text, int from, int to, int hash) {
    for (int slot = slot(hash); slots[slot] != 0; slot = slot + 1 & slots.length - 1) {
      byte[] token = tokens[slots[slot] - 1];
      if (Arrays.equals(token, 0, token.length, text, from, to)) {
        return ranks[slots[slot] - 1];
      }
    }
    return -1;
  }

  private int slot(int hash) {
    int h = hash * 0x9E3779B1;
    return (h ^ h >>> 15) & slots.length - 1;
  }
}
