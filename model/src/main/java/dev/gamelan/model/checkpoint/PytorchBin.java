package dev.gamelan.model.checkpoint;

import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * PyTorch's {@code pytorch_model.bin} and {@code .pth}: a zip of a pickle and raw storages, as
 * torch.save has written since 1.6, or the pickles one after the other that it wrote before. Files
 * are memory-mapped and their tensors used in place; only the pickle's checksum is compared. No
 * code is run: see {@link Unpickler}.
 */
final class PytorchBin implements TensorSource {
  private static final long LARGEST_PICKLE = 1 << 24;

  /** Where the storages of a file are. */
  @FunctionalInterface
  interface Storages {
    /**
     * The bytes of a storage.
     *
     * @throws IllegalArgumentException if it is missing
     */
    MemorySegment of(Unpickler.Storage storage);
  }

  private final String where;
  private final Map<String, Unpickler.Located> tensors;
  private final Storages storages;

  private PytorchBin(String where, Map<String, Unpickler.Located> tensors, Storages storages) {
    this.where = where;
    this.tensors = tensors;
    this.storages = storages;
  }

  /**
   * Maps a file.
   *
   * @throws IllegalArgumentException if it is damaged, or its pickle names anything but tensors
   */
  static PytorchBin open(Path file) {
    String where = "pytorch " + file;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() == 0) {
        throw new IllegalArgumentException(where + ": it is empty");
      }
      MemorySegment all =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
      return LegacyPickles.is(all) ? legacy(where, all) : zip(where, all);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%s: cannot be read: %s".formatted(where, Safetensors.reason(e)), e);
    }
  }

  private static PytorchBin legacy(String where, MemorySegment all) {
    LegacyPickles file = new LegacyPickles(where, all);
    return new PytorchBin(where, file.tensors(), file::storage);
  }

  private static PytorchBin zip(String where, MemorySegment all) {
    StoredZip zip = new StoredZip(where, all);
    String prefix = null;
    for (String name : zip.names()) {
      if (prefix == null && (name.equals("data.pkl") || name.endsWith("/data.pkl"))) {
        prefix = name.substring(0, name.length() - "data.pkl".length());
      }
    }
    if (prefix == null) {
      throw new IllegalArgumentException(
          where + ": the zip has no data.pkl; this is no PyTorch checkpoint");
    }
    String folder = prefix;
    if (zip.has(folder + "byteorder")) {
      byte[] order = zip.checked(folder + "byteorder", 16);
      if (!new String(order, java.nio.charset.StandardCharsets.UTF_8).equals("little")) {
        throw new IllegalArgumentException(
            where + ": it is big-endian; only little-endian files are read");
      }
    }
    byte[] pickle = zip.checked(folder + "data.pkl", LARGEST_PICKLE);
    return new PytorchBin(
        where,
        Unpickler.stateDict(where, pickle),
        storage -> zip.content(folder + "data/" + storage.key()));
  }

  private IllegalArgumentException bad(String text, Object... values) {
    return new IllegalArgumentException(where + ": " + text.formatted(values));
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(tensors.keySet());
  }

  private static final Map<String, ElementType> KINDS = kinds();

  private static Map<String, ElementType> kinds() {
    Map<String, ElementType> kinds = new HashMap<>();
    kinds.put("DoubleStorage", ElementType.F64);
    kinds.put("FloatStorage", ElementType.F32);
    kinds.put("HalfStorage", ElementType.F16);
    kinds.put("BFloat16Storage", ElementType.BF16);
    kinds.put("Float8_e4m3fnStorage", ElementType.F8_E4M3);
    kinds.put("Float8_e5m2Storage", ElementType.F8_E5M2);
    kinds.put("LongStorage", ElementType.I64);
    kinds.put("IntStorage", ElementType.I32);
    kinds.put("ShortStorage", ElementType.I16);
    kinds.put("CharStorage", ElementType.I8);
    kinds.put("ByteStorage", ElementType.U8);
    kinds.put("BoolStorage", ElementType.BOOL);
    return Map.copyOf(kinds);
  }

  /** The type of a kind of storage. */
  static ElementType type(String where, String kind) {
    ElementType type = KINDS.get(kind);
    if (type == null) {
      throw new IllegalArgumentException(
          "%s: a storage is a %s; read are %s"
              .formatted(where, kind, KINDS.keySet().stream().sorted().toList()));
    }
    return type;
  }

  @Override
  public List<Listed> listing() {
    List<Listed> all = new ArrayList<>();
    tensors.forEach(
        (name, t) -> {
          ElementType type = type(where, t.storage().kind());
          Shape shape = shape(name, t);
          all.add(new Listed(name, type.name(), shape, bytes(name, type, shape)));
        });
    return all;
  }

  private long bytes(String name, ElementType type, Shape shape) {
    try {
      return type.bytes(shape.elements());
    } catch (ArithmeticException e) {
      throw bad("tensor '%s' of %s%s is too large for any file", name, type, shape);
    }
  }

  @Override
  public Tensor tensor(String name) {
    Unpickler.Located located = tensors.get(name);
    if (located == null) {
      throw bad("there is no tensor '%s'", name);
    }
    ElementType type = type(where, located.storage().kind());
    Shape shape = shape(name, located);
    long size = type.bytes(1);
    MemorySegment storage = storages.of(located.storage());
    long held = storage.byteSize() / size;
    long from = located.offset();
    if (from < 0 || from > held || shape.elements() > held - from) {
      throw bad(
          "tensor '%s' of %s%s needs elements from %d on of a storage of %d",
          name, type, shape, from, held);
    }
    long[] strides = numbers(name, located.strides());
    MemorySegment data = storage.asSlice(from * size);
    try {
      return isContiguous(shape, strides)
          ? type.tensor(data.asSlice(0, bytes(name, type, shape)), shape)
          : type.tensor(gathered(name, data, size, shape, strides), shape);
    } catch (IllegalArgumentException e) {
      throw e.getMessage().startsWith(where) ? e : bad("tensor '%s': %s", name, e.getMessage());
    }
  }

  private static boolean isContiguous(Shape shape, long[] strides) {
    long step = 1;
    for (int d = shape.rank() - 1; d >= 0; d--) {
      if (shape.extent(d) > 1 && strides[d] != step) {
        return false;
      }
      step *= shape.extent(d);
    }
    return true;
  }

  /** Copies the elements of a transposed or cut tensor one after the other. */
  private MemorySegment gathered(
      String name, MemorySegment data, long size, Shape shape, long[] strides) {
    long held = data.byteSize() / size;
    MemorySegment to =
        Arena.ofAuto().allocate(Math.max(1, shape.elements() * size), Tensor.ALIGNMENT);
    long[] index = new long[shape.rank()];
    for (long i = 0; i < shape.elements(); i++) {
      long at = 0;
      for (int d = 0; d < index.length; d++) {
        at += index[d] * strides[d];
      }
      if (at < 0 || at >= held) {
        throw bad("tensor '%s' has strides that lead beyond its storage", name);
      }
      MemorySegment.copy(data, at * size, to, i * size, size);
      for (int d = index.length - 1; d >= 0 && ++index[d] == shape.extent(d); d--) {
        index[d] = 0;
      }
    }
    return to;
  }

  private Shape shape(String name, Unpickler.Located located) {
    long[] extents = numbers(name, located.extents());
    if (extents.length != located.strides().size()) {
      throw bad(
          "tensor '%s' has %d extents and %d strides",
          name, extents.length, located.strides().size());
    }
    try {
      return new Shape(extents);
    } catch (IllegalArgumentException e) {
      throw bad("tensor '%s': %s", name, e.getMessage());
    }
  }

  private long[] numbers(String name, List<Object> values) {
    long[] numbers = new long[values.size()];
    for (int i = 0; i < numbers.length; i++) {
      if (!(values.get(i) instanceof Long n)) {
        throw bad("tensor '%s' has an extent or stride that is no number", name);
      }
      numbers[i] = n;
    }
    return numbers;
  }
}
