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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Writes GGUF version 3, little-endian: tensors in chunks of rows, converted on the way. */
final class GgufWriter {
  /**
   * A tensor to write.
   *
   * @param shape in the file
   * @param dtype what it becomes
   * @param parts whose rows follow one another: the tensor, or those of all experts
   */
  record Entry(String name, Shape shape, DType dtype, List<Part> parts) {
    /** A tensor that is written as it lies. */
    static Entry of(String name, Tensor source, DType dtype) {
      return new Entry(
          name, source.shape(), dtype, List.of(new Part(source, new Arrangement.AsItIs())));
    }
  }

  /** A tensor of ours and what is done to it before. */
  record Part(Tensor source, Arrangement how) {}

  /** Rows that are converted at a time, in bytes of floats. */
  private static final long CHUNK = 1 << 24;

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
      try (ExecutorService threads =
              Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
          FileChannel channel =
              FileChannel.open(
                  temporary,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE)) {
        fully(channel, ByteBuffer.wrap(head.toByteArray()));
        for (Entry e : tensors) {
          for (Part part : e.parts()) {
            rows(channel, e, part.how().of(part.source()), threads);
          }
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
    metadata.forEach((key, value) -> out.writeBytes(key(key, value)));
    long offset = 0;
    for (Entry e : tensors) {
      text(out, e.name());
      Shape shape = e.shape();
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

  /** A key with its value, as they stand in a header. */
  static byte[] key(String key, GgufValue value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    text(out, key);
    int32(out, value.type().ordinal());
    value(out, value);
    return out.toByteArray();
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

  private static void rows(FileChannel channel, Entry e, Tensor t, ExecutorService threads)
      throws IOException {
    long n = t.shape().rank() < 2 ? 1 : t.rows();
    long width = t.elements() / n;
    Tensor matrix = t.reshape(n, width);
    if (t.dtype() == e.dtype()) {
      for (long r = 0; r < n; r++) {
        fully(channel, matrix.rows(r, r + 1).segment().asByteBuffer());
      }
      return;
    }
    long chunk = Math.clamp(CHUNK / (4 * width), 1, n);
    try (Arena arena = Arena.ofShared()) {
      Tensor converted = Tensor.allocate(arena, e.dtype(), chunk, width);
      for (long first = 0; first < n; first += chunk) {
        long rows = Math.min(chunk, n - first);
        convert(e, matrix.rows(first, first + rows), converted.rows(0, rows), threads);
        fully(channel, converted.rows(0, rows).segment().asByteBuffer());
      }
    }
  }

  /** Converts rows on all threads. */
  private static void convert(Entry e, Tensor from, Tensor to, ExecutorService threads) {
    long rows = from.rows();
    long share = Math.ceilDiv(rows, 2L * Runtime.getRuntime().availableProcessors());
    List<Future<?>> parts = new ArrayList<>();
    for (long first = 0; first < rows; first += share) {
      long begin = first;
      long end = Math.min(rows, first + share);
      parts.add(
          threads.submit(
              () -> {
                float[] floats = new float[Math.toIntExact(from.columns())];
                for (long r = begin; r < end; r++) {
                  from.readRow(r, floats);
                  encode(e, floats, to.rows(r, r + 1));
                }
              }));
    }
    for (Future<?> part : parts) {
      try {
        part.get();
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("gguf: writing was interrupted", stopped);
      } catch (ExecutionException failed) {
        throw failed.getCause() instanceof RuntimeException own
            ? own
            : new IllegalStateException("gguf: a row cannot be converted", failed.getCause());
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
