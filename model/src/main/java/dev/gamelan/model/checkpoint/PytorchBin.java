package dev.gamelan.model.checkpoint;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * PyTorch's {@code pytorch_model.bin} and {@code .pth}: a zip of a pickle and raw storages, as
 * torch.save has written since 1.6. A tensor is copied out when asked for; checksums are checked.
 */
public final class PytorchBin implements TensorSource {
  private static final long LARGEST_PICKLE = 1 << 28;
  private static final int CHUNK = 1 << 20;

  private final Path file;
  private final String prefix;
  private final Map<String, Unpickler.Located> tensors;

  public PytorchBin(Path file) {
    this.file = file;
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry pickle =
          zip.stream()
              .filter(e -> e.getName().endsWith("/data.pkl"))
              .findFirst()
              .map(e -> (ZipEntry) e)
              .orElseThrow(() -> bad("the zip has no data.pkl; this is no PyTorch checkpoint"));
      prefix = pickle.getName().substring(0, pickle.getName().length() - "data.pkl".length());
      stored(pickle);
      if (pickle.getSize() > LARGEST_PICKLE) {
        throw bad(
            "data.pkl has %d bytes; %d are the most".formatted(pickle.getSize(), LARGEST_PICKLE));
      }
      ZipEntry order = zip.getEntry(prefix + "byteorder");
      if (order != null) {
        try (InputStream in = zip.getInputStream(order)) {
          if (!new String(in.readNBytes(16), java.nio.charset.StandardCharsets.UTF_8)
              .equals("little")) {
            throw bad("it is big-endian; only little-endian files are read");
          }
        }
      }
      try (InputStream in = zip.getInputStream(pickle)) {
        tensors = Unpickler.stateDict("pytorch " + file, in.readAllBytes());
      }
    } catch (ZipException e) {
      throw new IllegalArgumentException(
          "pytorch %s: no whole zip (%s); files of torch.save before 1.6 are not read"
              .formatted(file, e.getMessage()),
          e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "pytorch %s: cannot be read: %s".formatted(file, Safetensors.reason(e)), e);
    }
  }

  private IllegalArgumentException bad(String text) {
    return new IllegalArgumentException("pytorch " + file + ": " + text);
  }

  /** What isn't compressed can't be larger than the file. */
  private void stored(ZipEntry entry) throws IOException {
    if (entry.getMethod() != ZipEntry.STORED || entry.getSize() > Files.size(file)) {
      throw bad(
          "the entry " + entry.getName() + " is compressed; PyTorch stores entries as they are");
    }
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public Tensor tensor(String name) {
    Unpickler.Located located = tensors.get(name);
    if (located == null) {
      throw bad("there is no tensor '" + name + "'");
    }
    DType dtype =
        switch (located.storage().kind()) {
          case "FloatStorage" -> DType.F32;
          case "HalfStorage" -> DType.F16;
          case "BFloat16Storage" -> DType.BF16;
          case "IntStorage" -> DType.I32;
          default ->
              throw bad(
                  "tensor '%s' is a %s; Float, Half, BFloat16 and Int are read"
                      .formatted(name, located.storage().kind()));
        };
    Shape shape = shape(name, located);
    long from = Math.multiplyExact(located.offset(), dtype.bytesPerBlock());
    long bytes = dtype.bytes(shape.elements());
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry entry = zip.getEntry(prefix + "data/" + located.storage().key());
      if (entry == null) {
        throw bad("the storage of tensor '" + name + "' is missing");
      }
      stored(entry);
      if (from < 0 || from > entry.getSize() || bytes > entry.getSize() - from) {
        throw bad(
            "tensor '%s' needs bytes %d to %d of a storage of %d"
                .formatted(name, from, from + bytes, entry.getSize()));
      }
      Tensor tensor = Tensor.allocate(Arena.ofAuto(), dtype, shape.extents());
      try (InputStream in = zip.getInputStream(entry)) {
        in.skipNBytes(from);
        copy(in, tensor.segment());
      }
      return tensor;
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "pytorch %s: tensor '%s' cannot be read: %s".formatted(file, name, e.getMessage()), e);
    }
  }

  private static void copy(InputStream in, MemorySegment to) throws IOException {
    for (long at = 0; at < to.byteSize(); at += CHUNK) {
      int n = (int) Math.min(CHUNK, to.byteSize() - at);
      byte[] bytes = in.readNBytes(n);
      if (bytes.length < n) {
        throw new IOException("the storage ends early");
      }
      MemorySegment.copy(bytes, 0, to, ValueLayout.JAVA_BYTE, at, n);
    }
  }

  private Shape shape(String name, Unpickler.Located located) {
    long[] extents = numbers(name, located.extents());
    long[] strides = numbers(name, located.strides());
    Shape shape;
    try {
      shape = new Shape(extents);
    } catch (IllegalArgumentException e) {
      throw bad("tensor '%s': %s".formatted(name, e.getMessage()));
    }
    long step = 1;
    for (int d = extents.length - 1; d >= 0; d--) {
      if (strides.length != extents.length || extents[d] > 1 && strides[d] != step) {
        throw bad("tensor '" + name + "' is not contiguous; save it so");
      }
      step *= extents[d];
    }
    return shape;
  }

  private long[] numbers(String name, List<Object> values) {
    long[] numbers = new long[values.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!(values.get(i) instanceof Long n)) {
        throw bad("tensor '%s' has the extent %s".formatted(name, values.get(i)));
      }
      numbers[i] = n;
    }
    return numbers;
  }
}
