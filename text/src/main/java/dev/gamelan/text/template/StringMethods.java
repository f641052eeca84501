package dev.gamelan.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/** The methods of Python's {@code str}. Indices count code points. */
final class StringMethods {
  private static final Set<String> NAMES =
      Set.of(
          "capitalize",
          "casefold",
          "center",
          "count",
          "endswith",
          "find",
          "format",
          "index",
          "isalnum",
          "isalpha",
          "isascii",
          "isdecimal",
          "isdigit",
          "islower",
          "isnumeric",
          "isprintable",
          "isspace",
          "isupper",
          "join",
          "ljust",
          "lower",
          "lstrip",
          "partition",
          "removeprefix",
          "removesuffix",
          "replace",
          "rfind",
          "rindex",
          "rjust",
          "rpartition",
          "rsplit",
          "rstrip",
          "split",
          "splitlines",
          "startswith",
          "strip",
          "swapcase",
          "title",
          "upper",
          "zfill");

  private final Run run;

  StringMethods(Run run) {
    this.run = run;
  }

  Optional<Value> method(Value.Str self, String name) {
    return NAMES.contains(name)
        ? Optional.of(new Value.Callable(name, args -> call(self, name, args)))
        : Optional.empty();
  }

  private Value call(Value.Str self, String name, Args args) {
    String text = self.text();
    run.characters(text.length());
    return switch (name) {
      case "capitalize", "casefold", "lower", "swapcase", "title", "upper" -> {
        args.bind(name, 0);
        yield cased(self, name);
      }
      case "strip", "lstrip", "rstrip" -> {
        Args.Bound bound = args.bind(name, 0, "chars");
        yield like(
            self,
            strip(
                text,
                bound.given(0).isPresent() ? Optional.of(bound.text(0)) : Optional.empty(),
                !name.equals("rstrip"),
                !name.equals("lstrip")));
      }
      case "startswith", "endswith" -> affix(text, name, args);
      case "removeprefix" -> {
        String prefix = args.bind(name, 1, "prefix").text(0);
        yield like(self, text.startsWith(prefix) ? text.substring(prefix.length()) : text);
      }
      case "removesuffix" -> {
        String suffix = args.bind(name, 1, "suffix").text(0);
        yield like(
            self,
            text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text);
      }
      case "replace" -> {
        Args.Bound bound = args.bind(name, 2, "old", "new", "count");
        yield like(self, replace(text, bound.text(0), bound.text(1), bound.integer(2, -1)));
      }
      case "split", "rsplit" -> {
        Args.Bound bound = args.bind(name, 0, "sep", "maxsplit");
        Optional<String> separator =
            bound.given(0).isPresent() ? Optional.of(bound.text(0)) : Optional.empty();
        int most = bound.integer(1, -1);
        yield Splitting.split(
            run, text, separator, most < 0 ? Integer.MAX_VALUE : most, name.equals("rsplit"));
      }
      case "splitlines" ->
          strings(Splitting.lines(text, args.bind(name, 0, "keepends").flag(0, false)));
      case "partition", "rpartition" -> {
        String separator = args.bind(name, 1, "sep").text(0);
        yield Splitting.partition(run, text, separator, name.equals("rpartition"));
      }
      case "join" -> {
        List<String> parts = new ArrayList<>();
        for (Value item : new Iteration(run).items(args.bind(name, 1, "iterable").at(0))) {
          if (!(item instanceof Value.Str s)) {
            throw new Fault(
                "sequence item %d: expected str instance, %s found"
                    .formatted(parts.size(), Value.type(item)));
          }
          parts.add(s.text());
        }
        yield like(self, join(text, parts));
      }
      case "find", "rfind", "index", "rindex", "count" -> searched(text, name, args);
      case "center", "ljust", "rjust" -> {
        Args.Bound bound = args.bind(name, 1, "width", "fillchar");
        String fill = bound.has(1) ? bound.text(1) : " ";
        if (fill.codePointCount(0, fill.length()) != 1) {
          throw new Fault(name + "(): the fill character must be exactly one character long");
        }
        yield like(self, padded(text, bound.integer(0), fill, name));
      }
      case "zfill" -> {
        boolean signed = text.startsWith("-") || text.startsWith("+");
        int width = args.bind(name, 1, "width").integer(0) - (signed ? 1 : 0);
        String digits = signed ? text.substring(1) : text;
        yield like(
            self, (signed ? text.substring(0, 1) : "") + padded(digits, width, "0", "rjust"));
      }
      case "format" -> new Formatting(run).format(self, args);
      case "isupper" -> {
        args.bind(name, 0);
        yield Value.of(onlyCase(text, true));
      }
      case "islower" -> {
        args.bind(name, 0);
        yield Value.of(onlyCase(text, false));
      }
      default -> {
        args.bind(name, 0);
        yield Value.of(all(text, name));
      }
    };
  }

  private Value.Str like(Value.Str self, String text) {
    return new Value.Str(run.text(text).text(), self.markup());
  }

  Value.Str cased(Value.Str self, String name) {
    String text = self.text();
    run.characters(text.length());
    return like(
        self,
        switch (name) {
          case "upper" -> text.toUpperCase(Locale.ROOT);
          case "lower", "casefold" -> text.toLowerCase(Locale.ROOT);
          case "capitalize" -> capitalized(text);
          case "title" -> titled(text);
          default -> swapped(text);
        });
  }

  static String capitalized(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.codePointAt(0);
    return Character.toString(Character.toTitleCase(first))
        + text.substring(Character.charCount(first)).toLowerCase(Locale.ROOT);
  }

  private static String titled(String text) {
    StringBuilder out = new StringBuilder(text.length());
    boolean inWord = false;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inWord = Characters.isCased(c);
    }
    return out.toString();
  }

  private static String swapped(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c ->
                out.appendCodePoint(
                    Character.isUpperCase(c)
                        ? Character.toLowerCase(c)
                        : Character.toUpperCase(c)));
    return out.toString();
  }

  static String strip(String text, Optional<String> characters, boolean left, boolean right) {
    IntPredicate goes =
        characters.<IntPredicate>map(set -> c -> set.indexOf(c) >= 0).orElse(Characters::isSpace);
    int start = 0;
    int end = text.length();
    while (left && start < end && goes.test(text.codePointAt(start))) {
      start += Character.charCount(text.codePointAt(start));
    }
    while (right && end > start && goes.test(text.codePointBefore(end))) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(start, end);
  }

  String replace(String text, String old, String fresh, int count) {
    long left = count < 0 ? Long.MAX_VALUE : count;
    StringBuilder out = new StringBuilder();
    int from = 0;
    if (old.isEmpty()) {
      while (left-- > 0) {
        out.append(fresh);
        run.length((long) out.length() - from + fresh.length());
        if (from >= text.length()) {
          return out.toString();
        }
        int next = text.offsetByCodePoints(from, 1);
        out.append(text, from, next);
        from = next;
      }
      return out.append(text, from, text.length()).toString();
    }
    int found = left == 0 ? -1 : Search.indexOf(run, text, old, 0);
    while (found >= 0) {
      out.append(text, from, found).append(fresh);
      run.characters(fresh.length());
      run.within(out.length());
      run.step();
      from = found + old.length();
      found = --left == 0 ? -1 : Search.indexOf(run, text, old, from);
    }
    return out.append(text, from, text.length()).toString();
  }

  String join(String separator, List<String> parts) {
    long length = 0;
    for (String part : parts) {
      length += part.length() + separator.length();
    }
    run.length(Math.max(0, length - separator.length()));
    return String.join(separator, parts);
  }

  private Value affix(String text, String name, Args args) {
    Args.Bound bound = args.bind(name, 1, "affix", "start", "end");
    List<Value> affixes =
        bound.at(0) instanceof Value.Seq s && s.kind() == Value.Kind.TUPLE
            ? s.items()
            : List.of(Value.of(bound.text(0)));
    Optional<String> part = part(text, bound);
    for (Value affix : affixes) {
      if (!(affix instanceof Value.Str s)) {
        throw new Fault(name + "(): a tuple of strings is needed");
      }
      run.characters(s.text().length());
      if (part.isPresent()
          && (name.equals("startswith")
              ? part.get().startsWith(s.text())
              : part.get().endsWith(s.text()))) {
        return Value.TRUE;
      }
    }
    return Value.FALSE;
  }

  /** What the second and third argument select; empty where the start lies beyond the end. */
  private Optional<String> part(String text, Args.Bound bound) {
    if (bound.given(1).isEmpty() && bound.given(2).isEmpty()) {
      return Optional.of(text);
    }
    int length = text.codePointCount(0, text.length());
    int start = index(bound.integer(1, 0), length);
    int end = Math.min(length, index(bound.integer(2, length), length));
    return start > end
        ? Optional.empty()
        : Optional.of(
            text.substring(text.offsetByCodePoints(0, start), text.offsetByCodePoints(0, end)));
  }

  private static int index(int given, int length) {
    return given < 0 ? Math.max(0, given + length) : given;
  }

  private Value searched(String text, String name, Args args) {
    Args.Bound bound = args.bind(name, 1, "sub", "start", "end");
    String sought = bound.text(0);
    Optional<String> part = part(text, bound);
    if (name.equals("count")) {
      return Value.of(part.isEmpty() ? 0 : count(part.get(), sought));
    }
    int found = -1;
    if (part.isPresent()) {
      String in = part.get();
      int at =
          name.startsWith("r")
              ? Search.lastIndexOf(run, in, sought, in.length())
              : Search.indexOf(run, in, sought, 0);
      int length = text.codePointCount(0, text.length());
      found = at < 0 ? -1 : index(bound.integer(1, 0), length) + in.codePointCount(0, at);
    }
    if (found < 0 && name.endsWith("index")) {
      throw new Fault("substring not found");
    }
    return Value.of(found);
  }

  private int count(String text, String sought) {
    if (sought.isEmpty()) {
      return text.codePointCount(0, text.length()) + 1;
    }
    int n = 0;
    int at = Search.indexOf(run, text, sought, 0);
    while (at >= 0) {
      n++;
      run.step();
      at = Search.indexOf(run, text, sought, at + sought.length());
    }
    return n;
  }

  String padded(String text, int width, String fill, String how) {
    int missing = Math.max(0, width - text.codePointCount(0, text.length()));
    run.length((long) missing * fill.length() + text.length());
    int left =
        switch (how) {
          case "ljust" -> 0;
          case "rjust" -> missing;
          // Python's own rounding.
          default -> missing / 2 + (missing & width & 1);
        };
    return fill.repeat(left) + text + fill.repeat(missing - left);
  }

  static boolean onlyCase(String text, boolean upper) {
    boolean some = false;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      if (Characters.isCased(c)) {
        if (upper != Character.isUpperCase(c)) {
          return false;
        }
        some = true;
      }
    }
    return some;
  }

  private static boolean all(String text, String name) {
    IntPredicate test =
        switch (name) {
          case "isalpha" -> Character::isLetter;
          case "isalnum" -> c -> Character.isLetter(c) || numeric(c);
          case "isdecimal" -> Character::isDigit;
          case "isdigit" -> c -> Character.isDigit(c) || "²³¹⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉".indexOf(c) >= 0;
          case "isnumeric" -> StringMethods::numeric;
          case "isspace" -> Characters::isSpace;
          case "isprintable" -> Characters::isPrintable;
          default -> c -> c < 128;
        };
    boolean emptyIs = name.equals("isascii") || name.equals("isprintable");
    return text.isEmpty() ? emptyIs : text.codePoints().allMatch(test);
  }

  private static boolean numeric(int c) {
    return switch (Character.getType(c)) {
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
      default -> false;
    };
  }

  private Value strings(List<String> parts) {
    List<Value> out = new ArrayList<>(run.items(parts.size()));
    for (String part : parts) {
      out.add(Value.of(part));
    }
    return Value.list(out);
  }
}
