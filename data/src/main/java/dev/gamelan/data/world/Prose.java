package dev.gamelan.data.world;

/** Sentences into paragraphs: capitals, spaces, slots. */
final class Prose {
  private final StringBuilder out = new StringBuilder(1024);
  private boolean fresh = true;

  /**
   * Adds sentences; {@code {0}}, {@code {1}} … stand for the arguments. The first letter becomes a
   * capital.
   */
  Prose say(String template, Object... arguments) {
    if (!fresh) {
      out.append(' ');
    }
    fresh = false;
    int begin = out.length();
    fill(template, arguments);
    int first = begin;
    if (out.charAt(first) == '"') {
      first++;
    }
    out.setCharAt(first, Character.toUpperCase(out.charAt(first)));
    return this;
  }

  private void fill(String template, Object... arguments) {
    int length = template.length();
    for (int i = 0; i < length; i++) {
      char c = template.charAt(i);
      if (c == '{') {
        out.append(arguments[template.charAt(i + 1) - '0']);
        i += 2;
      } else {
        out.append(c);
      }
    }
  }

  /** Begins a new line. */
  Prose line() {
    out.append('\n');
    fresh = true;
    return this;
  }

  /** Begins a new paragraph. */
  Prose paragraph() {
    out.append("\n\n");
    fresh = true;
    return this;
  }

  String text() {
    return out.toString().strip();
  }
}
