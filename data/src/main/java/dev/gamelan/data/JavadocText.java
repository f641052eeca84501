package dev.gamelan.data;

import java.util.Set;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Entities;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;

/** The text of one doc comment: tags become words, HTML becomes lines. */
final class JavadocText {
  private static final Set<String> BLOCKS =
      Set.of(
          "p",
          "ul",
          "ol",
          "dl",
          "table",
          "blockquote",
          "h1",
          "h2",
          "h3",
          "h4",
          "h5",
          "h6",
          "div",
          "pre",
          "section");
  private static final Set<String> LINES = Set.of("li", "dt", "dd", "tr", "br", "hr", "caption");

  private JavadocText() {}

  static String plain(String comment, boolean markdown) {
    int tags = blockTags(comment);
    StringBuilder out = new StringBuilder();
    out.append(convert(comment.substring(0, tags), markdown));
    int at = tags;
    while (at < comment.length()) {
      int next = at + 1 + blockTags(comment.substring(at + 1));
      String line = blockTag(comment.substring(at, next), markdown);
      if (!line.isEmpty()) {
        out.append(out.isEmpty() ? "" : "\n").append(line);
      }
      at = next;
    }
    return out.toString().strip();
  }

  /** Where the first block tag stands: an {@code @} that begins a line. */
  private static int blockTags(String comment) {
    boolean begins = true;
    for (int i = 0; i < comment.length(); i++) {
      char c = comment.charAt(i);
      if (c == '@' && begins) {
        return i;
      }
      begins = c == '\n' || begins && Character.isWhitespace(c);
    }
    return comment.length();
  }

  private static String blockTag(String tag, boolean markdown) {
    String[] parts = tag.strip().split("\\s+", 2);
    String rest = parts.length < 2 ? "" : parts[1];
    return switch (parts[0]) {
      case "@param" -> named("Parameter ", rest, markdown);
      case "@throws", "@exception" -> named("Throws ", rest, markdown);
      case "@return" -> rest.isBlank() ? "" : "Returns " + convert(rest, markdown);
      case "@deprecated" -> rest.isBlank() ? "" : "Deprecated: " + convert(rest, markdown);
      case "@implSpec", "@implNote", "@apiNote" -> convert(rest, markdown);
      default -> "";
    };
  }

  private static String named(String word, String rest, boolean markdown) {
    String[] parts = rest.strip().split("\\s+", 2);
    return parts.length < 2 ? "" : word + parts[0] + ": " + convert(parts[1], markdown);
  }

  private static String convert(String text, boolean markdown) {
    if (markdown) {
      return inline(text, false).strip();
    }
    StringBuilder out = new StringBuilder(text.length());
    boolean html = text.indexOf('<') >= 0 || text.indexOf('&') >= 0 || text.contains("{@snippet");
    if (html) {
      append(Jsoup.parseBodyFragment(inline(text, true)).body(), out, false);
    } else {
      // Most comments have no markup, and a parser costs more than all the rest.
      appendCollapsed(inline(text, false), out);
    }
    return out.toString().strip();
  }

  private static void append(Node node, StringBuilder out, boolean verbatim) {
    for (Node child : node.childNodes()) {
      if (child instanceof TextNode words) {
        if (verbatim) {
          out.append(words.getWholeText());
        } else {
          appendCollapsed(words.getWholeText(), out);
        }
      } else if (child instanceof Element element) {
        String name = element.normalName();
        if (BLOCKS.contains(name)) {
          breakTo(out, 2);
          append(element, out, verbatim || name.equals("pre"));
          breakTo(out, 2);
        } else if (LINES.contains(name)) {
          breakTo(out, 1);
          out.append(name.equals("li") ? "- " : "");
          append(element, out, verbatim);
          breakTo(out, 1);
        } else {
          append(element, out, verbatim);
          if (name.equals("td") || name.equals("th")) {
            appendCollapsed(" ", out);
          }
        }
      }
    }
  }

  private static void appendCollapsed(String words, StringBuilder out) {
    for (int i = 0; i < words.length(); i++) {
      char c = words.charAt(i);
      if (!Character.isWhitespace(c)) {
        out.append(c);
      } else if (!out.isEmpty() && !Character.isWhitespace(out.charAt(out.length() - 1))) {
        out.append(' ');
      }
    }
  }

  /** Ends the line, and leaves {@code newlines} − 1 empty ones. */
  private static void breakTo(StringBuilder out, int newlines) {
    int end = out.length();
    while (end > 0 && out.charAt(end - 1) == ' ') {
      end--;
    }
    out.setLength(end);
    int have = 0;
    while (have < end && out.charAt(end - 1 - have) == '\n') {
      have++;
    }
    if (end > 0) {
      out.append("\n".repeat(Math.max(0, newlines - have)));
    }
  }

  /** Inline tags as their words, escaped where HTML follows. */
  private static String inline(String text, boolean escape) {
    StringBuilder out = new StringBuilder(text.length());
    int at = 0;
    while (true) {
      int open = text.indexOf("{@", at);
      if (open < 0) {
        return out.append(text, at, text.length()).toString();
      }
      int close = closing(text, open);
      out.append(text, at, open);
      String tag = text.substring(open + 2, Math.max(open + 2, close - 1));
      out.append(inlineTag(tag, escape));
      at = close;
    }
  }

  private static int closing(String text, int open) {
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      depth += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
      if (depth == 0) {
        return i + 1;
      }
    }
    return text.length();
  }

  private static String inlineTag(String tag, boolean escape) {
    int space = 0;
    while (space < tag.length() && !Character.isWhitespace(tag.charAt(space))) {
      space++;
    }
    String name = tag.substring(0, space);
    String rest = tag.substring(space).strip();
    return switch (name) {
      case "code", "literal", "index", "systemProperty", "value" ->
          escape ? Entities.escape(rest) : rest;
      case "link", "linkplain" -> link(rest, escape);
      case "return" -> "Returns " + inline(rest, escape);
      case "summary" -> inline(rest, escape);
      case "snippet" -> snippet(rest, escape);
      default -> "";
    };
  }

  /**
   * The label, or without one what is linked to: {@code Map.get(Object)} for {@code
   * Map#get(Object)}.
   */
  private static String link(String rest, boolean escape) {
    int i = 0;
    int depth = 0;
    while (i < rest.length() && (depth > 0 || !Character.isWhitespace(rest.charAt(i)))) {
      char c = rest.charAt(i++);
      depth += c == '(' || c == '<' ? 1 : c == ')' || c == '>' ? -1 : 0;
    }
    String label = rest.substring(i).strip();
    if (!label.isEmpty()) {
      return inline(label, escape);
    }
    String target = rest.substring(0, i).replace('#', '.');
    String shown = target.startsWith(".") ? target.substring(1) : target;
    return escape ? Entities.escape(shown) : shown;
  }

  private static String snippet(String rest, boolean escape) {
    int colon = rest.indexOf(':');
    if (colon < 0) {
      return "";
    }
    String code = rest.substring(colon + 1);
    return escape ? "<pre>" + Entities.escape(code) + "</pre>" : code;
  }
}
