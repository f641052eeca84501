package dev.gamelan.model.checkpoint;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What torch.save wrote before 1.6: pickles one after the other (a magic number, the version of the
 * protocol, what kind of machine it was, the state dict, the keys of the storages), then the
 * storages, each after its number of elements (PyTorch, {@code torch/serialization.py}, {@code
 * _legacy_load}).
 */
final class LegacyPickles {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The pickle of 0x1950a86a20f9469cfc6c. */
  private static final byte[] MAGIC = {
    (byte) 0x80,
    2,
    (byte) 0x8a,
    10,
    0x6c,
    (byte) 0xfc,
    (byte) 0x9c,
    0x46,
    (byte) 0xf9,
    0x20,
    0x6a,
    (byte) 0xa8,
    0x50,
    0x19,
    '.'
  };

  private static final long PROTOCOL = 1001;
  private static final long LARGEST_PICKLE = 1 << 24;

  private final String where;
  private final Map<String, Unpickler.Located> tensors;
  private final Map<String, MemorySegment> storages = new HashMap<>();

  static boolean is(MemorySegment all) {
    return all.byteSize() >= MAGIC.length
        && all.asSlice(0, MAGIC.length).mismatch(MemorySegment.ofArray(MAGIC)) < 0;
  }

  /**
   * @throws IllegalArgumentException if the file is damaged or holds more than tensors
   */
  LegacyPickles(String where, MemorySegment all) {
    this.where = where;
    // Only the pickles are read through the buffer; storages may lie far beyond it.
    long reach = Math.min(all.byteSize(), LARGEST_PICKLE);
    ByteBuffer in = all.asSlice(0, reach).asByteBuffer();
    in.position(MAGIC.length);
    if (!(Unpickler.read(where, in) instanceof Long version) || version != PROTOCOL) {
      throw bad("its protocol isn't " + PROTOCOL + "; other versions are not read");
    }
    boolean little =
        Unpickler.read(where, in) instanceof Map<?, ?> machine
            && Boolean.TRUE.equals(machine.get("little_endian"));
    if (!little) {
      throw bad("it is big-endian, or damaged; only little-endian files are read");
    }
    tensors = Unpickler.stateDict(where, in);
    if (!(Unpickler.read(where, in) instanceof List<?> keys)) {
      throw bad("the list of storages is missing");
    }
    readStorages(all, in.position(), keys);
  }

  private IllegalArgumentException bad(String text, Object... values) {
    return new IllegalArgumentException(where + ": " + text.formatted(values));
  }

  private void readStorages(MemorySegment all, long begin, List<?> keys) {
    Map<String, Long> sizes = new HashMap<>();
    for (Unpickler.Located t : tensors.values()) {
      sizes.put(t.storage().key(), PytorchBin.type(where, t.storage().kind()).bytes(1));
    }
    long at = begin;
    for (Object key : keys) {
      if (!(key instanceof String name) || !sizes.containsKey(name)) {
        throw bad("a storage belongs to no tensor");
      }
      if (all.byteSize() - at < 8) {
        throw bad("the storage %s is missing: the file is truncated", name);
      }
      long elements = all.get(LONG, at);
      long size = sizes.get(name);
      at += 8;
      if (elements < 0 || elements > (all.byteSize() - at) / size) {
        throw bad(
            "the storage %s claims %d elements of %d bytes, %d bytes are left: the file is truncated",
            name, elements, size, all.byteSize() - at);
      }
      if (storages.put(name, all.asSlice(at, elements * size)) != null) {
        throw bad("the storage %s is there twice", name);
      }
      at += elements * size;
    }
    if (at != all.byteSize()) {
      throw bad("%d bytes follow the last storage", all.byteSize() - at);
    }
  }

  Map<String, Unpickler.Located> tensors() {
    return tensors;
  }

  MemorySegment storage(Unpickler.Storage storage) {
    MemorySegment bytes = storages.get(storage.key());
    if (bytes == null) {
      throw bad("the storage %s is missing", storage.key());
    }
    return bytes;
  }
}
