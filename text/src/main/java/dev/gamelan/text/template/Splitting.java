package dev.gamelan.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How Python cuts strings. */
final class Splitting {
  private Splitting() {}

  static Value split(
      Run run, String text, Optional<String> separator, int most, boolean fromRight) {
    List<Value> parts =
        separator.isEmpty()
            ? (fromRight ? blanksFromRight(run, text, most) : blanks(run, text, most))
            : fromRight
                ? fromRight(run, text, nonEmpty(separator.get()), most)
                : fromLeft(run, text, nonEmpty(separator.get()), most);
    run.characters(text.length());
    return Value.list(parts);
  }

  private static String nonEmpty(String separator) {
    if (separator.isEmpty()) {
      throw new Fault("empty separator");
    }
    return separator;
  }

  private static void add(Run run, List<Value> parts, String part) {
    run.step();
    parts.add(Value.of(part));
    if ((parts.size() & 1023) == 0) {
      run.items(parts.size());
    }
  }

  private static List<Value> fromLeft(Run run, String text, String separator, int most) {
    List<Value> parts = new ArrayList<>();
    int from = 0;
    int at = most == 0 ? -1 : Search.indexOf(run, text, separator, 0);
    while (at >= 0) {
      add(run, parts, text.substring(from, at));
      from = at + separator.length();
      at = parts.size() >= most ? -1 : Search.indexOf(run, text, separator, from);
    }
    add(run, parts, text.substring(from));
    return parts;
  }

  private static List<Value> fromRight(Run run, String text, String separator, int most) {
    List<Value> parts = new ArrayList<>();
    int end = text.length();
    int at = most == 0 ? -1 : Search.lastIndexOf(run, text, separator, end);
    while (at >= 0) {
      add(run, parts, text.substring(at + separator.length(), end));
      end = at;
      at = parts.size() >= most ? -1 : Search.lastIndexOf(run, text, separator, end);
    }
    add(run, parts, text.substring(0, end));
    return parts.reversed();
  }

  private static List<Value> blanks(Run run, String text, int most) {
    List<Value> parts = new ArrayList<>();
    int i = 0;
    while (true) {
      while (i < text.length() && Characters.isSpace(text.charAt(i))) {
        i++;
      }
      if (i == text.length()) {
        return parts;
      }
      int start = i;
      if (parts.size() >= most) {
        add(run, parts, text.substring(start));
        return parts;
      }
      while (i < text.length() && !Characters.isSpace(text.charAt(i))) {
        i++;
      }
      add(run, parts, text.substring(start, i));
    }
  }

  private static List<Value> blanksFromRight(Run run, String text, int most) {
    List<Value> parts = new ArrayList<>();
    int i = text.length();
    while (true) {
      while (i > 0 && Characters.isSpace(text.charAt(i - 1))) {
        i--;
      }
      if (i == 0) {
        return parts.reversed();
      }
      int end = i;
      if (parts.size() >= most) {
        add(run, parts, text.substring(0, end));
        return parts.reversed();
      }
      while (i > 0 && !Characters.isSpace(text.charAt(i - 1))) {
        i--;
      }
      add(run, parts, text.substring(i, end));
    }
  }

  static List<String> lines(String text, boolean keepEnds) {
    List<String> lines = new ArrayList<>();
    int start = 0;
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i++);
      if (!Characters.isLineEnd(c)) {
        continue;
      }
      int end = i - 1;
      if (c == '\r' && i < text.length() && text.charAt(i) == '\n') {
        i++;
      }
      lines.add(text.substring(start, keepEnds ? i : end));
      start = i;
    }
    if (start < text.length()) {
      lines.add(text.substring(start));
    }
    return lines;
  }

  static Value partition(Run run, String text, String separator, boolean last) {
    nonEmpty(separator);
    int at =
        last
            ? Search.lastIndexOf(run, text, separator, text.length())
            : Search.indexOf(run, text, separator, 0);
    if (at < 0) {
      Value whole = Value.of(text);
      return Value.tuple(
          last
              ? List.of(Value.EMPTY, Value.EMPTY, whole)
              : List.of(whole, Value.EMPTY, Value.EMPTY));
    }
    return Value.tuple(
        List.of(
            Value.of(text.substring(0, at)),
            Value.of(separator),
            Value.of(text.substring(at + separator.length()))));
  }
}
