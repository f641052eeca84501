package dev.gamelan.model.checkpoint;

import java.util.List;

/** A value of GGUF's metadata, with the type that the file gives it. */
public sealed interface GgufValue {
  /** The types, in the order of their numbers. */
  enum Type {
    UINT8(1),
    INT8(1),
    UINT16(2),
    INT16(2),
    UINT32(4),
    INT32(4),
    FLOAT32(4),
    BOOL(1),
    STRING(8),
    ARRAY(12),
    UINT64(8),
    INT64(8),
    FLOAT64(8);

    private final int leastBytes;

    Type(int leastBytes) {
      this.leastBytes = leastBytes;
    }

    /** What a value takes in a file at least. */
    int leastBytes() {
      return leastBytes;
    }
  }

  Type type();

  /**
   * An integer.
   *
   * @param type one of the eight integer types
   * @param value as the type has it; a UINT64 of 2⁶³ and more is negative
   */
  record Whole(Type type, long value) implements GgufValue {}

  /**
   * A number.
   *
   * @param type FLOAT32 or FLOAT64
   */
  record Real(Type type, double value) implements GgufValue {}

  record Flag(boolean value) implements GgufValue {
    @Override
    public Type type() {
      return Type.BOOL;
    }
  }

  record Text(String value) implements GgufValue {
    @Override
    public Type type() {
      return Type.STRING;
    }
  }

  /**
   * An array.
   *
   * @param of the type of every item
   */
  record Items(Type of, List<GgufValue> values) implements GgufValue {
    public Items {
      // Items still in their file can't change, and copying would read them all.
      values = values instanceof GgufItems ? values : List.copyOf(values);
    }

    @Override
    public Type type() {
      return Type.ARRAY;
    }
  }

  static GgufValue uint32(long value) {
    return new Whole(Type.UINT32, value);
  }

  static GgufValue float32(double value) {
    return new Real(Type.FLOAT32, (float) value);
  }

  static GgufValue texts(List<String> values) {
    return new Items(Type.STRING, values.stream().<GgufValue>map(Text::new).toList());
  }
}
