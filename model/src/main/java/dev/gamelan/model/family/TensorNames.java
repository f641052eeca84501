package dev.gamelan.model.family;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a checkpoint format calls the parameters. Templates stand without {@code .weight} and {@code
 * .bias}; {@code {}} stands for the layer, a second one for the expert.
 */
public final class TensorNames {
  private static final Pattern NUMBER = Pattern.compile("(?<=\\.)\\d+(?=\\.)");

  private final Map<String, String> templates;

  private TensorNames(Map<String, String> templates) {
    this.templates = templates;
  }

  /** Pairs of (our template, the format's template). */
  static TensorNames of(String... pairs) {
    Map<String, String> templates = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      templates.put(pairs[i], pairs[i + 1]);
    }
    return new TensorNames(templates);
  }

  /** These names with some pairs added or changed. */
  TensorNames with(String... pairs) {
    return and(of(pairs));
  }

  /** These names and others. */
  TensorNames and(TensorNames more) {
    Map<String, String> all = new LinkedHashMap<>(templates);
    all.putAll(more.templates);
    return new TensorNames(all);
  }

  /** The same parameters under the format's names with something before them. */
  TensorNames prefixed(String prefix) {
    Map<String, String> all = new LinkedHashMap<>();
    templates.forEach((ours, published) -> all.put(ours, prefix + published));
    return new TensorNames(all);
  }

  /** The format's name of our parameter {@code name}. */
  public String published(String name) {
    int dot = name.lastIndexOf('.');
    String stem = name.substring(0, dot) + ".";
    String key = NUMBER.matcher(stem).replaceAll("{}");
    String template = templates.get(key.substring(0, key.length() - 1));
    if (template == null) {
      throw new IllegalArgumentException("tensor names: the format has no name for " + name);
    }
    Matcher numbers = NUMBER.matcher(stem);
    String filled = template;
    while (numbers.find()) {
      int hole = filled.indexOf("{}");
      filled = filled.substring(0, hole) + numbers.group() + filled.substring(hole + 2);
    }
    return filled + name.substring(dot);
  }
}
