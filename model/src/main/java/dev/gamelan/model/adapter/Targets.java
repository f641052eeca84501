package dev.gamelan.model.adapter;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Which modules an adapter is for, by the names that the published checkpoint gives them. */
public sealed interface Targets {
  /** PEFT's word for {@link AllLinear}. */
  String ALL_LINEAR = "all-linear";

  /** Whether a module, e.g. {@code model.layers.0.self_attn.q_proj}, is meant. */
  boolean has(String module);

  /** Every linear part of the layers. */
  record AllLinear() implements Targets {
    @Override
    public boolean has(String module) {
      return true;
    }
  }

  /**
   * Modules whose name, or its last parts, is one of a list.
   *
   * @param layers only in these layers; empty = in all
   * @param within what the list of layers is called, e.g. {@code layers}; empty = the first number
   *     in the name is the layer
   */
  record Names(List<String> names, List<Integer> layers, List<String> within) implements Targets {
    private static final Pattern FIRST_NUMBER = Pattern.compile(".*?\\.[^.]*\\.(\\d+)\\.");

    public Names {
      names = List.copyOf(names);
      layers = List.copyOf(layers);
      within = List.copyOf(within);
    }

    /** In all layers. */
    public Names(List<String> names) {
      this(names, List.of(), List.of());
    }

    @Override
    public boolean has(String module) {
      if (names.contains(module)) {
        return true;
      }
      return names.stream().anyMatch(name -> module.endsWith("." + name))
          && (layers.isEmpty() || layers.contains(layer(module)));
    }

    private int layer(String module) {
      if (within.isEmpty()) {
        Matcher m = FIRST_NUMBER.matcher(module);
        return m.lookingAt() ? number(m) : -1;
      }
      for (String name : within) {
        Matcher m = regex("(?:^|.*?\\.)" + name + "\\.(\\d+)\\.").matcher(module);
        if (m.lookingAt()) {
          return number(m);
        }
      }
      return -1;
    }

    private static int number(Matcher m) {
      return m.group(1).length() > 9 ? -1 : Integer.parseInt(m.group(1));
    }
  }

  /** Modules whose whole name an expression matches. */
  record Matching(Pattern expression) implements Targets {
    @Override
    public boolean has(String module) {
      return expression.matcher(module).matches();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Matching m && m.expression.pattern().equals(expression.pattern());
    }

    @Override
    public int hashCode() {
      return expression.pattern().hashCode();
    }
  }

  /** The targets that a string stands for: all linear parts, or an expression. */
  static Targets of(String text) {
    return text.equalsIgnoreCase(ALL_LINEAR) ? new AllLinear() : new Matching(regex(text));
  }

  /**
   * @throws IllegalArgumentException if it is no regular expression
   */
  static Pattern regex(String text) {
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "lora: \"%s\" is no regular expression: %s".formatted(text, e.getDescription()), e);
    }
  }
}
