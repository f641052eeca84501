package dev.gamelan.model.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The header of a GGUF file, read from its beginning; every length is checked before it is used.
 */
final class GgufBytes {
  /** Longer names than this are damage; the format allows 65535 bytes. */
  private static final long LONGEST_NAME = 65535;

  private static final long LONGEST_TEXT = 1 << 28;

  /** Items of an array, and of all arrays together. */
  private static final long MOST_ITEMS = 1 << 24;

  private static final int DEEPEST = 4;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path file;
  private final MemorySegment bytes;
  private long at;
  private long items;

  GgufBytes(Path file, MemorySegment bytes) {
    this(file, bytes, 0);
  }

  private GgufBytes(Path file, MemorySegment bytes, long at) {
    this.file = file;
    this.bytes = bytes;
    this.at = at;
  }

  long position() {
    return at;
  }

  long left() {
    return bytes.byteSize() - at;
  }

  IllegalArgumentException bad(String text, Object... values) {
    return new IllegalArgumentException("gguf " + file + ": " + text.formatted(values));
  }

  private long skip(long n, String what) {
    if (n > left()) {
      throw bad(
          "%s at byte %d needs %d bytes, %d are left: the file is truncated", what, at, n, left());
    }
    at += n;
    return at - n;
  }

  int int32(String what) {
    return bytes.get(INT, skip(4, what));
  }

  long int64(String what) {
    return bytes.get(LONG, skip(8, what));
  }

  /** A number of things that take {@code least} bytes each, all of which must fit the file. */
  long count(String what, long least) {
    long n = int64(what);
    if (n < 0 || n > left() / least) {
      throw bad(
          "%s is %s; the %d bytes left hold %d at most: the file is truncated or damaged",
          what, Long.toUnsignedString(n), left(), left() / least);
    }
    return n;
  }

  String name(String what) {
    return text(what, LONGEST_NAME);
  }

  private long length(String what, long longest) {
    long length = count(what, 1);
    if (length > longest) {
      throw bad("%s is %d bytes long; %d are the most", what, length, longest);
    }
    return length;
  }

  private String text(String what, long longest) {
    long length = length("the length of " + what, longest);
    ByteBuffer buffer = bytes.asSlice(skip(length, what), length).asByteBuffer();
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "gguf %s: %s is not well-formed UTF-8".formatted(file, what), e);
    }
  }

  GgufValue value(String key) {
    return value(key, type(key), 0);
  }

  private GgufValue.Type type(String key) {
    int number = int32("the type of '" + key + "'");
    GgufValue.Type[] types = GgufValue.Type.values();
    if (number < 0 || number >= types.length) {
      throw bad(
          "'%s' is of the unknown type %s; types go up to %d",
          key, Integer.toUnsignedString(number), types.length - 1);
    }
    return types[number];
  }

  private GgufValue value(String key, GgufValue.Type type, int depth) {
    return switch (type) {
      case UINT8 ->
          new GgufValue.Whole(type, bytes.get(ValueLayout.JAVA_BYTE, skip(1, key)) & 0xFF);
      case INT8 -> new GgufValue.Whole(type, bytes.get(ValueLayout.JAVA_BYTE, skip(1, key)));
      case UINT16 -> new GgufValue.Whole(type, bytes.get(SHORT, skip(2, key)) & 0xFFFF);
      case INT16 -> new GgufValue.Whole(type, bytes.get(SHORT, skip(2, key)));
      case UINT32 -> new GgufValue.Whole(type, int32(key) & 0xFFFFFFFFL);
      case INT32 -> new GgufValue.Whole(type, int32(key));
      case UINT64, INT64 -> new GgufValue.Whole(type, int64(key));
      case FLOAT32 -> new GgufValue.Real(type, Float.intBitsToFloat(int32(key)));
      case FLOAT64 -> new GgufValue.Real(type, Double.longBitsToDouble(int64(key)));
      case BOOL -> flag(key);
      case STRING -> new GgufValue.Text(text("'" + key + "'", LONGEST_TEXT));
      case ARRAY -> array(key, depth);
    };
  }

  private GgufValue flag(String key) {
    byte b = bytes.get(ValueLayout.JAVA_BYTE, skip(1, key));
    if (b != 0 && b != 1) {
      throw bad("'%s' is a bool of %d; it must be 0 or 1", key, b);
    }
    return new GgufValue.Flag(b == 1);
  }

  private GgufValue array(String key, int depth) {
    if (depth == DEEPEST) {
      throw bad("'%s' has arrays within arrays, more than %d deep", key, DEEPEST);
    }
    GgufValue.Type of = type(key);
    long n = count("the number of items of '" + key + "'", of.leastBytes());
    items += n;
    if (items > MOST_ITEMS) {
      throw bad("'%s': the arrays have more than %d items together", key, MOST_ITEMS);
    }
    if (of == GgufValue.Type.ARRAY) {
      List<GgufValue> values = new ArrayList<>((int) n);
      for (long i = 0; i < n; i++) {
        values.add(array(key, depth + 1));
      }
      return new GgufValue.Items(of, values);
    }
    GgufItems.Reader reader = position -> new GgufBytes(file, bytes, position).value(key, of, 0);
    if (of != GgufValue.Type.STRING) {
      int size = of.leastBytes();
      long begin = skip(n * size, key);
      return new GgufValue.Items(of, new GgufItems((int) n, i -> begin + (long) i * size, reader));
    }
    long[] positions = strings("an item of '" + key + "'", (int) n);
    return new GgufValue.Items(of, new GgufItems((int) n, i -> positions[i], reader));
  }

  /**
   * Where the strings of an array begin. Vocabularies have hundreds of thousands, which are walked
   * before the JVM has compiled anything: a plain buffer has fewer layers to interpret than a
   * memory segment.
   */
  private long[] strings(String what, int n) {
    long[] positions = new long[n];
    long begin = at;
    ByteBuffer view =
        bytes
            .asSlice(begin, Math.min(left(), Integer.MAX_VALUE))
            .asByteBuffer()
            .order(ByteOrder.LITTLE_ENDIAN);
    int end = view.limit();
    int p = 0;
    for (int i = 0; i < n; i++) {
      positions[i] = begin + p;
      long length = end - p < 8 ? -1 : view.getLong(p);
      if (length < 0 || length > LONGEST_TEXT || length > end - p - 8) {
        at = begin + p;
        skip(length("the length of " + what, LONGEST_TEXT), what);
        throw bad("%s: the strings of an array take more than 2 GB", what);
      }
      p += 8 + (int) length;
    }
    at = begin + p;
    return positions;
  }
}
