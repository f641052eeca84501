package dev.gamelan.text.bpe;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The tokens of words met before, for words of up to {@value #LONGEST} bytes: a bounded
 * open-addressing table that is emptied when it is full. Words of up to 15 bytes are their own
 * keys; of longer ones the bytes are kept. For one thread at a time.
 */
final class WordCache {
  static final int LONGEST = 255;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int ENTRIES = 1 << 16;
  private static final int MOST_ENTRIES = ENTRIES * 5 / 8;
  private static final int MOST_IDS = 1 << 19;
  private static final int MOST_BYTES = 1 << 21;
  private static final int WIDTH = 3;

  // Three longs an entry: two of key, then (the id, or the offset of several) << 8 | how many; 0 is
  // empty.
  private final long[] slots = new long[WIDTH * ENTRIES];
  private int entries;
  private int[] ids = new int[1024];
  private int idCount;
  private byte[] bytes = new byte[1024];
  private int byteCount;

  // The key of the word last looked for.
  private long key0;
  private long key1;
  private int slot;

  /** Appends the ids of the word to {@code out}; false if it isn't known. */
  boolean find(byte[] text, int from, int to, IntList out) {
    key(text, from, to);
    for (int s = slot; ; s = next(s)) {
      long value = slots[s + 2];
      if (value == 0) {
        slot = s;
        return false;
      }
      if (slots[s] == key0 && (slots[s + 1] == key1 || same(slots[s + 1], text, from, to))) {
        int count = (int) (value & 0xFF);
        int at = (int) (value >>> 8);
        if (count == 1) {
          out.add(at);
        } else {
          out.addAll(ids, at, count);
        }
        return true;
      }
    }
  }

  /** Keeps the ids of the word that {@link #find} has just not found. */
  void keep(byte[] text, int from, int to, int[] found, int at, int count) {
    if (count == 0 || count >= 255) {
      return;
    }
    int n = to - from;
    if (entries >= MOST_ENTRIES || idCount + count > MOST_IDS || byteCount + n > MOST_BYTES) {
      Arrays.fill(slots, 0);
      entries = 0;
      idCount = 0;
      byteCount = 0;
      key(text, from, to);
    }
    entries++;
    slots[slot] = key0;
    slots[slot + 1] = n <= 15 ? key1 : keepBytes(text, from, n);
    slots[slot + 2] = (long) (count == 1 ? found[at] : keepIds(found, at, count)) << 8 | count;
  }

  private int keepIds(int[] found, int at, int count) {
    if (idCount + count > ids.length) {
      ids = Arrays.copyOf(ids, Math.max(2 * ids.length, idCount + count));
    }
    System.arraycopy(found, at, ids, idCount, count);
    idCount += count;
    return idCount - count;
  }

  // Marked by the top byte 0xFF, which no short key has.
  private long keepBytes(byte[] text, int from, int n) {
    if (byteCount + n > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, byteCount + n));
    }
    System.arraycopy(text, from, bytes, byteCount, n);
    byteCount += n;
    return 0xFFL << 56 | (long) n << 40 | (byteCount - n);
  }

  private boolean same(long kept, byte[] text, int from, int to) {
    int n = to - from;
    if (kept >>> 56 != 0xFF || (kept >>> 40 & 0xFFFF) != n) {
      return false;
    }
    int at = (int) (kept & 0xFFFFFFFFFFL);
    return Arrays.equals(bytes, at, at + n, text, from, to);
  }

  private void key(byte[] text, int from, int to) {
    int n = to - from;
    long a;
    long b;
    if (n <= 15) {
      if (from + 16 <= text.length) {
        a = (long) LONGS.get(text, from);
        b = (long) LONGS.get(text, from + 8);
        if (n <= 8) {
          a = n == 8 ? a : a & (1L << 8 * n) - 1;
          b = 0;
        } else {
          b &= (1L << 8 * (n - 8)) - 1;
        }
      } else {
        a = slow(text, from, Math.min(n, 8));
        b = n > 8 ? slow(text, from + 8, n - 8) : 0;
      }
      b |= (long) n << 56;
    } else {
      // The first eight bytes tell most long words apart; the hash takes in all of them.
      a = (long) LONGS.get(text, from);
      b = 0;
      long h = n;
      int p = from + 8;
      for (; p + 8 <= to; p += 8) {
        h = mix(h ^ (long) LONGS.get(text, p));
      }
      h = mix(h ^ (long) LONGS.get(text, to - 8));
      a = mix(a ^ h);
      // Never equal to a kept long key, so that the bytes are compared.
      b = -1;
    }
    key0 = a;
    key1 = b;
    slot = (int) (mix(a ^ b * 0x9E3779B97F4A7C15L) >>> 48) * WIDTH;
  }

  private static long slow(byte[] text, int from, int n) {
    long v = 0;
    for (int i = n - 1; i >= 0; i--) {
      v = v << 8 | text[from + i] & 0xFF;
    }
    return v;
  }

  private static long mix(long h) {
    h *= 0xBF58476D1CE4E5B9L;
    return h ^ h >>> 32;
  }

  private static int next(int s) {
    return s + WIDTH == WIDTH * ENTRIES ? 0 : s + WIDTH;
  }
}
