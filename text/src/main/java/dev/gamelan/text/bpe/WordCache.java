package dev.gamelan.text.bpe;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The tokens of words met before, for words of up to {@value #LONGEST} bytes: two bounded hash
 * tables. Words of up to 7 bytes with up to 3 tokens, the most by far, take 16 bytes each in one of
 * them; the others 32 in the second, the bytes of those longer than 15, and ids beyond five, lying
 * in arrays beside it. A word lies in one of a few slots from its hash on; where all are taken, a
 * newer word replaces an older one, and when the arrays are full all of the second table is
 * forgotten. So whatever the words, a lookup takes bounded time, and words made to collide cost no
 * more than having no cache. For one thread at a time.
 */
public final class WordCache {
  /** Longer words are not kept. */
  public static final int LONGEST = 255;

  /**
   * Set apart from {@link #WHOLE} words: stretches of one, which by some models merge otherwise.
   */
  public static final int PART = 0x40;

  /** Whole words. */
  public static final int WHOLE = 0;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int SHORT = 7;
  private static final int SHORT_SLOTS = 1 << 15;
  private static final int SHORT_PROBES = 4;
  private static final int SHORT_WIDTH = 2;
  private static final int SLOTS = 1 << 15;
  private static final int PROBES = 8;
  private static final int MOST_IDS = 1 << 19;
  private static final int MOST_BYTES = 1 << 21;
  private static final int WIDTH = 4;
  private static final int ID_BITS = 21;
  private static final int ID = (1 << ID_BITS) - 1;
  private static final int INLINE = 5;

  // Ids are below it.
  private static final int NO_ID = ID;

  // Two longs a slot: the key, 0 for none, and three ids, NO_ID for none.
  private final long[] shorts = new long[SHORT_WIDTH * (SHORT_SLOTS + SHORT_PROBES)];

  // Four longs a slot: two of key, then 8 bits of how many ids (0: empty) and 2 ids, then 3 ids;
  // or how many and, from bit 8 on, their offset in ids.
  private final long[] slots = new long[WIDTH * (SLOTS + PROBES)];
  private int[] ids = new int[1024];
  private int idCount;
  private byte[] bytes = new byte[1024];
  private int byteCount;
  private int turn;

  // The key of the word last looked for, and where it may be put.
  private long key0;
  private long key1;
  private int slot;

  /**
   * Appends the ids of the word {@code text[from, to)} to {@code out}; false if it isn't known.
   *
   * @param kind {@link #WHOLE} or {@link #PART}
   */
  public boolean find(byte[] text, int from, int to, int kind, IntList out) {
    return to - from <= SHORT && findShort(text, from, to, kind, out)
        || hasOthers(to - from) && findOther(text, from, to, kind, out);
  }

  // Words of one or two bytes have no more than three tokens, mostly longer ones neither.
  private boolean hasOthers(int n) {
    return n > 3;
  }

  private boolean findShort(byte[] text, int from, int to, int kind, IntList out) {
    long key = shortKey(text, from, to, kind);
    int s = shortSlot(key);
    for (int probe = 0; probe < SHORT_PROBES; probe++, s += SHORT_WIDTH) {
      if (shorts[s] == key) {
        long value = shorts[s + 1];
        int second = (int) (value >>> ID_BITS) & ID;
        int third = (int) (value >>> 2 * ID_BITS) & ID;
        out.addUpToThree(
            (int) value & ID,
            second,
            third,
            1 + (second == NO_ID ? 0 : 1) + (third == NO_ID ? 0 : 1));
        return true;
      }
    }
    return false;
  }

  private static int shortSlot(long key) {
    return (int) (mix(key) >>> 49) * SHORT_WIDTH;
  }

  private void keepShort(long key, int[] found, int at, int count) {
    int s = shortSlot(key);
    int free = 0;
    while (free < SHORT_PROBES && shorts[s + free * SHORT_WIDTH] != 0) {
      free++;
    }
    turn++;
    s += (free < SHORT_PROBES ? free : turn & SHORT_PROBES - 1) * SHORT_WIDTH;
    long second = count > 1 ? found[at + 1] : NO_ID;
    long third = count > 2 ? found[at + 2] : NO_ID;
    shorts[s] = key;
    shorts[s + 1] = found[at] | second << ID_BITS | third << 2 * ID_BITS;
  }

  private boolean findOther(byte[] text, int from, int to, int kind, IntList out) {
    key(text, from, to, kind);
    int s = slot;
    for (int probe = 0; probe < PROBES; probe++, s += WIDTH) {
      long value = slots[s + 2];
      if (value == 0) {
        slot = s;
        return false;
      }
      if (slots[s] == key0 && (slots[s + 1] == key1 || same(slots[s + 1], text, from, to, kind))) {
        int count = (int) value & 0xFF;
        if (count <= INLINE) {
          long rest = slots[s + 3];
          out.addUpToFive(
              (int) (value >>> 8) & ID,
              (int) (value >>> 8 + ID_BITS) & ID,
              (int) rest & ID,
              (int) (rest >>> ID_BITS) & ID,
              (int) (rest >>> 2 * ID_BITS),
              count);
        } else {
          out.addAll(ids, (int) (value >>> 8), count);
        }
        return true;
      }
    }
    turn++;
    slot += (turn & PROBES - 1) * WIDTH;
    return false;
  }

  /**
   * Keeps {@code found[at, at + count)}, the ids of the word that {@link #find} has just not found;
   * nothing if they are none or more than 255.
   */
  public void keep(byte[] text, int from, int to, int kind, int[] found, int at, int count) {
    int n = to - from;
    if (count == 0 || count > 255) {
      return;
    }
    if (n <= SHORT && count <= 3) {
      keepShort(shortKey(text, from, to, kind), found, at, count);
      return;
    }
    if (!hasOthers(n)) {
      return;
    }
    if (count > INLINE && idCount + count > MOST_IDS || n > 15 && byteCount + n > MOST_BYTES) {
      Arrays.fill(slots, 0);
      idCount = 0;
      byteCount = 0;
      key(text, from, to, kind);
    }
    slots[slot] = key0;
    slots[slot + 1] = n <= 15 ? key1 : keepBytes(text, from, n, kind);
    long low = count;
    long high = 0;
    if (count <= INLINE) {
      for (int i = 0; i < count; i++) {
        if (i < 2) {
          low |= (long) found[at + i] << 8 + i * ID_BITS;
        } else {
          high |= (long) found[at + i] << (i - 2) * ID_BITS;
        }
      }
    } else {
      low |= (long) keepIds(found, at, count) << 8;
    }
    slots[slot + 2] = low;
    slots[slot + 3] = high;
  }

  private int keepIds(int[] found, int at, int count) {
    if (idCount + count > ids.length) {
      ids = Arrays.copyOf(ids, Math.max(2 * ids.length, idCount + count));
    }
    System.arraycopy(found, at, ids, idCount, count);
    idCount += count;
    return idCount - count;
  }

  // Marked by the top bit, which no short key has.
  private long keepBytes(byte[] text, int from, int n, int kind) {
    if (byteCount + n > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, byteCount + n));
    }
    System.arraycopy(text, from, bytes, byteCount, n);
    byteCount += n;
    return (0x80L | kind) << 56 | (long) n << 40 | (byteCount - n);
  }

  private boolean same(long kept, byte[] text, int from, int to, int kind) {
    int n = to - from;
    if (kept >>> 56 != (0x80 | kind) || (kept >>> 40 & 0xFFFF) != n) {
      return false;
    }
    int at = (int) (kept & 0xFFFFFFFFFFL);
    return Arrays.equals(bytes, at, at + n, text, from, to);
  }

  // The bytes, and above them how many and the kind; never 0.
  private static long shortKey(byte[] text, int from, int to, int kind) {
    int n = to - from;
    long bytes =
        from + 8 <= text.length
            ? (long) LONGS.get(text, from) & (1L << 8 * n) - 1
            : slow(text, from, n);
    return bytes | (long) (n | kind) << 56;
  }

  private void key(byte[] text, int from, int to, int kind) {
    int n = to - from;
    long a;
    long b;
    if (n <= 15) {
      if (from + 16 <= text.length) {
        a = (long) LONGS.get(text, from);
        if (n <= 8) {
          a = n == 8 ? a : a & (1L << 8 * n) - 1;
          b = 0;
        } else {
          b = (long) LONGS.get(text, from + 8) & (1L << 8 * (n - 8)) - 1;
        }
      } else {
        a = slow(text, from, Math.min(n, 8));
        b = n > 8 ? slow(text, from + 8, n - 8) : 0;
      }
      b |= (long) (n | kind) << 56;
    } else {
      long h = n | kind << 8;
      for (int p = from + 8; p + 8 <= to; p += 8) {
        h = mix(h ^ (long) LONGS.get(text, p));
      }
      h = mix(h ^ (long) LONGS.get(text, to - 8));
      a = mix((long) LONGS.get(text, from) ^ h);
      // Never equal to a kept long key, so that the bytes are compared.
      b = -1;
    }
    key0 = a;
    key1 = b;
    slot = (int) (mix(a ^ b * 0x9E3779B97F4A7C15L) >>> 49) * WIDTH;
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
}
