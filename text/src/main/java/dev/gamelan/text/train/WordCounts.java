package dev.gamelan.text.train;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** How often each word occurs: an open-addressing table over one row of bytes. */
final class WordCounts {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private byte[] bytes = new byte[1 << 16];
  private int[] ends = new int[1 << 12];
  private long[] counts = new long[1 << 12];
  private int size;

  // Index of a word and one; beside it the hash, which is compared first.
  private int[] slots = new int[1 << 14];
  private int[] hashes = new int[1 << 14];

  int size() {
    return size;
  }

  int start(int word) {
    return word == 0 ? 0 : ends[word - 1];
  }

  int end(int word) {
    return ends[word];
  }

  long count(int word) {
    return counts[word];
  }

  byte[] bytes() {
    return bytes;
  }

  /** The bytes of all different words together. */
  int totalBytes() {
    return size == 0 ? 0 : ends[size - 1];
  }

  /** How many bytes the table takes, more or less. */
  long memory() {
    return bytes.length + 12L * ends.length + 8L * slots.length;
  }

  /** The words in the order of their bytes, as unsigned strings. */
  int[] order() {
    long[] heads = new long[size];
    Integer[] order = new Integer[size];
    for (int w = 0; w < size; w++) {
      order[w] = w;
      for (int i = 0; i < 8; i++) {
        int at = start(w) + i;
        heads[w] = heads[w] << 8 | (at < ends[w] ? bytes[at] & 0xFF : 0);
      }
    }
    Arrays.parallelSort(
        order,
        (a, b) -> {
          int c = Long.compareUnsigned(heads[a], heads[b]);
          return c != 0
              ? c
              : Arrays.compareUnsigned(bytes, start(a), ends[a], bytes, start(b), ends[b]);
        });
    int[] out = new int[size];
    Arrays.setAll(out, i -> order[i]);
    return out;
  }

  /** Adds {@code count} occurrences of the word {@code text[from, to)}. */
  void add(byte[] text, int from, int to, long count) {
    int hash = hash(text, from, to);
    int i = hash >>> 1 & slots.length - 1;
    for (; slots[i] != 0; i = i + 1 & slots.length - 1) {
      if (hashes[i] == hash) {
        int word = slots[i] - 1;
        if (Arrays.equals(bytes, start(word), ends[word], text, from, to)) {
          counts[word] = Math.addExact(counts[word], count);
          return;
        }
      }
    }
    slots[i] = append(text, from, to, count) + 1;
    hashes[i] = hash;
    if (size > slots.length / 2) {
      rehash();
    }
  }

  void addAll(WordCounts other) {
    for (int word = 0; word < other.size; word++) {
      add(other.bytes, other.start(word), other.ends[word], other.counts[word]);
    }
  }

  private int append(byte[] text, int from, int to, long count) {
    int start = totalBytes();
    long end = (long) start + to - from;
    if (end > Integer.MAX_VALUE - 64) {
      throw new IllegalStateException(
          "tokenizer training: the different words of the text take more than 2 GiB; train on a"
              + " sample of it");
    }
    if (end > bytes.length) {
      bytes =
          Arrays.copyOf(
              bytes, (int) Math.min(Integer.MAX_VALUE - 64, Math.max(2L * bytes.length, end)));
    }
    System.arraycopy(text, from, bytes, start, to - from);
    if (size == ends.length) {
      ends = Arrays.copyOf(ends, 2 * size);
      counts = Arrays.copyOf(counts, 2 * size);
    }
    ends[size] = (int) end;
    counts[size] = count;
    return size++;
  }

  private void rehash() {
    int[] oldSlots = slots;
    int[] oldHashes = hashes;
    slots = new int[2 * oldSlots.length];
    hashes = new int[slots.length];
    for (int j = 0; j < oldSlots.length; j++) {
      if (oldSlots[j] != 0) {
        int i = oldHashes[j] >>> 1 & slots.length - 1;
        while (slots[i] != 0) {
          i = i + 1 & slots.length - 1;
        }
        slots[i] = oldSlots[j];
        hashes[i] = oldHashes[j];
      }
    }
  }

  private static int hash(byte[] text, int from, int to) {
    long h = to - from;
    int p = from;
    for (; p + 8 <= to; p += 8) {
      h = mix(h ^ (long) LONGS.get(text, p));
    }
    long tail = 0;
    for (; p < to; p++) {
      tail = tail << 8 | text[p] & 0xFF;
    }
    h = mix(h ^ tail);
    return (int) (h ^ h >>> 32);
  }

  private static long mix(long h) {
    h *= 0x9E3779B97F4A7C15L;
    return h ^ h >>> 29;
  }
}
