package dev.gamelan.text.template;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** One rendering's state: what it has cost, where it is, what the time is. */
final class Run {
  private final Limits limits;
  private final Clock clock;
  private final boolean strict;
  private final StringBuilder root = new StringBuilder();
  private final List<Rendering.Span> spans = new ArrayList<>();
  private int captured;
  private long steps;
  private int depth;
  private int line;

  /**
   * @param strict whether an undefined value may not be used
   */
  Run(Limits limits, Clock clock, boolean strict) {
    this.strict = strict;
    this.limits = limits;
    this.clock = clock;
  }

  Clock clock() {
    return clock;
  }

  /** Whether an undefined value may not be used: templates are then the caller's own. */
  boolean strict() {
    return strict;
  }

  /** The truth of a value that may be used. */
  boolean truth(Value value) {
    use(value);
    return Value.truth(value);
  }

  /** Refuses an undefined value where the dialect is strict. */
  void use(Value value) {
    if (strict && value instanceof Value.Undefined undefined) {
      throw new Fault(undefined.message());
    }
  }

  /** The line that is being evaluated. */
  int line() {
    return line;
  }

  void at(int newLine) {
    line = newLine;
  }

  void step() {
    steps(1);
  }

  private void steps(long count) {
    steps += count;
    if (steps > limits.maxSteps()) {
      throw new Fault("the template takes more than " + limits.maxSteps() + " steps");
    }
  }

  /** Accounts for reading or copying so many characters. */
  void characters(long count) {
    steps(count >> 3);
  }

  /** Descends a level; {@link #leave} must follow. */
  void enter() {
    if (++depth > limits.maxDepth()) {
      throw new Fault("the template nests or recurses deeper than " + limits.maxDepth());
    }
  }

  void leave() {
    depth--;
  }

  /** Checks the length of a string that is being made. */
  void within(long characters) {
    if (characters > limits.maxLength()) {
      throw new Fault(
          "a string of %d characters; at most %d are allowed"
              .formatted(characters, limits.maxLength()));
    }
  }

  /** Checks the length of a string about to be made, and accounts for it. */
  int length(long characters) {
    within(characters);
    characters(characters);
    return (int) characters;
  }

  /** Checks the size of a list about to be made, and accounts for it. */
  int items(long count) {
    if (count > limits.maxItems()) {
      throw new Fault(
          "a list of %d items; at most %d are allowed".formatted(count, limits.maxItems()));
    }
    steps((count >> 2) + 1);
    return (int) count;
  }

  /** Accounts for a string that was made. */
  Value.Str text(String text) {
    length(text.length());
    return new Value.Str(text, false);
  }

  /** Adds to an output, within the limit. */
  void append(StringBuilder out, String text) {
    characters(text.length());
    if ((long) out.length() + text.length() > limits.maxLength()) {
      throw new Fault("the output is longer than " + limits.maxLength() + " characters");
    }
    out.append(text);
  }

  StringBuilder root() {
    return root;
  }

  /** Marks what was generated from {@code start} to the end of {@code out}. */
  void generated(StringBuilder out, int start, int blockLine) {
    if (out == root) {
      spans.add(new Rendering.Span(start, out.length()));
    } else if (captured == 0) {
      captured = blockLine;
    }
  }

  Rendering rendering(String template) {
    return new Rendering(template, root.toString(), spans, captured);
  }
}
