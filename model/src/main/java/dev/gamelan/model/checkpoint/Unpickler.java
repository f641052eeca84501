package dev.gamelan.model.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the pickle of a PyTorch state dict without running anything: of all that a pickle can name,
 * only ordered dicts, tensors and their storages are known; every other name is refused, and so is
 * every instruction that state dicts don't need. Nothing of the file is ever called.
 */
final class Unpickler {
  /** A name of the pickle, e.g. {@code torch.HalfStorage}. */
  private record Global(String name) {}

  private record None() {}

  private record Mark() {}

  /**
   * @param kind e.g. {@code HalfStorage}
   * @param key the entry that holds it
   */
  record Storage(String kind, String key, long elements) {}

  /** Where a tensor lies: elements from the beginning of its storage, extents, strides. */
  record Located(Storage storage, long offset, List<Object> extents, List<Object> strides) {}

  private static final String DICT = "collections.OrderedDict";
  private static final String TENSOR = "torch._utils._rebuild_tensor_v2";
  private static final String OLDER = "torch._utils._rebuild_tensor";

  /** Of types that have no storage of their own name. */
  private static final String UNTYPED_TENSOR = "torch._utils._rebuild_tensor_v3";

  private static final String UNTYPED = "torch.storage.UntypedStorage";
  private static final Map<String, String> EIGHT_BITS =
      Map.of(
          "torch.float8_e4m3fn", "Float8_e4m3fnStorage",
          "torch.float8_e5m2", "Float8_e5m2Storage");
  private static final String PARAMETER = "torch._utils._rebuild_parameter";
  private static final Mark MARK = new Mark();
  private static final None NONE = new None();

  private final String where;
  private final ByteBuffer in;
  private final Deque<Object> stack = new ArrayDeque<>();
  private final Map<Integer, Object> memo = new HashMap<>();

  private Unpickler(String where, ByteBuffer in) {
    this.where = where;
    this.in = in.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** {@link #stateDict(String, ByteBuffer)} of a pickle that is all there is. */
  static Map<String, Located> stateDict(String where, byte[] pickle) {
    return stateDict(where, ByteBuffer.wrap(pickle));
  }

  /**
   * The tensors of a state dict by name.
   *
   * @param in at the beginning of the pickle; afterwards at its end
   * @throws IllegalArgumentException naming what the pickle wants beyond tensors, or where it is
   *     damaged
   */
  static Map<String, Located> stateDict(String where, ByteBuffer in) {
    if (!(read(where, in) instanceof Map<?, ?> dict)) {
      throw new IllegalArgumentException(where + ": the pickle holds no state dict");
    }
    Map<String, Located> tensors = new LinkedHashMap<>();
    for (Map.Entry<?, ?> e : dict.entrySet()) {
      if (!(e.getKey() instanceof String name) || !(e.getValue() instanceof Located tensor)) {
        throw new IllegalArgumentException(
            "%s: the entry '%s' of the state dict is no tensor".formatted(where, e.getKey()));
      }
      tensors.put(name, tensor);
    }
    return tensors;
  }

  /**
   * What a pickle holds: maps, lists, strings, Long, Double, Boolean and {@link Located}.
   *
   * @param in at the beginning of the pickle; afterwards at its end
   */
  static Object read(String where, ByteBuffer in) {
    Unpickler reader = new Unpickler(where, in);
    try {
      return reader.run();
    } catch (java.nio.BufferUnderflowException
        | java.util.NoSuchElementException
        | ClassCastException
        | UnsupportedOperationException
        | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(
          where + ": the pickle is truncated or damaged at byte " + reader.in.position(), e);
    }
  }

  private IllegalArgumentException bad(String text) {
    return new IllegalArgumentException(where + ": " + text);
  }

  private Object run() {
    while (true) {
      int op = in.get() & 0xFF;
      switch (op) {
        case 0x80 -> in.get(); // protocol
        case 0x95 -> in.getLong(); // frame
        case 'c' -> stack.push(global(line(), line()));
        case 0x93 -> {
          String name = (String) stack.pop();
          stack.push(global((String) stack.pop(), name));
        }
        case 'q' -> memo.put(in.get() & 0xFF, stack.element());
        case 'r' -> memo.put(in.getInt(), stack.element());
        case 0x94 -> memo.put(memo.size(), stack.element());
        case 'h' -> stack.push(remembered(in.get() & 0xFF));
        case 'j' -> stack.push(remembered(in.getInt()));
        case '(' -> stack.push(MARK);
        case ')' -> stack.push(List.of());
        case ']' -> stack.push(new ArrayList<>());
        case '}' -> stack.push(new LinkedHashMap<>());
        case 't' -> stack.push(toMark());
        case 0x85 -> stack.push(last(1));
        case 0x86 -> stack.push(last(2));
        case 0x87 -> stack.push(last(3));
        case 'a' -> {
          Object item = stack.pop();
          list(stack.element()).add(item);
        }
        case 'e' -> {
          List<Object> items = toMark();
          list(stack.element()).addAll(items);
        }
        case 's' -> put(last(2));
        case 'u' -> put(toMark());
        case 'X' -> stack.push(text(in.getInt()));
        case 0x8c -> stack.push(text(in.get() & 0xFF));
        case 'J' -> stack.push((long) in.getInt());
        case 'K' -> stack.push((long) (in.get() & 0xFF));
        case 'M' -> stack.push((long) (in.getShort() & 0xFFFF));
        case 0x8a -> stack.push(whole(in.get() & 0xFF));
        case 'G' -> stack.push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
        case 0x88 -> stack.push(true);
        case 0x89 -> stack.push(false);
        case 'N' -> stack.push(NONE);
        case 'Q' -> stack.push(storage(list(stack.pop())));
        case 'R' -> {
          List<Object> arguments = list(stack.pop());
          stack.push(made((Global) stack.pop(), arguments));
        }
        // Attributes of a dict, such as the versions of modules, carry no weights.
        case 'b' -> stack.pop();
        case '.' -> {
          return stack.pop();
        }
        default ->
            throw bad(
                "the pickle has the instruction 0x%02x at byte %d, which a state dict doesn't need; it is not read"
                    .formatted(op, in.position() - 1));
      }
    }
  }

  private Global global(String module, String name) {
    String full = module + "." + name;
    boolean storage = module.equals("torch") && name.endsWith("Storage");
    if (!storage
        && !List.of(DICT, TENSOR, OLDER, UNTYPED_TENSOR, UNTYPED, PARAMETER).contains(full)
        && !EIGHT_BITS.containsKey(full)) {
      throw bad(
          "the pickle names %s, which is no tensor; such files can run code and are refused (use safetensors)"
              .formatted(full));
    }
    return new Global(full);
  }

  private Object made(Global what, List<Object> arguments) {
    return switch (what.name()) {
      case DICT -> {
        if (!arguments.isEmpty()) {
          throw bad("an ordered dict with arguments is not read");
        }
        yield new LinkedHashMap<>();
      }
      case TENSOR, OLDER ->
          new Located(
              (Storage) arguments.get(0),
              (Long) arguments.get(1),
              list(arguments.get(2)),
              list(arguments.get(3)));
      case UNTYPED_TENSOR -> {
        Storage bytes = (Storage) arguments.get(0);
        String kind = EIGHT_BITS.get(((Global) arguments.get(6)).name());
        if (kind == null || !bytes.kind().equals("UntypedStorage")) {
          throw bad("a tensor is of a type that is not read");
        }
        yield new Located(
            new Storage(kind, bytes.key(), bytes.elements()),
            (Long) arguments.get(1),
            list(arguments.get(2)),
            list(arguments.get(3)));
      }
      case PARAMETER -> arguments.getFirst();
      default -> throw bad("the pickle calls " + what.name() + "; this is refused");
    };
  }

  private Storage storage(List<Object> id) {
    // Before 1.6 a sixth said which part of another storage it is.
    boolean whole = id.size() == 5 || id.size() == 6 && id.get(5) == NONE;
    if (!whole || !"storage".equals(id.getFirst())) {
      throw bad("a persistent id is no storage of its own");
    }
    String name = ((Global) id.get(1)).name();
    String kind = name.substring(name.lastIndexOf('.') + 1);
    return new Storage(kind, (String) id.get(2), (Long) id.get(4));
  }

  private Object remembered(int key) {
    Object value = memo.get(key);
    if (value == null) {
      throw bad("the pickle refers to " + key + ", which it never kept");
    }
    return value;
  }

  private void put(List<Object> pairs) {
    if (!(stack.element() instanceof Map<?, ?>) || pairs.size() % 2 != 0) {
      throw bad("the pickle sets items of what is no dict");
    }
    @SuppressWarnings("unchecked")
    Map<Object, Object> dict = (Map<Object, Object>) stack.element();
    for (int i = 0; i < pairs.size(); i += 2) {
      // A key that is a list could hold itself, or be endless to look at.
      if (!(pairs.get(i) instanceof String || pairs.get(i) instanceof Long)) {
        throw bad("a key of a dict is neither a string nor an integer");
      }
      if (dict.put(pairs.get(i), pairs.get(i + 1)) != null) {
        throw bad("the key '" + pairs.get(i) + "' stands in a dict twice");
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(Object value) {
    return (List<Object>) value;
  }

  private List<Object> last(int n) {
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      items.addFirst(stack.pop());
    }
    return items;
  }

  private List<Object> toMark() {
    List<Object> items = new ArrayList<>();
    for (Object item = stack.pop(); item != MARK; item = stack.pop()) {
      items.add(item);
    }
    java.util.Collections.reverse(items);
    return items;
  }

  private String text(int length) {
    if (length < 0 || length > in.remaining()) {
      throw bad("a string of %d bytes goes beyond the pickle".formatted(length));
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    for (byte b = in.get(); b != '\n'; b = in.get()) {
      line.append((char) (b & 0xFF));
    }
    return line.toString();
  }

  private long whole(int bytes) {
    if (bytes > 8) {
      throw bad("an integer of %d bytes is too long".formatted(bytes));
    }
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (in.get() & 0xFFL) << 8 * i;
    }
    return bytes == 0 || bytes == 8 ? value : value << 64 - 8 * bytes >> 64 - 8 * bytes;
  }
}
