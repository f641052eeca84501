package dev.gamelan.text.unicode;

import java.util.Arrays;

/**
 * Strings of bytes with a value each, found byte by byte: a trie whose edges lie in one
 * open-addressing table. Read-only once it is filled.
 */
public final class ByteTrie {
  /** Where a walk begins. */
  public static final int ROOT = 0;

  /** No such node, or no value. */
  public static final int NONE = -1;

  private static final long EMPTY = -1;

  // A slot: the node and the byte, then the child.
  private long[] slots = new long[256];
  private int[] values = new int[64];
  private int nodes = 1;

  /** Empty. */
  public ByteTrie() {
    Arrays.fill(slots, EMPTY);
    Arrays.fill(values, NONE);
  }

  /** Sets the value, which is not negative, of a string; a later value replaces an earlier one. */
  public void put(byte[] key, int value) {
    int node = ROOT;
    for (byte b : key) {
      int child = child(node, b);
      node = child == NONE ? grow(node, b) : child;
    }
    values[node] = value;
  }

  /** The node that {@code b} leads to; {@link #NONE} if no string goes on so. */
  public int child(int node, byte b) {
    long key = (long) node << 8 | b & 0xFF;
    int mask = slots.length - 1;
    for (int i = hash(key) & mask; ; i = i + 1 & mask) {
      long slot = slots[i];
      if (slot >>> 24 == key && slot != EMPTY) {
        return values(slot);
      } else if (slot == EMPTY) {
        return NONE;
      }
    }
  }

  // Children are numbered in 24 bits, nodes of the key in 32.
  private static int values(long slot) {
    return (int) (slot & 0xFFFFFF);
  }

  /** The value of the string that ends at a node; {@link #NONE} if none does. */
  public int value(int node) {
    return values[node];
  }

  /** The end of the longest string at {@code text[from]}; {@link #NONE} if there is none. */
  public int longest(byte[] text, int from, int to) {
    int end = NONE;
    int node = ROOT;
    for (int p = from; p < to; p++) {
      node = child(node, text[p]);
      if (node == NONE) {
        break;
      }
      if (values[node] != NONE) {
        end = p + 1;
      }
    }
    return end;
  }

  /** The value of {@code text[from, to)}; {@link #NONE} if it has none. */
  public int find(byte[] text, int from, int to) {
    int node = ROOT;
    for (int p = from; p < to && node != NONE; p++) {
      node = child(node, text[p]);
    }
    return node == NONE ? NONE : values[node];
  }

  private int grow(int node, byte b) {
    if (nodes >= 1 << 24) {
      throw new IllegalArgumentException(
          "trie: the strings have more than 2^24 different prefixes; give fewer or shorter ones");
    }
    if (nodes >= slots.length / 2) {
      long[] old = slots;
      slots = new long[2 * old.length];
      Arrays.fill(slots, EMPTY);
      for (long slot : old) {
        if (slot != EMPTY) {
          insert(slot);
        }
      }
    }
    if (nodes == values.length) {
      values = Arrays.copyOf(values, 2 * nodes);
      Arrays.fill(values, nodes, values.length, NONE);
    }
    insert(((long) node << 8 | b & 0xFF) << 24 | nodes);
    return nodes++;
  }

  private void insert(long slot) {
    int mask = slots.length - 1;
    int i = hash(slot >>> 24) & mask;
    while (slots[i] != EMPTY) {
      i = i + 1 & mask;
    }
    slots[i] = slot;
  }

  private static int hash(long key) {
    return (int) (key * 0x9E3779B97F4A7C15L >>> 36);
  }
}
