package dev.gamelan.data;

import java.util.ArrayList;
import java.util.List;

/** The javadoc of a Java file as plain prose, each comment under the declaration it describes. */
final class Javadoc {
  private static final int LONGEST_DECLARATION = 200;

  private Javadoc() {}

  /** A comment, with its text and the position after it. */
  private record Comment(String text, boolean markdown, int end) {}

  static String prose(String title, String java) {
    StringBuilder out = new StringBuilder(java.length() / 2).append(title);
    for (Comment comment : comments(java)) {
      String text = JavadocText.plain(comment.text(), comment.markdown());
      if (text.isBlank()) {
        continue;
      }
      out.append("\n\n");
      String declaration = declaration(java, comment.end());
      if (!declaration.isEmpty()) {
        out.append(declaration).append('\n');
      }
      out.append(text);
    }
    return out.length() == title.length() ? "" : out.append('\n').toString();
  }

  /** Doc comments of both forms; strings, characters, text blocks and other comments are passed. */
  private static List<Comment> comments(String java) {
    List<Comment> found = new ArrayList<>();
    int n = java.length();
    int i = 0;
    while (i < n) {
      char c = java.charAt(i);
      if (c == '/' && java.startsWith("/**", i) && !java.startsWith("/**/", i)) {
        int end = after(java, "*/", i + 3);
        found.add(
            new Comment(starred(java.substring(i + 3, Math.max(i + 3, end - 2))), false, end));
        i = end;
      } else if (c == '/' && java.startsWith("/*", i)) {
        i = after(java, "*/", i + 2);
      } else if (c == '/' && java.startsWith("///", i) && startsLine(java, i)) {
        i = slashed(java, i, found);
      } else if (c == '/' && java.startsWith("//", i)) {
        i = after(java, "\n", i);
      } else if (java.startsWith("\"\"\"", i)) {
        i = quoted(java, "\"\"\"", i + 3);
      } else if (c == '"' || c == '\'') {
        i = quoted(java, String.valueOf(c), i + 1);
      } else {
        i++;
      }
    }
    return found;
  }

  private static int after(String java, String end, int from) {
    int at = java.indexOf(end, from);
    return at < 0 ? java.length() : at + end.length();
  }

  private static int quoted(String java, String end, int from) {
    int i = from;
    while (i < java.length() && !java.startsWith(end, i)) {
      i += java.charAt(i) == '\\' ? 2 : 1;
    }
    return Math.min(java.length(), i + end.length());
  }

  private static boolean startsLine(String java, int at) {
    int i = at - 1;
    while (i >= 0 && (java.charAt(i) == ' ' || java.charAt(i) == '\t')) {
      i--;
    }
    return i < 0 || java.charAt(i) == '\n';
  }

  /** Consecutive lines that begin with three slashes are one Markdown comment (JEP 467). */
  private static int slashed(String java, int from, List<Comment> found) {
    StringBuilder text = new StringBuilder();
    int i = from;
    while (java.startsWith("///", i)) {
      int end = after(java, "\n", i);
      text.append(java, Math.min(end, i + 3), end);
      i = end;
      int next = i;
      while (next < java.length() && (java.charAt(next) == ' ' || java.charAt(next) == '\t')) {
        next++;
      }
      if (!java.startsWith("///", next)) {
        break;
      }
      i = next;
    }
    // A rule of slashes is decoration.
    if (text.chars().anyMatch(Character::isLetter)) {
      found.add(new Comment(text.toString().stripTrailing().stripIndent(), true, i));
    }
    return i;
  }

  /** Without the stars that lines begin with. */
  private static String starred(String comment) {
    StringBuilder out = new StringBuilder(comment.length());
    for (String line : comment.split("\n", -1)) {
      int i = 0;
      while (i < line.length() && Character.isWhitespace(line.charAt(i))) {
        i++;
      }
      int stars = i;
      while (stars < line.length() && line.charAt(stars) == '*') {
        stars++;
      }
      out.append(stars > i ? line.substring(stars) : line).append('\n');
    }
    return out.toString();
  }

  /** What is declared after a comment, on one line, without annotations and body. */
  private static String declaration(String java, int from) {
    StringBuilder out = new StringBuilder();
    int depth = 0;
    boolean space = false;
    for (int i = from; i < java.length() && out.length() < LONGEST_DECLARATION; i++) {
      char c = java.charAt(i);
      if (c == '@' && !java.startsWith("@interface", i)) {
        i = annotationEnd(java, i) - 1;
        continue;
      }
      if (c == '/' && (java.startsWith("/*", i) || java.startsWith("//", i))) {
        i = after(java, java.charAt(i + 1) == '*' ? "*/" : "\n", i) - 1;
        continue;
      }
      if (depth == 0 && (c == '{' || c == ';' || c == '=' || c == '}')) {
        break;
      }
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (Character.isWhitespace(c)) {
        space = true;
      } else {
        if (space && !out.isEmpty()) {
          out.append(' ');
        }
        space = false;
        out.append(c);
      }
    }
    return out.toString();
  }

  private static int annotationEnd(String java, int from) {
    int i = from + 1;
    while (i < java.length()
        && (Character.isJavaIdentifierPart(java.charAt(i)) || java.charAt(i) == '.')) {
      i++;
    }
    if (i < java.length() && java.charAt(i) == '(') {
      int depth = 0;
      while (i < java.length()) {
        char c = java.charAt(i);
        if (c == '"') {
          i = quoted(java, "\"", i + 1);
          continue;
        }
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        i++;
        if (depth == 0) {
          break;
        }
      }
    }
    return i;
  }
}
