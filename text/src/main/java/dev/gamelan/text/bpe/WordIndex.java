package dev.gamelan.text.bpe;

import java.util.Arrays;

/** Ids of words by their bytes: an open-addressing table, read-only once it is filled. */
final class WordIndex {
  private final int[] slots;
  private final byte[][] words;
  private final int[] ids;
  private int size;

  WordIndex(int capacity) {
    slots = new int[Integer.highestOneBit(Math.max(1, capacity)) * 4];
    words = new byte[capacity][];
    ids = new int[capacity];
  }

  void put(byte[] word, int id) {
    int i = hash(word, 0, word.length) & slots.length - 1;
    while (slots[i] != 0) {
      i = i + 1 & slots.length - 1;
    }
    words[size] = word;
    ids[size] = id;
    slots[i] = ++size;
  }

  /** The id of {@code text[from, to)}; -1 if it isn't a word. */
  int find(byte[] text, int from, int to) {
    int i = hash(text, from, to) & slots.length - 1;
    for (; slots[i] != 0; i = i + 1 & slots.length - 1) {
      byte[] word = words[slots[i] - 1];
      if (Arrays.equals(word, 0, word.length, text, from, to)) {
        return ids[slots[i] - 1];
      }
    }
    return -1;
  }

  private static int hash(byte[] text, int from, int to) {
    int h = to - from;
    for (int i = from; i < to; i++) {
      h = h * 0x01000193 ^ text[i] & 0xFF;
    }
    h *= 0x9E3779B1;
    return h ^ h >>> 15;
  }
}
