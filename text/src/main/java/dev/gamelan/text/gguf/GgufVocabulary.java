package dev.gamelan.text.gguf;

import dev.gamelan.text.InvalidTokenizerException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The keys of a GGUF file (versions 2 and 3) that are about its vocabulary. Read from the
 * beginning, up to the tensors; sizes that the file claims allocate nothing before their bytes are
 * there.
 */
final class GgufVocabulary {
  private static final String PREFIX = "tokenizer.ggml.";
  private static final int LONGEST_STRING = 1 << 24;
  private static final int MOST_KEYS = 1 << 16;
  private static final int MOST_VALUES = 1 << 22;
  private static final int DEEPEST = 4;
  private final InputStream in;
  private final Map<String, Object> values = new HashMap<>();

  private GgufVocabulary(InputStream in) {
    this.in = in;
  }

  /** Reads the keys. */
  static GgufVocabulary read(InputStream in) throws IOException {
    GgufVocabulary file = new GgufVocabulary(in);
    try {
      file.read();
    } catch (EOFException e) {
      throw damaged("the file ends in the middle of its keys", e);
    }
    return file;
  }

  private void read() throws IOException {
    if (integer(4) != 0x46554747L) {
      throw new InvalidTokenizerException("GGUF: the file doesn't begin with GGUF");
    }
    long version = integer(4);
    if (version != 2 && version != 3) {
      throw new InvalidTokenizerException(
          "GGUF: version " + version + " is not supported; supported are 2 and 3");
    }
    integer(8);
    long keys = integer(8);
    if (keys < 0 || keys > MOST_KEYS) {
      throw damaged("it claims to have " + keys + " keys");
    }
    for (long i = 0; i < keys; i++) {
      String key = string();
      Object value = value((int) integer(4), 0);
      if (key.startsWith(PREFIX) && values.put(key.substring(PREFIX.length()), value) != null) {
        throw damaged("the key " + key + " stands there twice");
      }
    }
  }

  private Object value(int type, int depth) throws IOException {
    return switch (type) {
      case 0, 1 -> integer(1);
      case 2, 3 -> integer(2);
      case 4, 5 -> (long) (int) integer(4);
      case 6 -> Float.intBitsToFloat((int) integer(4));
      case 7 -> integer(1) != 0;
      case 8 -> string();
      case 9 -> list(depth);
      case 10, 11 -> integer(8);
      case 12 -> Double.longBitsToDouble(integer(8));
      default -> throw damaged("a value has the type " + type);
    };
  }

  private List<Object> list(int depth) throws IOException {
    int type = (int) integer(4);
    long count = integer(8);
    if (count < 0 || count > MOST_VALUES || depth == DEEPEST) {
      throw damaged("a list of %d values, %d deep".formatted(count, depth));
    }
    List<Object> list = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      list.add(value(type, depth + 1));
    }
    return list;
  }

  private String string() throws IOException {
    long length = integer(8);
    if (length < 0 || length > LONGEST_STRING) {
      throw damaged("a string of " + length + " bytes");
    }
    byte[] bytes = in.readNBytes((int) length);
    if (bytes.length < length) {
      throw new EOFException();
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private long integer(int size) throws IOException {
    long value = 0;
    for (int i = 0; i < size; i++) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException();
      }
      value |= (long) b << 8 * i;
    }
    return value;
  }

  private static InvalidTokenizerException damaged(String what) {
    return damaged(what, null);
  }

  private static InvalidTokenizerException damaged(String what, Throwable cause) {
    return new InvalidTokenizerException("GGUF: " + what + "; the file is damaged", cause);
  }

  Optional<String> text(String key) {
    return optional(key, String.class);
  }

  boolean flag(String key, boolean ifAbsent) {
    return optional(key, Boolean.class).orElse(ifAbsent);
  }

  Optional<Integer> number(String key) {
    return optional(key, Long.class).map(Math::toIntExact);
  }

  /** A list; empty where there is none. */
  <T> List<T> list(String key, Class<T> type) {
    List<T> out = new ArrayList<>();
    for (Object each : optional(key, List.class).orElse(List.of())) {
      if (!type.isInstance(each)) {
        throw damaged(PREFIX + key + " holds " + each + ", which is no " + type.getSimpleName());
      }
      out.add(type.cast(each));
    }
    return out;
  }

  private <T> Optional<T> optional(String key, Class<T> type) {
    Object value = values.get(key);
    if (value != null && !type.isInstance(value)) {
      throw damaged(PREFIX + key + " is " + value + ", which is no " + type.getSimpleName());
    }
    return Optional.ofNullable(type.cast(value));
  }
}
