package dev.gamelan.model.vision;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Checked access to {@code preprocessor_config.json}: errors name the key, the value, the rule. */
record ProcessorConfig(String where, JsonNode json) {
  ProcessorConfig {
    if (!json.isObject()) {
      throw new IllegalArgumentException(where + ": a JSON object is expected");
    }
  }

  private Optional<JsonNode> find(String... keys) {
    return Arrays.stream(keys)
        .map(json::get)
        .filter(node -> node != null && !node.isNull())
        .findFirst();
  }

  Optional<String> text(String... keys) {
    return find(keys)
        .map(
            node -> {
              if (!node.isString()) {
                throw wrong(keys[0], node, "a string");
              }
              return node.stringValue();
            });
  }

  boolean flag(String key, boolean otherwise) {
    return find(key)
        .map(
            node -> {
              if (!node.isBoolean()) {
                throw wrong(key, node, "true or false");
              }
              return node.booleanValue();
            })
        .orElse(otherwise);
  }

  double number(String key, double otherwise) {
    return find(key).map(node -> finite(key, node)).orElse(otherwise);
  }

  private double finite(String key, JsonNode node) {
    if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
      throw wrong(key, node, "a finite number");
    }
    return node.doubleValue();
  }

  /** The mean as a colour of 0 to 255, rounded down. */
  List<Integer> color(List<Double> otherwise) {
    return numbers("image_mean", otherwise).stream().map(m -> (int) (m * 255)).toList();
  }

  /** Three numbers, or one for all channels; of a deviation none is 0. */
  List<Float> three(String key, List<Double> otherwise) {
    return numbers(key, otherwise).stream().map(Double::floatValue).toList();
  }

  private List<Double> numbers(String key, List<Double> otherwise) {
    List<Double> values = new ArrayList<>();
    find(key)
        .ifPresentOrElse(
            node -> {
              for (int c = 0; c < 3; c++) {
                JsonNode one = node.isArray() && node.size() == 3 ? node.get(c) : node;
                values.add(finite(key, one));
              }
            },
            () -> values.addAll(otherwise));
    if (key.equals("image_std") && values.stream().anyMatch(v -> v.floatValue() == 0)) {
      throw wrong(key, json.get(key), "other than 0");
    }
    return values;
  }

  Resampling filter() {
    double number = number("resample", 3);
    try {
      return Resampling.of((int) number);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
    }
  }

  /**
   * One number or an object of {@code height} and {@code width}, or of {@code shortest_edge} where
   * that makes sense.
   *
   * @param shortest whether one number is the shorter side rather than both
   */
  ImageProcessor.Size size(String key, int otherwise, boolean shortest) {
    Optional<JsonNode> found = find(key);
    if (found.isEmpty() || found.get().isNumber()) {
      int pixels = found.map(node -> pixels(key, node)).orElse(otherwise);
      return shortest
          ? new ImageProcessor.Size.Shortest(pixels)
          : new ImageProcessor.Size.Exact(pixels, pixels);
    }
    JsonNode node = found.get();
    boolean sides = node.hasNonNull("height") && node.hasNonNull("width");
    boolean edge = shortest && node.hasNonNull("shortest_edge");
    boolean more =
        node.hasNonNull("longest_edge")
            || node.hasNonNull("max_height")
            || node.hasNonNull("max_width");
    if (sides == edge || more) {
      throw wrong(
          key,
          node,
          shortest
              ? "a number, {\"shortest_edge\": n} or {\"height\": n, \"width\": n}"
              : "a number or {\"height\": n, \"width\": n}");
    }
    return edge
        ? new ImageProcessor.Size.Shortest(pixels(key, node.get("shortest_edge")))
        : new ImageProcessor.Size.Exact(
            pixels(key, node.get("height")), pixels(key, node.get("width")));
  }

  private int pixels(String key, JsonNode node) {
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 1) {
      throw wrong(key, node, "integers of at least 1");
    }
    return node.intValue();
  }

  private IllegalArgumentException wrong(String key, JsonNode value, String rule) {
    return new IllegalArgumentException(
        "%s: %s is %s; it must be %s".formatted(where, key, value, rule));
  }
}
