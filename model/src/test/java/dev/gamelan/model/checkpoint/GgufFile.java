package dev.gamelan.model.checkpoint;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Bytes of GGUF files, right and wrong. */
final class GgufFile {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  static GgufFile header(int version, long tensors, long keys) {
    return new GgufFile().raw("GGUF").int32(version).int64(tensors).int64(keys);
  }

  GgufFile raw(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  GgufFile raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  GgufFile int32(int n) {
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(n).array());
    return this;
  }

  GgufFile int64(long n) {
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(n).array());
    return this;
  }

  GgufFile text(String s) {
    return int64(s.getBytes(StandardCharsets.UTF_8).length).raw(s);
  }

  GgufFile key(String name, GgufValue.Type type) {
    return text(name).int32(type.ordinal());
  }

  /** Dimensions in the file's order. */
  GgufFile tensor(String name, int type, long offset, long... dimensions) {
    text(name).int32(dimensions.length);
    for (long d : dimensions) {
      int64(d);
    }
    return int32(type).int64(offset);
  }

  /** Zeros to the next multiple of 32, then {@code n} of them. */
  GgufFile data(int n) {
    while (out.size() % 32 != 0) {
      out.write(0);
    }
    out.writeBytes(new byte[n]);
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
