package dev.gamelan.text.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Jinja's filters on single values; {@link SequenceFilters} has those on many. */
final class Filters {
  private static final Pattern WORD_START = Pattern.compile("[-\\s(\\{\\[<]+");
  private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);

  private final Run run;
  private final Display display;
  private final StringMethods strings;
  private final SequenceFilters sequences;

  Filters(Run run) {
    this.run = run;
    this.display = new Display(run);
    this.strings = new StringMethods(run);
    this.sequences = new SequenceFilters(run, this, new Tests(run));
  }

  Value apply(String name, Value value, Args args) {
    return switch (name) {
      case "abs" -> {
        args.bind(name, 0);
        boolean negative = Numbers.isNumber(value) && Numbers.real(value) < 0;
        yield new Numbers(run).sign(negative, value);
      }
      case "attr" -> {
        String attribute = args.bind(name, 1, "name").text(0);
        Value found = new Attributes(run).attribute(value, attribute);
        // Attributes only: the items of a dictionary don't count here.
        yield value instanceof Value.Dict && !(found instanceof Value.Callable)
            ? new Value.Undefined("'dict object' has no attribute '" + attribute + "'")
            : found;
      }
      case "capitalize", "lower", "upper" -> {
        args.bind(name, 0);
        yield strings.cased(soft(value), name);
      }
      case "center" -> {
        Value.Str s = soft(value);
        int width = args.bind(name, 0, "width").integer(0, 80);
        yield like(s, strings.padded(s.text(), width, " ", name));
      }
      case "default", "d" -> {
        Args.Bound bound = args.bind(name, 0, "default_value", "boolean");
        boolean missing =
            value instanceof Value.Undefined || (bound.flag(1, false) && !Value.truth(value));
        yield missing ? bound.or(0, Value.EMPTY) : value;
      }
      case "e", "escape" -> {
        args.bind(name, 0);
        yield new Value.Str(Markup.escaped(soft(value), run), true);
      }
      case "forceescape" -> {
        args.bind(name, 0);
        yield new Value.Str(Markup.escaped(display.str(value), run), true);
      }
      case "float" -> real(value, args);
      case "format" -> format(soft(value), args);
      case "indent" -> indent(soft(value), args);
      case "int" -> integer(value, args);
      case "replace" -> {
        Args.Bound bound = args.bind(name, 2, "old", "new", "count");
        yield run.text(
            strings.replace(
                display.str(value),
                display.str(bound.at(0)),
                display.str(bound.at(1)),
                bound.integer(2, -1)));
      }
      // Only where templates are the caller's own: a stranger's pattern could run for ever.
      case "regex_replace" -> {
        if (!run.strict()) {
          yield sequences.apply(name, value, args);
        }
        Args.Bound bound = args.bind(name, 2, "pattern", "repl", "count");
        String text = display.str(value);
        run.characters(text.length() * 8L);
        try {
          yield run.text(
              PythonPattern.of(bound.text(0)).replace(text, bound.text(1), bound.integer(2, 0)));
        } catch (IllegalArgumentException e) {
          throw new Fault(e.getMessage());
        }
      }
      case "round" -> round(value, args);
      case "safe" -> {
        args.bind(name, 0);
        yield new Value.Str(display.str(value), true);
      }
      case "string" -> {
        args.bind(name, 0);
        yield soft(value);
      }
      case "title" -> {
        args.bind(name, 0);
        yield run.text(title(display.str(value)));
      }
      case "tojson" -> JsonText.filter(run, value, args);
      case "trim" -> {
        Args.Bound bound = args.bind(name, 0, "chars");
        Optional<String> characters = bound.given(0).map(c -> bound.text(0));
        Value.Str s = soft(value);
        run.characters(s.text().length());
        yield like(s, StringMethods.strip(s.text(), characters, true, true));
      }
      case "truncate" -> truncate(soft(value), args);
      case "urlencode" -> urlEncode(value, args);
      case "wordcount" -> {
        args.bind(name, 0);
        Matcher words = WORD.matcher(display.str(value));
        long count = 0;
        while (words.find()) {
          run.step();
          count++;
        }
        yield Value.of(count);
      }
      default -> sequences.apply(name, value, args);
    };
  }

  /** A string as it is, everything else as it prints. */
  Value.Str soft(Value value) {
    return value instanceof Value.Str s ? s : run.text(display.str(value));
  }

  private Value.Str like(Value.Str original, String text) {
    return new Value.Str(run.text(text).text(), original.markup());
  }

  private Value real(Value value, Args args) {
    Value ifNone = args.bind("float", 0, "default").or(0, new Value.Real(0));
    if (Numbers.isNumber(value)) {
      return new Value.Real(Numbers.real(value));
    }
    return value instanceof Value.Str s
        ? parsed(s.text()).<Value>map(Value.Real::new).orElse(ifNone)
        : ifNone;
  }

  /** What Python's {@code float} makes of a text. */
  private Optional<Double> parsed(String text) {
    run.characters(text.length() * 8L);
    String stripped = StringMethods.strip(text, Optional.empty(), true, true);
    String bare = stripped.replaceFirst("^[+-]", "").toLowerCase(java.util.Locale.ROOT);
    boolean negative = stripped.startsWith("-");
    return switch (bare) {
      case "inf", "infinity" ->
          Optional.of(negative ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
      case "nan" -> Optional.of(Double.NaN);
      default ->
          bare.length() <= 5000
                  && bare.matches(
                      "(?:[0-9](?:_?[0-9])*\\.?(?:[0-9](?:_?[0-9])*)?|\\.[0-9](?:_?[0-9])*)"
                          + "(?:e[+-]?[0-9](?:_?[0-9])*)?")
              ? Optional.of(Double.parseDouble(stripped.replace("_", "")))
              : Optional.empty();
    };
  }

  private Value integer(Value value, Args args) {
    Args.Bound bound = args.bind("int", 0, "default", "base");
    Value ifNone = bound.or(0, Value.of(0));
    if (value instanceof Value.Str s) {
      Optional<BigInteger> exact = digits(s.text(), bound.integer(1, 10));
      if (exact.isPresent()) {
        return new Value.Int(exact.get());
      }
      return parsed(s.text())
          .filter(Double::isFinite)
          .<Value>map(d -> new Value.Int(new BigDecimal(d).toBigInteger()))
          .orElse(ifNone);
    }
    if (value instanceof Value.Real r) {
      return Double.isFinite(r.value())
          ? new Value.Int(new BigDecimal(r.value()).toBigInteger())
          : ifNone;
    }
    return Numbers.integer(value).<Value>map(Value.Int::new).orElse(ifNone);
  }

  private Optional<BigInteger> digits(String text, int base) {
    run.characters(text.length() * 8L);
    String stripped = StringMethods.strip(text, Optional.empty(), true, true);
    boolean negative = stripped.startsWith("-");
    String bare = negative || stripped.startsWith("+") ? stripped.substring(1) : stripped;
    String prefix =
        switch (base) {
          case 16 -> "0x";
          case 8 -> "0o";
          case 2 -> "0b";
          default -> "";
        };
    if (!prefix.isEmpty() && bare.regionMatches(true, 0, prefix, 0, 2)) {
      bare = bare.substring(2);
    }
    if (base < Character.MIN_RADIX
        || base > Character.MAX_RADIX
        || bare.length() > 4300
        || !bare.matches("[0-9a-zA-Z](?:_?[0-9a-zA-Z])*")) {
      return Optional.empty();
    }
    String digits = bare.replace("_", "");
    return digits.chars().allMatch(c -> Character.digit(c, base) >= 0)
        ? Optional.of(new BigInteger((negative ? "-" : "") + digits, base))
        : Optional.empty();
  }

  private Value format(Value.Str pattern, Args args) {
    if (args.named().isEmpty()) {
      return new Formatting(run).percent(pattern, Value.tuple(args.positional()));
    }
    if (!args.positional().isEmpty()) {
      throw new Fault("can't handle positional and keyword arguments at the same time");
    }
    return new Formatting(run).percent(pattern, Keys.dict(args.named()));
  }

  private Value indent(Value.Str s, Args args) {
    Args.Bound bound = args.bind("indent", 0, "width", "first", "blank");
    String indent =
        bound.given(0).isPresent() && bound.at(0) instanceof Value.Str given
            ? given.text()
            : " ".repeat(run.length(Math.max(0, bound.integer(0, 4))));
    boolean blank = bound.flag(2, false);
    List<String> lines = Splitting.lines(s.text() + "\n", false);
    StringBuilder out = new StringBuilder(bound.flag(1, false) ? indent : "");
    for (int i = 0; i < lines.size(); i++) {
      if (i > 0) {
        out.append('\n').append(blank || !lines.get(i).isEmpty() ? indent : "");
      }
      out.append(lines.get(i));
      run.characters(indent.length() + lines.get(i).length() + 8L);
      run.within(out.length());
    }
    return like(s, out.toString());
  }

  private Value round(Value value, Args args) {
    Args.Bound bound = args.bind("round", 0, "precision", "method");
    int places = Math.clamp(bound.integer(0, 0), -400, 400);
    RoundingMode mode =
        switch (bound.text(1, "common")) {
          case "common" -> RoundingMode.HALF_EVEN;
          case "ceil" -> RoundingMode.CEILING;
          case "floor" -> RoundingMode.FLOOR;
          default -> throw new Fault("method must be common, ceil or floor");
        };
    if (!Numbers.isNumber(value)) {
      throw new Fault("type " + Value.type(value) + " can't be rounded");
    }
    if (Numbers.integer(value).isPresent() && mode == RoundingMode.HALF_EVEN) {
      BigDecimal rounded = new BigDecimal(Numbers.integer(value).get());
      return new Value.Int(
          places >= 0 ? rounded.toBigInteger() : rounded.setScale(places, mode).toBigInteger());
    }
    double d = Numbers.real(value);
    if (!Double.isFinite(d)) {
      return new Value.Real(d);
    }
    double rounded = new BigDecimal(d).setScale(places, mode).doubleValue();
    return new Value.Real(rounded == 0 ? Math.copySign(0.0, d) : rounded);
  }

  private String title(String text) {
    run.characters(text.length());
    StringBuilder out = new StringBuilder();
    Matcher separator = WORD_START.matcher(text);
    int from = 0;
    while (separator.find()) {
      out.append(StringMethods.capitalized(text.substring(from, separator.start())));
      out.append(separator.group());
      from = separator.end();
    }
    return out.append(StringMethods.capitalized(text.substring(from))).toString();
  }

  private Value truncate(Value.Str s, Args args) {
    Args.Bound bound = args.bind("truncate", 0, "length", "killwords", "end", "leeway");
    String text = s.text();
    String end = bound.text(2, "...");
    int most = bound.integer(0, 255);
    int leeway = bound.integer(3, 5);
    int endLength = end.codePointCount(0, end.length());
    int length = text.codePointCount(0, text.length());
    if (most < endLength || leeway < 0) {
      throw new Fault("truncate(): length %d is below that of '%s'".formatted(most, end));
    }
    if (length <= (long) most + leeway) {
      return s;
    }
    String cut = text.substring(0, text.offsetByCodePoints(0, most - endLength));
    int blank = bound.flag(1, false) ? -1 : cut.lastIndexOf(' ');
    return like(s, (blank < 0 ? cut : cut.substring(0, blank)) + end);
  }

  private Value urlEncode(Value value, Args args) {
    args.bind("urlencode", 0);
    if (value instanceof Value.Str || !Iteration.iterable(value)) {
      return run.text(quoted(display.str(value), "/"));
    }
    List<String> pairs = new ArrayList<>();
    for (Value pair :
        new Iteration(run)
            .items(value instanceof Value.Dict ? sequences.apply("items", value, args) : value)) {
      List<Value> both = new Iteration(run).items(pair);
      if (both.size() != 2) {
        throw new Fault("urlencode needs pairs");
      }
      pairs.add(quoted(display.str(both.get(0)), "") + "=" + quoted(display.str(both.get(1)), ""));
    }
    return run.text(strings.join("&", pairs));
  }

  private String quoted(String text, String safe) {
    run.characters(text.length() * 3L);
    String quoted =
        URLEncoder.encode(text, StandardCharsets.UTF_8).replace("*", "%2A").replace("%7E", "~");
    return safe.isEmpty() ? quoted : quoted.replace("+", "%20").replace("%2F", "/");
  }
}
