package dev.gamelan.text.template;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression of Python's {@code re} for strings, on Java's engine: named groups, {@code
 * \Z}, brackets and ampersands in character classes are rewritten; classes such as {@code \w} are
 * Unicode's; {@code .} and {@code $} know the line feed only. Safe for many threads.
 *
 * <p>Source: the documentation of Python 3's {@code re}.
 */
public final class PythonPattern {
  private static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNIX_LINES;

  private final Pattern pattern;
  private final Map<String, Integer> names;

  private PythonPattern(Pattern pattern, Map<String, Integer> names) {
    this.pattern = pattern;
    this.names = names;
  }

  /**
   * Translates a pattern.
   *
   * @throws IllegalArgumentException it isn't a pattern, or has what Java's engine lacks
   */
  public static PythonPattern of(String python) {
    return of(python, 0);
  }

  /** {@link #of(String)} with flags of {@link Pattern}, such as {@code DOTALL}. */
  public static PythonPattern of(String python, int flags) {
    Map<String, Integer> names = new HashMap<>();
    try {
      return new PythonPattern(
          Pattern.compile(translate(python, names), FLAGS | flags), Map.copyOf(names));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "regular expression '%s': %s at %d"
              .formatted(python, e.getDescription(), Math.max(0, e.getIndex())),
          e);
    }
  }

  private static String translate(String python, Map<String, Integer> names) {
    StringBuilder out = new StringBuilder(python.length() + 8);
    boolean inClass = false;
    boolean classBegins = false;
    int groups = 0;
    for (int i = 0; i < python.length(); i++) {
      char c = python.charAt(i);
      if (c == '\\' && i + 1 < python.length()) {
        char next = python.charAt(++i);
        out.append(next == 'Z' && !inClass ? "\\z" : escape(next));
        classBegins = false;
      } else if (inClass) {
        if (c == ']' && !classBegins) {
          inClass = false;
          out.append(c);
        } else {
          boolean negation = classBegins && c == '^' && python.charAt(i - 1) == '[';
          // Java's classes nest and intersect, Python's don't.
          out.append(c == '[' || c == '&' || c == ']' ? "\\" + c : String.valueOf(c));
          classBegins = negation;
        }
      } else if (c == '[') {
        inClass = true;
        classBegins = true;
        out.append(c);
      } else if (c == '(') {
        if (python.startsWith("(?P<", i)) {
          int end = python.indexOf('>', i);
          if (end < 0) {
            throw new PatternSyntaxException("a group's name without its end", python, i);
          }
          names.put(python.substring(i + 4, end), ++groups);
          out.append('(');
          i = end;
        } else if (python.startsWith("(?P=", i)) {
          int end = python.indexOf(')', i);
          Integer group = end < 0 ? null : names.get(python.substring(i + 4, end));
          if (group == null) {
            throw new PatternSyntaxException("an unknown group's name", python, i);
          }
          out.append("(?:\\").append(group).append(')');
          i = end;
        } else {
          groups += python.startsWith("(?", i) ? 0 : 1;
          out.append(c);
        }
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  /** Letters that mean nothing after a backslash are errors in both; the rest are themselves. */
  private static String escape(char next) {
    return switch (next) {
      // Java reads these as line breaks, grapheme clusters, quotations and blanks.
      case 'R', 'X', 'Q', 'E', 'h', 'H', 'V', 'G', 'K', 'N', 'z' ->
          throw new PatternSyntaxException("bad escape \\" + next, "\\" + next, 0);
      case 'v' -> "\\x0B";
      default -> "\\" + next;
    };
  }

  /** {@code re.findall}: every match that doesn't overlap, in order. */
  public List<MatchResult> findAll(String text) {
    return guarded(text, matcher -> matcher.results().toList());
  }

  /** {@code re.search}: the first match. */
  public Optional<MatchResult> search(String text) {
    return guarded(text, m -> m.find() ? Optional.of(m.toMatchResult()) : Optional.empty());
  }

  /** {@code re.split} of a pattern without groups. */
  public List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    for (MatchResult match : findAll(text)) {
      parts.add(text.substring(from, match.start()));
      from = match.end();
    }
    parts.add(text.substring(from));
    return parts;
  }

  /**
   * {@code re.sub(pattern, repl, text, count)}.
   *
   * @param repl with {@code \1}, {@code \g<1>}, {@code \g<name>}, {@code \n} and the like
   * @param count replacements at most; 0 = all
   */
  public String replace(String text, String repl, int count) {
    return guarded(
        text,
        matcher -> {
          StringBuilder out = new StringBuilder();
          int from = 0;
          for (int n = 0; (count == 0 || n < count) && matcher.find(); n++) {
            out.append(text, from, matcher.start());
            expand(repl, matcher, out);
            from = matcher.end();
          }
          return out.append(text, from, text.length()).toString();
        });
  }

  private void expand(String repl, MatchResult match, StringBuilder out) {
    for (int i = 0; i < repl.length(); i++) {
      char c = repl.charAt(i);
      if (c != '\\' || i + 1 == repl.length()) {
        out.append(c);
        continue;
      }
      char next = repl.charAt(++i);
      if (next == 'g' && repl.startsWith("<", i + 1) && repl.indexOf('>', i) > 0) {
        int end = repl.indexOf('>', i);
        String name = repl.substring(i + 2, end);
        int group =
            name.chars().allMatch(Character::isDigit)
                ? Integer.parseInt(name)
                : names.getOrDefault(name, -1);
        out.append(group(match, group));
        i = end;
      } else if (next >= '1' && next <= '9') {
        int end = i + 1;
        if (end < repl.length() && Character.isDigit(repl.charAt(end))) {
          end++;
        }
        out.append(group(match, Integer.parseInt(repl.substring(i, end))));
        i = end - 1;
      } else {
        switch (next) {
          case 'n' -> out.append('\n');
          case 't' -> out.append('\t');
          case 'r' -> out.append('\r');
          case '\\' -> out.append('\\');
          default -> out.append('\\').append(next);
        }
      }
    }
  }

  private String group(MatchResult match, int group) {
    if (group < 0 || group > match.groupCount()) {
      throw new IllegalArgumentException(
          "regular expression '%s': the replacement speaks of a group that isn't there"
              .formatted(pattern));
    }
    return Optional.ofNullable(match.group(group)).orElse("");
  }

  private <T> T guarded(String text, java.util.function.Function<Matcher, T> use) {
    try {
      return use.apply(pattern.matcher(text));
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException(
          "regular expression '%s' backtracks too deeply on a text of %d characters; simplify it"
              .formatted(pattern, text.length()),
          e);
    }
  }
}
