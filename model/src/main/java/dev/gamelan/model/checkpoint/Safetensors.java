package dev.gamelan.model.checkpoint;

import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The safetensors format: eight bytes little-endian length of a JSON header, the header, the data.
 * Files are memory-mapped and their tensors used in place. Everything the header says is checked
 * before a tensor is made: ranges inside the file, sizes as the shapes have them, no overlaps, no
 * holes, no name twice (specification: github.com/huggingface/safetensors).
 */
public final class Safetensors implements TensorSource {
  /** What the reference implementation allows a header. */
  private static final long MAX_HEADER = 100_000_000;

  private static final ObjectReader STRICT =
      JsonMapper.shared().reader().with(StreamReadFeature.STRICT_DUPLICATE_DETECTION);

  private final Path file;
  private final Map<String, Entry> entries;
  private final MemorySegment data;
  private final Map<String, String> metadata;

  private Safetensors(
      Path file, Map<String, Entry> entries, MemorySegment data, Map<String, String> metadata) {
    this.file = file;
    this.entries = entries;
    this.data = data;
    this.metadata = metadata;
  }

  private record Entry(String name, ElementType type, Shape shape, long from, long to) {}

  /**
   * Maps a file.
   *
   * @throws IllegalArgumentException if the file isn't what its header says, naming the tensor
   */
  public static Safetensors open(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < 8) {
        throw bad(file, "it has %d bytes and cannot hold a header; it is truncated", size);
      }
      MemorySegment all = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofAuto());
      long header = all.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
      if (header < 2 || header > MAX_HEADER || header > size - 8) {
        throw bad(
            file,
            "its header claims %d bytes, the file has %d; it is truncated or no safetensors file",
            header,
            size);
      }
      byte[] text = all.asSlice(8, header).toArray(ValueLayout.JAVA_BYTE);
      JsonNode json;
      try {
        json = STRICT.readTree(text);
      } catch (JacksonException e) {
        throw new IllegalArgumentException(
            "safetensors %s: the header is no JSON or names a tensor twice: %s"
                .formatted(file, e.getOriginalMessage()),
            e);
      }
      return read(file, json, all.asSlice(8 + header));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "safetensors %s: cannot be read: %s".formatted(file, reason(e)), e);
    }
  }

  static String reason(IOException e) {
    return e instanceof java.nio.file.NoSuchFileException
        ? "there is no such file"
        : e.getMessage();
  }

  private static Safetensors read(Path file, JsonNode json, MemorySegment data) {
    if (!json.isObject()) {
      throw bad(file, "the header is no JSON object");
    }
    List<Entry> entries = new ArrayList<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (field.getKey().equals("__metadata__")) {
        metadata(file, field.getValue(), metadata);
      } else {
        entries.add(entry(file, field.getKey(), field.getValue()));
      }
    }
    List<Entry> byOffset = new ArrayList<>(entries);
    byOffset.sort(Comparator.comparingLong(Entry::from).thenComparingLong(Entry::to));
    long end = 0;
    for (Entry e : byOffset) {
      if (e.from() != end) {
        throw bad(
            file,
            "tensor '%s' begins at byte %d where %d is expected: tensors overlap or leave a hole",
            e.name(),
            e.from(),
            end);
      }
      end = e.to();
      if (end > data.byteSize()) {
        throw bad(
            file,
            "tensor '%s' ends at byte %d of %d: the file is truncated",
            e.name(),
            end,
            data.byteSize());
      }
    }
    if (end != data.byteSize()) {
      throw bad(file, "%d bytes follow the last tensor", data.byteSize() - end);
    }
    Map<String, Entry> byName = new LinkedHashMap<>();
    entries.forEach(e -> byName.put(e.name(), e));
    return new Safetensors(file, byName, data, metadata);
  }

  private static void metadata(Path file, JsonNode node, Map<String, String> metadata) {
    boolean texts = node.isObject();
    for (Map.Entry<String, JsonNode> e : node.properties()) {
      texts &= e.getValue().isString();
      metadata.put(e.getKey(), e.getValue().asString(""));
    }
    if (!texts) {
      throw bad(file, "__metadata__ must be an object of strings, it is %s", node);
    }
  }

  private static Entry entry(Path file, String name, JsonNode node) {
    JsonNode offsets = node.path("data_offsets");
    JsonNode extents = node.path("shape");
    if (!isLongs(offsets) || offsets.size() != 2 || !isLongs(extents)) {
      throw bad(
          file, "tensor '%s': dtype, shape and data_offsets are expected, not %s", name, node);
    }
    String type = node.path("dtype").asString("");
    ElementType dtype =
        Arrays.stream(ElementType.values())
            .filter(d -> d.name().equals(type))
            .findFirst()
            .orElseThrow(
                () ->
                    bad(
                        file,
                        "tensor '%s' has dtype '%s'; supported are %s",
                        name,
                        type,
                        List.of(ElementType.values())));
    long from = offsets.get(0).longValue();
    long to = offsets.get(1).longValue();
    long[] shape = new long[extents.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = extents.get(i).longValue();
    }
    Shape checked;
    long bytes;
    try {
      checked = new Shape(shape);
      bytes = dtype.bytes(checked.elements());
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw bad(file, "tensor '%s': %s%s is impossible", name, dtype, extents);
    }
    if (from < 0 || to - from != bytes) {
      throw bad(
          file,
          "tensor '%s' of %s%s needs %d bytes, its offsets are [%d, %d)",
          name,
          dtype,
          checked,
          bytes,
          from,
          to);
    }
    return new Entry(name, dtype, checked, from, to);
  }

  private static boolean isLongs(JsonNode list) {
    if (!list.isArray()) {
      return false;
    }
    for (JsonNode x : list) {
      if (!x.isIntegralNumber() || !x.canConvertToLong()) {
        return false;
      }
    }
    return true;
  }

  private static IllegalArgumentException bad(Path file, String text, Object... values) {
    return new IllegalArgumentException("safetensors " + file + ": " + text.formatted(values));
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(entries.keySet());
  }

  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public Tensor tensor(String name) {
    Entry e = entries.get(name);
    if (e == null) {
      throw bad(file, "there is no tensor '%s'", name);
    }
    try {
      return e.type().tensor(data.asSlice(e.from(), e.to() - e.from()), e.shape());
    } catch (IllegalArgumentException wrong) {
      throw bad(file, "tensor '%s': %s", name, wrong.getMessage());
    }
  }

  @Override
  public List<Listed> listing() {
    return entries.values().stream()
        .map(e -> new Listed(e.name(), e.type().name(), e.shape(), e.to() - e.from()))
        .toList();
  }

  /**
   * Writes tensors as the reference implementation lays them out (largest element first, then by
   * name), to a temporary name, synced, then renamed.
   *
   * @throws IllegalArgumentException if a tensor is quantized, which the format has no types for
   * @throws UncheckedIOException if the disk is full or the folder can't be written; nothing is
   *     left
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    List<Map.Entry<String, Tensor>> order =
        tensors.entrySet().stream()
            .sorted(
                Comparator.comparing(
                        (Map.Entry<String, Tensor> e) -> -e.getValue().dtype().bytesPerBlock())
                    .thenComparing(Map.Entry::getKey))
            .collect(Collectors.toList());
    ObjectNode header = JsonMapper.shared().createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode m = header.putObject("__metadata__");
      metadata.forEach(m::put);
    }
    long offset = 0;
    for (Map.Entry<String, Tensor> e : order) {
      Tensor t = e.getValue();
      if (t.dtype().isQuantized()) {
        throw bad(
            file, "tensor '%s' is %s; make it F32, F16 or BF16 before", e.getKey(), t.dtype());
      }
      long bytes = t.dtype().bytes(t.elements());
      ObjectNode node = header.putObject(e.getKey()).put("dtype", t.dtype().name());
      var shape = node.putArray("shape");
      for (long extent : t.shape().extents()) {
        shape.add(extent);
      }
      node.putArray("data_offsets").add(offset).add(offset + bytes);
      offset += bytes;
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    int padded = (json.length + 7) / 8 * 8;
    ByteBuffer head = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(padded).put(json);
    while (head.hasRemaining()) {
      head.put((byte) ' ');
    }
    head.flip();
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        writeFully(channel, head);
        for (Map.Entry<String, Tensor> e : order) {
          writeRows(channel, e.getValue());
        }
        channel.force(true);
      }
      Files.move(temporary, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException left) {
        e.addSuppressed(left);
      }
      throw new UncheckedIOException(
          "safetensors %s: cannot be written: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static void writeRows(FileChannel channel, Tensor t) throws IOException {
    if (t.isContiguous()) {
      writeSegment(channel, t.segment());
    } else {
      for (long r = 0; r < t.rows(); r++) {
        writeSegment(channel, t.rows(r, r + 1).segment());
      }
    }
  }

  private static void writeSegment(FileChannel channel, MemorySegment segment) throws IOException {
    long chunk = 1L << 30;
    for (long at = 0; at < segment.byteSize(); at += chunk) {
      writeFully(
          channel, segment.asSlice(at, Math.min(chunk, segment.byteSize() - at)).asByteBuffer());
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
