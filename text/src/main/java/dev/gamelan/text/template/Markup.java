package dev.gamelan.text.template;

/** HTML's special characters, as MarkupSafe escapes them. */
final class Markup {
  private Markup() {}

  /** The text of a string that is put beside marked-up text. */
  static String escaped(Value.Str value, Run run) {
    return value.markup() ? value.text() : escaped(value.text(), run);
  }

  static String escaped(String text, Run run) {
    run.characters(text.length());
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&#34;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
    run.length(out.length());
    return out.toString();
  }
}
