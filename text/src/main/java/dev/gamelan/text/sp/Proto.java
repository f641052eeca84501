package dev.gamelan.text.sp;

import dev.gamelan.text.InvalidTokenizerException;
import java.util.Arrays;

/** One message of Protocol Buffers, read field by field; never past the end of its bytes. */
final class Proto {
  private final byte[] bytes;
  private final int end;
  private int at;
  private int field;
  private int wire;
  private long number;
  private int from;
  private int to;

  Proto(byte[] bytes, int from, int to) {
    this.bytes = bytes;
    this.at = from;
    this.end = to;
  }

  /** Goes to the next field; false at the end of the message. */
  boolean next() {
    if (at == end) {
      return false;
    }
    long key = varint();
    field = (int) (key >>> 3);
    wire = (int) key & 7;
    if (key >>> 32 != 0 || field == 0) {
      throw damaged("a field has the key " + key);
    }
    switch (wire) {
      case 0 -> number = varint();
      case 1 -> number = little(8);
      case 2 -> {
        long length = varint();
        if (length < 0 || length > end - at) {
          throw damaged(
              "field %d has the length %d, where %d bytes are left"
                  .formatted(field, length, end - at));
        }
        from = at;
        to = at + (int) length;
        at = to;
      }
      case 5 -> number = little(4);
      default -> throw damaged("field %d has the wire type %d".formatted(field, wire));
    }
    return true;
  }

  int field() {
    return field;
  }

  int integer() {
    expect(0);
    return (int) number;
  }

  boolean flag() {
    expect(0);
    return number != 0;
  }

  float real() {
    expect(5);
    return Float.intBitsToFloat((int) number);
  }

  byte[] bytes() {
    expect(2);
    return Arrays.copyOfRange(bytes, from, to);
  }

  Proto message() {
    expect(2);
    return new Proto(bytes, from, to);
  }

  private void expect(int wanted) {
    if (wire != wanted) {
      throw damaged(
          "field %d has the wire type %d, where it must be %d".formatted(field, wire, wanted));
    }
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at == end) {
        throw damaged("it ends in the middle of a number");
      }
      byte b = bytes[at++];
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw damaged("a number has more than ten bytes");
  }

  private long little(int size) {
    if (end - at < size) {
      throw damaged("it ends in the middle of a number");
    }
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | bytes[at + i] & 0xFF;
    }
    at += size;
    return value;
  }

  private InvalidTokenizerException damaged(String what) {
    return new InvalidTokenizerException(
        "SentencePiece model: at byte %d: %s; the file is damaged or of another kind"
            .formatted(at, what));
  }
}
