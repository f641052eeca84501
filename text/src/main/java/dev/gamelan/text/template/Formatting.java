package dev.gamelan.text.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code 'text %s' % value} and {@code 'text {}'.format(value)}, for the usual conversions. */
final class Formatting {
  private static final Pattern PERCENT =
      Pattern.compile(
          "%(?:\\((?<key>[^)]*)\\))?(?<flags>[-+ 0#]{0,8})(?<width>[0-9]{0,9})"
              + "(?:\\.(?<precision>[0-9]{0,9}))?(?<type>.)",
          Pattern.DOTALL);
  private static final Pattern FIELD =
      Pattern.compile(
          "(?<name>[\\p{L}0-9_]*)(?:!(?<conversion>[rs]))?"
              + "(?::(?:(?<fill>.)?(?<align>[<>^]))?(?<sign>[-+ ]?)(?<zero>0?)(?<width>[0-9]{0,9})"
              + "(?<comma>,?)(?:\\.(?<precision>[0-9]{1,9}))?(?<type>[sdfFeExXob%]?))?",
          Pattern.DOTALL);

  private final Run run;
  private final Display display;

  Formatting(Run run) {
    this.run = run;
    this.display = new Display(run);
  }

  /** Python's {@code pattern % values}. */
  Value percent(Value.Str pattern, Value values) {
    String text = pattern.text();
    List<Value> positional =
        values instanceof Value.Seq s && s.kind() == Value.Kind.TUPLE ? s.items() : List.of(values);
    StringBuilder out = new StringBuilder();
    Matcher field = PERCENT.matcher(text);
    int from = 0;
    int used = 0;
    boolean byKey = false;
    for (int at = text.indexOf('%'); at >= 0; at = text.indexOf('%', from)) {
      run.step();
      out.append(text, from, at);
      if (!field.region(at, text.length()).lookingAt()) {
        throw new Fault("incomplete format");
      }
      from = field.end();
      String type = field.group("type");
      if (type.equals("%")) {
        out.append('%');
        continue;
      }
      Value value;
      if (field.group("key") != null) {
        byKey = true;
        if (!(values instanceof Value.Dict d)) {
          throw new Fault("format requires a mapping");
        }
        String key = field.group("key");
        value = d.at(key).orElseThrow(() -> new Fault("the format's key '" + key + "' is missing"));
      } else if (used < positional.size()) {
        value = positional.get(used++);
      } else {
        throw new Fault("not enough arguments for format string");
      }
      String flags = field.group("flags");
      String precision = field.group("precision");
      Style style =
          new Style(
              " ",
              flags.contains("-") ? '<' : '>',
              flags.contains("+") ? "+" : flags.contains(" ") ? " " : "",
              flags.contains("0") && !flags.contains("-"),
              number(field.group("width"), 0),
              false,
              precision == null ? -1 : number(precision, 0),
              type.equals("i") || type.equals("u") ? "d" : type);
      append(out, percentValue(value, style), pattern.markup() && "sr".contains(type));
    }
    if (!byKey && used < positional.size() && !(values instanceof Value.Dict)) {
      throw new Fault("not all arguments converted during string formatting");
    }
    return new Value.Str(
        run.text(out.append(text, from, text.length()).toString()).text(), pattern.markup());
  }

  private String percentValue(Value value, Style style) {
    return switch (style.type()) {
      case "s" -> style.text(run, display.str(value));
      case "r" -> style.text(run, display.repr(value));
      case "d" -> {
        if (value instanceof Value.Real r && Double.isFinite(r.value())) {
          yield style.number(run, new Value.Int(new BigDecimal(r.value()).toBigInteger()));
        }
        yield style.number(run, value);
      }
      case "f", "F", "e", "E", "x", "X", "o" -> style.number(run, value);
      default -> throw new Fault("unsupported format character '" + style.type() + "'");
    };
  }

  private void append(StringBuilder out, String text, boolean escape) {
    String added = escape ? Markup.escaped(text, run) : text;
    run.characters(added.length());
    run.within((long) out.length() + added.length());
    out.append(added);
  }

  /** Python's {@code str.format}: fields by position and name, without attributes or items. */
  Value format(Value.Str self, Args args) {
    String text = self.text();
    StringBuilder out = new StringBuilder();
    int next = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean doubled = i + 1 < text.length() && text.charAt(i + 1) == c;
      if (c != '{' && c != '}') {
        out.append(c);
      } else if (doubled) {
        out.append(c);
        i++;
      } else if (c == '}') {
        throw new Fault("Single '}' encountered in format string");
      } else {
        int end = text.indexOf('}', i);
        Matcher field = FIELD.matcher(text);
        if (end < 0 || !field.region(i + 1, end).matches()) {
          throw new Fault(
              "format(): the field '"
                  + text.substring(i, end < 0 ? Math.min(text.length(), i + 40) : end + 1)
                  + "' isn't supported; fields are {}, {0}, {name}, with a format such as :>8.2f");
        }
        String name = field.group("name");
        append(
            out, field(field, argument(name.isEmpty() ? "" + next++ : name, args)), self.markup());
        i = end;
      }
    }
    return new Value.Str(run.text(out.toString()).text(), self.markup());
  }

  private static Value argument(String name, Args args) {
    if (name.chars().allMatch(c -> c >= '0' && c <= '9')) {
      int index = number(name, 0);
      if (index >= args.positional().size()) {
        throw new Fault("Replacement index " + name + " out of range for positional args tuple");
      }
      return args.positional().get(index);
    }
    Value value = args.named().get(name);
    if (value == null) {
      throw new Fault("format() has no argument '" + name + "'");
    }
    return value;
  }

  private String field(Matcher field, Value value) {
    run.step();
    Value shown = value;
    if (field.group("conversion") != null) {
      boolean repr = field.group("conversion").equals("r");
      shown = Value.of(repr ? display.repr(value) : display.str(value));
    }
    String type = field.group("type") == null ? "" : field.group("type");
    if (field.group("type") == null) {
      return display.str(shown);
    }
    boolean numeric = Numbers.isNumber(shown) && !(shown instanceof Value.Bool && type.isEmpty());
    if (!numeric && !type.isEmpty() && !type.equals("s")) {
      throw new Fault(
          "Unknown format code '%s' for object of type '%s'".formatted(type, Value.type(shown)));
    }
    String align = field.group("align");
    String precision = field.group("precision");
    Style style =
        new Style(
            field.group("fill") == null ? " " : field.group("fill"),
            align == null ? (numeric ? '>' : '<') : align.charAt(0),
            field.group("sign").replace("-", ""),
            !field.group("zero").isEmpty(),
            number(field.group("width"), 0),
            !field.group("comma").isEmpty(),
            precision == null ? -1 : number(precision, 0),
            type.isEmpty() && shown instanceof Value.Int ? "d" : type);
    return numeric && !style.type().isEmpty()
        ? style.number(run, shown)
        : style.text(run, display.str(shown));
  }

  private static int number(String digits, int ifEmpty) {
    if (digits.length() > 9) {
      throw new Fault("a number of more than 9 digits in a format");
    }
    return digits.isEmpty() ? ifEmpty : Integer.parseInt(digits);
  }

  private record Style(
      String fill,
      char align,
      String sign,
      boolean zero,
      int width,
      boolean comma,
      int precision,
      String type) {
    String text(Run run, String value) {
      int length = value.codePointCount(0, value.length());
      String cut =
          precision >= 0 && precision < length
              ? value.substring(0, value.offsetByCodePoints(0, precision))
              : value;
      return padded(run, "", cut);
    }

    String number(Run run, Value value) {
      if (precision > 1000) {
        throw new Fault("a precision of more than 1000 digits");
      }
      boolean integral = "dxXob".contains(type);
      if (integral && Numbers.integer(value).isEmpty()) {
        throw new Fault("%" + type + " format: an integer is required, not " + Value.type(value));
      }
      if (!integral && !Numbers.isNumber(value)) {
        throw new Fault("must be real number, not " + Value.type(value));
      }
      Numbers.integer(value).ifPresent(i -> run.characters(i.bitLength()));
      String digits = integral ? integer(Numbers.integer(value).orElseThrow()) : real(value);
      boolean negative = digits.startsWith("-");
      return padded(run, negative ? "-" : sign, negative ? digits.substring(1) : digits);
    }

    private String integer(BigInteger value) {
      String digits =
          switch (type) {
            case "x" -> value.toString(16);
            case "X" -> value.toString(16).toUpperCase(Locale.ROOT);
            case "o" -> value.toString(8);
            case "b" -> value.toString(2);
            default -> value.toString();
          };
      return comma ? grouped(digits) : digits;
    }

    private String real(Value value) {
      double d = Numbers.real(value) * (type.equals("%") ? 100 : 1);
      if (!Double.isFinite(d)) {
        return Display.real(d);
      }
      int places = precision < 0 ? 6 : precision;
      String digits;
      if (type.equals("e") || type.equals("E")) {
        digits = String.format(Locale.ROOT, "%." + places + "e", new BigDecimal(d));
      } else {
        digits = new BigDecimal(d).setScale(places, RoundingMode.HALF_EVEN).toPlainString();
        digits = d < 0 && !digits.startsWith("-") ? "-" + digits : digits;
      }
      digits = type.equals("E") ? digits.toUpperCase(Locale.ROOT) : digits;
      return (comma ? grouped(digits) : digits) + (type.equals("%") ? "%" : "");
    }

    private static String grouped(String digits) {
      int dot = digits.indexOf('.') < 0 ? digits.length() : digits.indexOf('.');
      StringBuilder out = new StringBuilder(digits);
      for (int i = dot - 3; i > 0 && digits.charAt(i - 1) != '-'; i -= 3) {
        out.insert(i, ',');
      }
      return out.toString();
    }

    private String padded(Run run, String prefix, String body) {
      int missing = width - prefix.length() - body.codePointCount(0, body.length());
      if (missing <= 0) {
        return prefix + body;
      }
      run.length((long) width + body.length());
      if (zero) {
        return prefix + "0".repeat(missing) + body;
      }
      int left = align == '<' ? 0 : align == '>' ? missing : missing / 2;
      return fill.repeat(left) + prefix + body + fill.repeat(missing - left);
    }
  }
}
