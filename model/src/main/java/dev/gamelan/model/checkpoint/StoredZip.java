package dev.gamelan.model.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The entries of a zip that are stored as they are, where they lie, so that they can be mapped
 * ({@code java.util.zip} doesn't say where). Zip64 is read. Everything the directory says is
 * checked before it is believed (specification: PKWARE's APPNOTE 6.3).
 */
final class StoredZip {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int END = 0x06054b50;
  private static final int END_SIZE = 22;
  private static final int LONGEST_COMMENT = 65535;
  private static final int LOCATOR = 0x07064b50;
  private static final int LOCATOR_SIZE = 20;
  private static final int END64 = 0x06064b50;
  private static final int ENTRY = 0x02014b50;
  private static final int ENTRY_SIZE = 46;
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_SIZE = 30;
  private static final long IN_EXTRA = 0xFFFFFFFFL;

  private record Entry(String name, long crc, long from, long size) {}

  private final String where;
  private final MemorySegment bytes;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /**
   * @param where begins every message
   * @throws IllegalArgumentException if the directory is damaged, or an entry is compressed,
   *     encrypted, beyond the file, over another or twice there
   */
  StoredZip(String where, MemorySegment bytes) {
    this.where = where;
    this.bytes = bytes;
    readDirectory();
  }

  private IllegalArgumentException bad(String text, Object... values) {
    return new IllegalArgumentException(where + ": " + text.formatted(values));
  }

  private void need(long at, long n, String what) {
    if (at < 0 || n < 0 || at > bytes.byteSize() - n) {
      throw bad("%s at byte %d is beyond the file: no whole zip", what, at);
    }
  }

  private long unsigned(long at) {
    return bytes.get(INT, at) & IN_EXTRA;
  }

  private int twoBytes(long at) {
    return bytes.get(SHORT, at) & 0xFFFF;
  }

  private void readDirectory() {
    long end = findEnd();
    long count = twoBytes(end + 10);
    long at = unsigned(end + 16);
    if (end >= LOCATOR_SIZE && bytes.get(INT, end - LOCATOR_SIZE) == LOCATOR) {
      long end64 = bytes.get(LONG, end - LOCATOR_SIZE + 8);
      need(end64, 56, "the end of the directory (zip64)");
      if (bytes.get(INT, end64) != END64) {
        throw bad("the end of the directory (zip64) is damaged: no whole zip");
      }
      count = bytes.get(LONG, end64 + 32);
      at = bytes.get(LONG, end64 + 48);
    }
    if (count < 0 || count > bytes.byteSize() / ENTRY_SIZE) {
      throw bad("the directory claims %d entries: no whole zip", count);
    }
    for (long i = 0; i < count; i++) {
      at = readEntry(at);
    }
    List<Entry> order = new ArrayList<>(entries.values());
    order.sort(Comparator.comparingLong(Entry::from));
    long before = 0;
    for (Entry e : order) {
      if (e.from() < before) {
        throw bad("the entry '%s' lies over another", e.name());
      }
      before = e.from() + e.size();
    }
  }

  private long findEnd() {
    long last = bytes.byteSize() - END_SIZE;
    for (long at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
      if (bytes.get(INT, at) == END && at + END_SIZE + twoBytes(at + 20) == bytes.byteSize()) {
        return at;
      }
    }
    throw bad("it has no directory at its end: no whole zip, perhaps truncated");
  }

  private long readEntry(long at) {
    need(at, ENTRY_SIZE, "an entry of the directory");
    if (bytes.get(INT, at) != ENTRY) {
      throw bad("the directory is damaged at byte %d: no whole zip", at);
    }
    int nameLength = twoBytes(at + 28);
    int extraLength = twoBytes(at + 30);
    long next = at + ENTRY_SIZE + nameLength + extraLength + twoBytes(at + 32);
    need(at, next - at, "an entry of the directory");
    byte[] text = bytes.asSlice(at + ENTRY_SIZE, nameLength).toArray(ValueLayout.JAVA_BYTE);
    String name = new String(text, StandardCharsets.UTF_8);
    long[] sizes = {unsigned(at + 24), unsigned(at + 20), unsigned(at + 42)};
    widen(sizes, at + ENTRY_SIZE + nameLength, extraLength);
    if (twoBytes(at + 10) != 0 || (twoBytes(at + 8) & 1) != 0 || sizes[0] != sizes[1]) {
      throw bad(
          "the entry '%s' is compressed or encrypted; PyTorch stores entries as they are", name);
    }
    long local = sizes[2];
    need(local, LOCAL_SIZE, "the entry '" + name + "'");
    if (bytes.get(INT, local) != LOCAL) {
      throw bad("the entry '%s' is damaged: no whole zip", name);
    }
    long from = local + LOCAL_SIZE + twoBytes(local + 26) + twoBytes(local + 28);
    need(from, sizes[0], "the content of '" + name + "'");
    if (entries.put(name, new Entry(name, unsigned(at + 16), from, sizes[0])) != null) {
      throw bad("the entry '%s' is there twice", name);
    }
    return next;
  }

  /** Takes from the zip64 field what didn't fit: size, stored size, place. */
  private void widen(long[] sizes, long extra, int length) {
    long end = extra + length;
    for (long at = extra; at + 4 <= end; at += 4 + twoBytes(at + 2)) {
      if (twoBytes(at) == 1) {
        long value = at + 4;
        for (int i = 0; i < sizes.length; i++) {
          if (sizes[i] == IN_EXTRA) {
            if (value + 8 > end) {
              throw bad("a zip64 field is cut: no whole zip");
            }
            sizes[i] = bytes.get(LONG, value);
            value += 8;
          }
        }
        return;
      }
    }
  }

  /** The names, in the order of the directory. */
  Iterable<String> names() {
    return entries.keySet();
  }

  boolean has(String name) {
    return entries.containsKey(name);
  }

  /** The content of an entry, in place. */
  MemorySegment content(String name) {
    Entry e = entries.get(name);
    if (e == null) {
      throw bad("the entry '%s' is missing", name);
    }
    return bytes.asSlice(e.from(), e.size());
  }

  /** The content of a small entry, compared with its checksum. */
  byte[] checked(String name, long longest) {
    MemorySegment content = content(name);
    if (content.byteSize() > longest) {
      throw bad("'%s' has %d bytes; %d are the most", name, content.byteSize(), longest);
    }
    byte[] copy = content.toArray(ValueLayout.JAVA_BYTE);
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(copy);
    if (crc.getValue() != entries.get(name).crc()) {
      throw bad("'%s' doesn't have the checksum that the directory says: it is damaged", name);
    }
    return copy;
  }
}
