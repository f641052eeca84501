package dev.gamelan.text.template;

import java.util.OptionalInt;

/**
 * A template that can't be parsed or rendered: wrong syntax, an operation on values that don't
 * allow it, a limit reached, or the template's own {@code raise_exception}. The message names the
 * template, the line and what is wrong.
 */
public final class TemplateException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final String template;
  private final int line;
  private final String reason;
  private final boolean raised;

  TemplateException(String template, int line, String reason, boolean raised) {
    super(template + (line > 0 ? ", line " + line : "") + ": " + reason);
    this.template = template;
    this.line = line;
    this.reason = reason;
    this.raised = raised;
  }

  /** The template's name. */
  public String template() {
    return template;
  }

  /** The line, counted from 1; empty where the context, not the template, is at fault. */
  public OptionalInt line() {
    return line > 0 ? OptionalInt.of(line) : OptionalInt.empty();
  }

  /** What is wrong, without template and line: what {@code raise_exception} was given. */
  public String reason() {
    return reason;
  }

  /** Whether the template itself refused its input, by {@code raise_exception}. */
  public boolean raisedByTemplate() {
    return raised;
  }
}
