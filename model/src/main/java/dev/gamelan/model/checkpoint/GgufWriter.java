package dev.gamelan.model.checkpoint;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.quant.Blocks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/** Writes GGUF version 3, little-endian: tensors row by row, converted on the way. */
final class GgufWriter {
  /** The order of a file's row among ours. */
  @FunctionalInterface
  interface Order {
    long ours(long fileRow);
  }

  /**
   * A tensor to write.
   *
   * @param dtype what it becomes
   * @param order where each row (of the first extent) comes from
   */
  record Entry(String name, Tensor source, DType dtype, Order order) {}

  private static final int ALIGNMENT = Gguf.DEFAULT_ALIGNMENT;

  private GgufWriter() {}

  /**
   * To a temporary name, synced, then renamed.
   *
   * @throws UncheckedIOException if it can't be written; nothing is left
   */
  static void write(Path file, Map<String, GgufValue> metadata, List<Entry> tensors) {
    ByteArrayOutputStream head = header(metadata, tensors);
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        fully(channel, ByteBuffer.wrap(head.toByteArray()));
        for (Entry e : tensors) {
          rows(channel, e);
          pad(channel);
        }
        channel.force(true);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException left) {
        e.addSuppressed(left);
      }
      if (e instanceof RuntimeException r) {
        throw r;
      }
      throw new UncheckedIOException(
          "gguf %s: cannot be written: %s".formatted(file, e.getMessage()), (IOException) e);
    }
  }

  private static ByteArrayOutputStream header(
      Map<String, GgufValue> metadata, List<Entry> tensors) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 20);
    int32(out, Gguf.MAGIC);
    int32(out, 3);
    int64(out, tensors.size());
    int64(out, metadata.size());
    metadata.forEach(
        (key, value) -> {
          text(out, key);
          int32(out, value.type().ordinal());
          value(out, value);
        });
    long offset = 0;
    for (Entry e : tensors) {
      text(out, e.name());
      Shape shape = e.source().shape();
      int32(out, shape.rank());
      for (int d = shape.rank() - 1; d >= 0; d--) {
        int64(out, shape.extent(d));
      }
      int32(out, GgufTypes.number(e.dtype()));
      int64(out, offset);
      offset = padded(offset + e.dtype().bytes(shape.elements()));
    }
    while (out.size() % ALIGNMENT != 0) {
      out.write(0);
    }
    return out;
  }

  private static long padded(long n) {
    return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static void value(ByteArrayOutputStream out, GgufValue value) {
    switch (value) {
      case GgufValue.Whole(GgufValue.Type type, long n) -> {
        switch (type) {
          case UINT8, INT8 -> out.write((int) n);
          case UINT16, INT16 -> {
            out.write((int) n);
            out.write((int) (n >> 8));
          }
          case UINT32, INT32 -> int32(out, (int) n);
          case UINT64, INT64 -> int64(out, n);
          case FLOAT32, FLOAT64, BOOL, STRING, ARRAY ->
              throw new IllegalArgumentException("gguf: " + type + " is no integer type");
        }
      }
      case GgufValue.Real(GgufValue.Type type, double x) -> {
        if (type == GgufValue.Type.FLOAT32) {
          int32(out, Float.floatToRawIntBits((float) x));
        } else {
          int64(out, Double.doubleToRawLongBits(x));
        }
      }
      case GgufValue.Flag(boolean b) -> out.write(b ? 1 : 0);
      case GgufValue.Text(String s) -> text(out, s);
      case GgufValue.Items(GgufValue.Type of, List<GgufValue> values) -> {
        int32(out, of.ordinal());
        int64(out, values.size());
        values.forEach(v -> value(out, v));
      }
    }
  }

  private static void int32(ByteArrayOutputStream out, int n) {
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(n).array());
  }

  private static void int64(ByteArrayOutputStream out, long n) {
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(n).array());
  }

  private static void text(ByteArrayOutputStream out, String s) {
    byte[] bytes = s.getBytes(StandardCharsets.UTF_8);
    int64(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static void rows(FileChannel channel, Entry e) throws IOException {
    Tensor t = e.source();
    long n = t.shape().rank() == 0 ? 1 : t.shape().extent(0);
    long width = t.elements() / n;
    Tensor matrix = t.reshape(n, width);
    float[] floats = new float[Math.toIntExact(width)];
    try (Arena arena = Arena.ofConfined()) {
      Tensor row = Tensor.allocate(arena, e.dtype(), 1, width);
      for (long r = 0; r < n; r++) {
        Tensor from = matrix.rows(e.order().ours(r), e.order().ours(r) + 1);
        if (from.dtype() == e.dtype()) {
          fully(channel, from.segment().asByteBuffer());
          continue;
        }
        from.readRow(0, floats);
        encode(e, floats, row);
        fully(channel, row.segment().asByteBuffer());
      }
    }
  }

  private static void encode(Entry e, float[] floats, Tensor row) {
    if (e.dtype().isQuantized()) {
      try {
        Blocks.encode(e.dtype(), floats, floats.length, row.segment(), 0);
      } catch (IllegalArgumentException bad) {
        throw new IllegalArgumentException(
            "gguf: tensor '%s': %s".formatted(e.name(), bad.getMessage()), bad);
      }
    } else if (e.dtype() == DType.F32) {
      MemorySegment.copy(MemorySegment.ofArray(floats), 0, row.segment(), 0, 4L * floats.length);
    } else {
      for (int c = 0; c < floats.length; c++) {
        row.set(0, c, floats[c]);
      }
    }
  }

  private static void pad(FileChannel channel) throws IOException {
    long at = channel.position();
    fully(channel, ByteBuffer.allocate((int) (padded(at) - at)));
  }

  private static void fully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
