package dev.gamelan.text.hf;

/** What is looked for in a text: {@code {"String": …}} or {@code {"Regex": …}}. */
public sealed interface TextPattern {
  /** The string itself. */
  record Literal(String text) implements TextPattern {}

  /** Matches of a regular expression in Oniguruma's syntax. */
  record Regex(String expression) implements TextPattern {}
}
