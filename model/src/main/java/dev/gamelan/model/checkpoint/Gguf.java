package dev.gamelan.model.checkpoint;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The GGUF format, versions 2 and 3, little-endian: metadata, then tensors in place. Files are
 * memory-mapped. Everything the header says is checked before it is believed: counts and lengths
 * against the bytes that are left, types, alignment, names twice, sizes that overflow, tensors
 * beyond the file or over each other (specification: ggml's docs/gguf.md).
 */
public final class Gguf implements TensorSource {
  static final int MAGIC = 0x46554747;
  static final int DEFAULT_ALIGNMENT = 32;
  private static final int MOST_DIMENSIONS = 4;
  private static final long LARGEST_ALIGNMENT = 1 << 20;

  /** Key: length, type and a byte; tensor: name, dimensions, type, offset. */
  private static final long LEAST_ENTRY = 8 + 4 + 1;

  private static final long LEAST_TENSOR = 8 + 4 + 4 + 8;

  private final Path file;
  private final Map<String, GgufValue> metadata;
  private final Map<String, Tensor> tensors;

  private record Entry(String name, DType dtype, Shape shape, long from, long bytes) {}

  Gguf(Path file, Map<String, GgufValue> metadata, Map<String, Tensor> tensors) {
    this.file = file;
    this.metadata = Collections.unmodifiableMap(metadata);
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /** Whether a file begins as GGUF does. */
  static boolean is(Path file) {
    if (!Files.isRegularFile(file)) {
      return false;
    }
    try (var in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(4);
      return new String(head, java.nio.charset.StandardCharsets.ISO_8859_1).equals("GGUF");
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Maps a file; of a file in parts ({@code NAME-00001-of-00003.gguf}) all of them, whichever is
   * named.
   *
   * @throws IllegalArgumentException if the file isn't what its header says, naming what isn't
   */
  public static Gguf open(Path file) {
    Gguf first = one(file);
    return first.metadata.containsKey("split.count") ? GgufParts.join(first) : first;
  }

  /** Maps one file. */
  static Gguf one(Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IllegalArgumentException("gguf " + file + ": it is no regular file");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MemorySegment all =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
      return read(file, all);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "gguf %s: cannot be read: %s".formatted(file, Safetensors.reason(e)), e);
    }
  }

  private static Gguf read(Path file, MemorySegment all) {
    GgufBytes in = new GgufBytes(file, all);
    if (in.int32("the magic number") != MAGIC) {
      throw in.bad("it doesn't begin with GGUF: this is no GGUF file");
    }
    int version = in.int32("the version");
    if (version != 2 && version != 3) {
      throw in.bad(
          Integer.reverseBytes(version) == 3 || Integer.reverseBytes(version) == 2
              ? "the file is big-endian; only little-endian files are read"
              : "its version is %s; 2 and 3 are read",
          Integer.toUnsignedString(version));
    }
    long tensorCount = in.count("the number of tensors", LEAST_TENSOR);
    long keyCount = in.count("the number of keys", LEAST_ENTRY);
    Map<String, GgufValue> metadata = new LinkedHashMap<>();
    for (long i = 0; i < keyCount; i++) {
      String key = in.name("key " + i);
      if (metadata.put(key, in.value(key)) != null) {
        throw in.bad("the key '%s' stands there twice", key);
      }
    }
    long alignment = alignment(in, metadata);
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (long i = 0; i < tensorCount; i++) {
      Entry entry = entry(in, i, alignment);
      if (entries.put(entry.name(), entry) != null) {
        throw in.bad("the tensor '%s' stands there twice", entry.name());
      }
    }
    return new Gguf(file, metadata, tensors(in, all, alignment, entries));
  }

  private static long alignment(GgufBytes in, Map<String, GgufValue> metadata) {
    GgufValue value = metadata.get("general.alignment");
    if (value == null) {
      return DEFAULT_ALIGNMENT;
    }
    if (value instanceof GgufValue.Whole(GgufValue.Type type, long alignment)
        && type == GgufValue.Type.UINT32
        && alignment <= LARGEST_ALIGNMENT
        && Long.bitCount(alignment) == 1) {
      return alignment;
    }
    throw in.bad(
        "general.alignment is %s; it must be a uint32, a power of two up to %d",
        value, LARGEST_ALIGNMENT);
  }

  private static Entry entry(GgufBytes in, long i, long alignment) {
    String name = in.name("the name of tensor " + i);
    int dimensions = in.int32("the dimensions of tensor '" + name + "'");
    if (dimensions < 0 || dimensions > MOST_DIMENSIONS) {
      throw in.bad(
          "tensor '%s' has %s dimensions; %d are the most",
          name, Integer.toUnsignedString(dimensions), MOST_DIMENSIONS);
    }
    long[] extents = new long[dimensions];
    for (int d = 0; d < dimensions; d++) {
      // The file's first dimension is the one whose elements are neighbours.
      long extent = in.int64("dimension " + d + " of tensor '" + name + "'");
      if (extent < 1) {
        throw in.bad(
            "dimension %d of tensor '%s' is %s; it must be between 1 and 2^63-1",
            d, name, Long.toUnsignedString(extent));
      }
      extents[dimensions - 1 - d] = extent;
    }
    int number = in.int32("the type of tensor '" + name + "'");
    DType dtype =
        GgufTypes.of(number)
            .orElseThrow(
                () ->
                    in.bad(
                        "tensor '%s' is of type %s, which is not read; read are %s",
                        name, Integer.toUnsignedString(number), List.of(DType.values())));
    long offset = in.int64("the offset of tensor '" + name + "'");
    if (offset < 0 || offset % alignment != 0) {
      throw in.bad(
          "tensor '%s' is at offset %s; offsets must be multiples of the alignment %d",
          name, Long.toUnsignedString(offset), alignment);
    }
    try {
      Shape shape = new Shape(extents);
      if (shape.columns() % dtype.elementsPerBlock() != 0) {
        throw in.bad(
            "tensor '%s' of %s%s: rows must be whole blocks of %d",
            name, dtype, shape, dtype.elementsPerBlock());
      }
      long bytes = dtype.bytes(shape.elements());
      Math.addExact(offset, bytes);
      return new Entry(name, dtype, shape, offset, bytes);
    } catch (ArithmeticException e) {
      throw in.bad("tensor '%s' has more bytes than a file can have", name);
    } catch (IllegalArgumentException e) {
      throw e.getMessage().startsWith("gguf ")
          ? e
          : in.bad("tensor '%s': %s", name, e.getMessage());
    }
  }

  private static Map<String, Tensor> tensors(
      GgufBytes in, MemorySegment all, long alignment, Map<String, Entry> entries) {
    long begin = (in.position() + alignment - 1) / alignment * alignment;
    long size = Math.max(0, all.byteSize() - begin);
    List<Entry> byOffset = new ArrayList<>(entries.values());
    byOffset.sort(Comparator.comparingLong(Entry::from));
    long end = 0;
    for (Entry e : byOffset) {
      if (e.from() < end) {
        throw in.bad(
            "tensor '%s' begins at offset %d, within the tensor before, which ends at %d",
            e.name(), e.from(), end);
      }
      end = e.from() + e.bytes();
      if (end > size) {
        throw in.bad(
            "tensor '%s' ends at byte %d of %d of data: the file is truncated",
            e.name(), end, size);
      }
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Entry e : entries.values()) {
      tensors.put(
          e.name(), Tensor.of(all.asSlice(begin + e.from(), e.bytes()), e.dtype(), e.shape()));
    }
    return tensors;
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("gguf %s: there is no tensor '%s'".formatted(file, name));
    }
    return tensor;
  }

  @Override
  public List<Listed> listing() {
    return tensors.entrySet().stream()
        .map(
            e ->
                new Listed(
                    e.getKey(),
                    e.getValue().dtype().name(),
                    e.getValue().shape(),
                    e.getValue().segment().byteSize()))
        .toList();
  }

  /** Keys and values, in the order of the file. */
  public Map<String, GgufValue> metadata() {
    return metadata;
  }

  Path file() {
    return file;
  }

  /** A string. */
  Optional<String> text(String key) {
    return Optional.ofNullable(metadata.get(key))
        .map(v -> v instanceof GgufValue.Text(String text) ? text : wrong(key, v, "a string"));
  }

  /** An integer of any width. */
  Optional<Long> whole(String key) {
    return Optional.ofNullable(metadata.get(key))
        .map(
            v ->
                v instanceof GgufValue.Whole(GgufValue.Type type, long n)
                        && (n >= 0 || type != GgufValue.Type.UINT64)
                    ? n
                    : wrong(key, v, "an integer"));
  }

  /** A finite number; an integer counts as one. */
  Optional<Double> number(String key) {
    return Optional.ofNullable(metadata.get(key))
        .map(
            v ->
                switch (v) {
                  case GgufValue.Real(_, double x) when Double.isFinite(x) -> x;
                  case GgufValue.Whole(_, long n) -> (double) n;
                  case GgufValue.Real _, GgufValue.Flag _, GgufValue.Text _, GgufValue.Items _ ->
                      wrong(key, v, "a finite number");
                });
  }

  Optional<Boolean> flag(String key) {
    return Optional.ofNullable(metadata.get(key))
        .map(v -> v instanceof GgufValue.Flag(boolean b) ? b : wrong(key, v, "a bool"));
  }

  /** An array of strings. */
  Optional<List<String>> texts(String key) {
    return items(key)
        .map(
            values ->
                values.stream()
                    .map(
                        v ->
                            v instanceof GgufValue.Text(String text)
                                ? text
                                : this.<String>wrong(key, v, "an array of strings"))
                    .toList());
  }

  /** An array of integers that fit an int. */
  Optional<int[]> ints(String key) {
    return items(key)
        .map(
            values ->
                values.stream()
                    .mapToInt(
                        v ->
                            v instanceof GgufValue.Whole(_, long n) && n == (int) n
                                ? (int) n
                                : this.<Integer>wrong(key, v, "an array of integers"))
                    .toArray());
  }

  private Optional<List<GgufValue>> items(String key) {
    return Optional.ofNullable(metadata.get(key))
        .map(
            v ->
                v instanceof GgufValue.Items(_, List<GgufValue> values)
                    ? values
                    : this.<List<GgufValue>>wrong(key, v, "an array"));
  }

  private <T> T wrong(String key, GgufValue value, String rule) {
    String shown = value.toString();
    throw new IllegalArgumentException(
        "gguf %s: %s is %s; it must be %s"
            .formatted(
                file, key, shown.length() > 80 ? shown.substring(0, 80) + "…" : shown, rule));
  }
}
