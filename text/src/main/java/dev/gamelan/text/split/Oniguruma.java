package dev.gamelan.text.split;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Regular expressions in the syntax of Oniguruma, which Hugging Face's tokenizers use, rendered for
 * {@link java.util.regex}. The two agree on most; where they would silently differ, the expression
 * is translated or refused.
 */
final class Oniguruma {
  private final String source;
  private final StringBuilder out = new StringBuilder();
  private int at;
  private int depth;

  private Oniguruma(String source) {
    this.source = source;
  }

  static Pattern compile(String expression) {
    String translated = new Oniguruma(expression).translate();
    try {
      return Pattern.compile(
          translated,
          Pattern.UNICODE_CHARACTER_CLASS
              | Pattern.UNICODE_CASE
              | Pattern.UNIX_LINES
              | Pattern.MULTILINE);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "regular expression /" + expression + "/: " + e.getDescription(), e);
    }
  }

  private String translate() {
    while (at < source.length()) {
      char c = source.charAt(at);
      if (c == '\\') {
        escape();
      } else if (c == '[') {
        if (source.startsWith("[:", at)) {
          throw refused("[: … :], a POSIX bracket", "\\p{…}");
        }
        depth++;
        take(1);
      } else if (c == ']' && depth > 0) {
        depth--;
        take(1);
      } else if (depth == 0 && c == '(' && source.startsWith("(?~", at)) {
        throw refused("(?~…), an absent operator", "a lookahead");
      } else {
        take(1);
      }
    }
    return out.toString();
  }

  private void escape() {
    if (at + 1 == source.length()) {
      throw new IllegalArgumentException(
          "regular expression /" + source + "/: it ends in the middle of an escape");
    }
    char c = source.charAt(at + 1);
    switch (c) {
      case 'p', 'P' -> property();
      case 'h' -> replace(depth > 0 ? "0-9a-fA-F" : "[0-9a-fA-F]");
      case 'H' -> {
        if (depth > 0) {
          throw refused("\\H in a class", "the characters themselves");
        }
        replace("[^0-9a-fA-F]");
      }
      case 'K', 'g', 'k', 'y', 'Y', 'X', 'R', 'O', 'N', 'c', 'C', 'M', 'e', 'a', 'v' ->
          throw refused("\\" + c, "an expression without it");
      default -> take(2);
    }
  }

  // Oniguruma knows scripts by their bare names, Java with "Is" before them.
  private void property() {
    int close = source.indexOf('}', at);
    if (at + 2 >= source.length() || source.charAt(at + 2) != '{' || close < 0) {
      throw refused("\\p without {…}", "\\p{L}");
    }
    String name = source.substring(at + 3, close);
    boolean negated = name.startsWith("^") != (source.charAt(at + 1) == 'P');
    name = name.startsWith("^") ? name.substring(1) : name;
    for (String candidate : new String[] {name, "Is" + name}) {
      // Bare names of more than two letters are POSIX classes in Java, of ASCII only.
      if (candidate.length() <= 2 || candidate.startsWith("Is")) {
        String text = (negated ? "\\P{" : "\\p{") + candidate + "}";
        try {
          Pattern.compile(text);
        } catch (PatternSyntaxException e) {
          continue;
        }
        out.append(text);
        at = close + 1;
        return;
      }
    }
    throw refused("\\p{" + name + "}", "a general category, a script or a binary property");
  }

  private void replace(String text) {
    out.append(text);
    at += 2;
  }

  private void take(int n) {
    out.append(source, at, at + n);
    at += n;
  }

  private IllegalArgumentException refused(String construct, String remedy) {
    return new IllegalArgumentException(
        "regular expression /" + source + "/: " + construct + " is not supported; use " + remedy);
  }
}
