package dev.gamelan.text.hf;

import dev.gamelan.text.InvalidTokenizerException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * One object of a JSON file, read key by key: every key must be asked for, so that none is ignored.
 */
final class Json {
  private final JsonNode node;
  private final String path;
  private final Set<String> asked = new HashSet<>();

  private Json(JsonNode node, String path) {
    this.node = node;
    this.path = path;
  }

  static Json object(JsonNode node, String path) {
    if (!node.isObject()) {
      throw new InvalidTokenizerException(path + ": an object is expected, not " + shown(node));
    }
    return new Json(node, path);
  }

  String path() {
    return path;
  }

  /** The object at a key that must be there. */
  Json child(String key) {
    return object(present(key), path + "." + key);
  }

  String text(String key) {
    JsonNode value = present(key);
    if (!value.isString()) {
      throw wrong(key, value, "a string");
    }
    return value.stringValue();
  }

  Optional<String> optionalText(String key) {
    return optional(key).isPresent() ? Optional.of(text(key)) : Optional.empty();
  }

  boolean flag(String key, boolean ifAbsent) {
    Optional<JsonNode> value = optional(key);
    if (value.isEmpty()) {
      return ifAbsent;
    }
    if (!value.get().isBoolean()) {
      throw wrong(key, value.get(), "true or false");
    }
    return value.get().booleanValue();
  }

  int integer(String key) {
    JsonNode value = present(key);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw wrong(key, value, "an integer of 32 bits");
    }
    return value.intValue();
  }

  /** The numbers of a list that must be there. */
  int[] integers(String key) {
    JsonNode value = present(key);
    int[] out = new int[value.size()];
    for (int i = 0; i < out.length; i++) {
      JsonNode each = value.get(i);
      if (!value.isArray() || !each.isIntegralNumber() || !each.canConvertToInt()) {
        throw wrong(key, value, "a list of integers of 32 bits");
      }
      out[i] = each.intValue();
    }
    return out;
  }

  /** The id of {@code ["name", id]}. */
  int namedId(String key) {
    JsonNode value = present(key);
    if (!value.isArray()
        || value.size() != 2
        || !value.get(0).isString()
        || !value.get(1).isIntegralNumber()
        || !value.get(1).canConvertToInt()) {
      throw wrong(key, value, "a list of a name and an id");
    }
    return value.get(1).intValue();
  }

  /** The objects of a list that must be there. */
  List<Json> children(String key) {
    JsonNode value = present(key);
    if (!value.isArray()) {
      throw wrong(key, value, "a list");
    }
    List<Json> out = new java.util.ArrayList<>();
    for (int i = 0; i < value.size(); i++) {
      out.add(object(value.get(i), path + "." + key + "[" + i + "]"));
    }
    return out;
  }

  /** The value at a key, unless it is absent or null. */
  Optional<JsonNode> optional(String key) {
    asked.add(key);
    JsonNode value = node.get(key);
    return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
  }

  /** A key that older files write and that says nothing here. */
  void obsolete(String key) {
    asked.add(key);
  }

  JsonNode node() {
    return node;
  }

  /** Refuses keys that nobody asked for. */
  void done() {
    for (String key : node.propertyNames()) {
      if (!asked.contains(key)) {
        throw new InvalidTokenizerException(
            "%s: the key \"%s\" is not known here; known are %s"
                .formatted(path, key, asked.stream().sorted().toList()));
      }
    }
  }

  InvalidTokenizerException unsupported(String what, List<String> supported) {
    return new InvalidTokenizerException(
        "%s: \"%s\" is not supported; supported are %s".formatted(path, what, supported));
  }

  InvalidTokenizerException wrong(String key, JsonNode value, String expected) {
    return new InvalidTokenizerException(
        "%s.%s: %s is expected, not %s".formatted(path, key, expected, shown(value)));
  }

  private JsonNode present(String key) {
    return optional(key)
        .orElseThrow(
            () -> new InvalidTokenizerException(path + ": the key \"" + key + "\" is missing"));
  }

  private static String shown(JsonNode node) {
    String text = node.toString();
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }
}
