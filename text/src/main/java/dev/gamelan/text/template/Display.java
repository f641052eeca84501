package dev.gamelan.text.template;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;

/** Values as Python's {@code str} and {@code repr} show them. */
final class Display {
  private final Run run;

  Display(Run run) {
    this.run = run;
  }

  /** Python's {@code str(value)}, which is what a template prints. */
  String str(Value value) {
    return switch (value) {
      case Value.Str s -> s.text();
      case Value.Undefined _ -> {
        run.use(value);
        yield "";
      }
      default -> repr(value);
    };
  }

  String repr(Value value) {
    StringBuilder out = new StringBuilder();
    repr(value, out);
    return out.toString();
  }

  private void repr(Value value, StringBuilder out) {
    run.step();
    run.enter();
    int before = out.length();
    switch (value) {
      case Value.Undefined _ -> out.append("Undefined");
      case Value.None _ -> out.append("None");
      case Value.Bool b -> out.append(b.value() ? "True" : "False");
      case Value.Int i -> {
        run.characters(i.value().bitLength());
        out.append(i.value());
      }
      case Value.Real r -> out.append(real(r.value()));
      case Value.Str s -> {
        if (s.markup()) {
          out.append("Markup(");
        }
        string(s.text(), out);
        if (s.markup()) {
          out.append(')');
        }
      }
      case Value.Seq s -> sequence(s, out);
      case Value.Dict d -> pairs(d.entries().values(), out);
      case Value.Namespace n -> {
        out.append("<Namespace ");
        pairs(Keys.dict(n.attributes()).entries().values(), out);
        out.append('>');
      }
      case Value.Loop l -> out.append(l.state().shown());
      case Value.Generator _ ->
          throw new Fault("a generator has no text of its own; make it a list with |list");
      case Value.Callable c ->
          throw new Fault("the function '" + c.name() + "' has no text; call it with ()");
    }
    if (value instanceof Value.Str) {
      run.characters(out.length() - (long) before);
    }
    run.within(out.length());
    run.leave();
  }

  private void sequence(Value.Seq s, StringBuilder out) {
    switch (s.kind()) {
      case LIST -> items(s.items(), "[", "]", out);
      case TUPLE -> items(s.items(), "(", s.items().size() == 1 ? ",)" : ")", out);
      case RANGE -> out.append(s.shown());
      case KEYS, VALUES, ITEMS -> items(s.items(), s.kind().python() + "([", "])", out);
    }
  }

  private void items(List<Value> items, String open, String close, StringBuilder out) {
    out.append(open);
    for (int i = 0; i < items.size(); i++) {
      out.append(i == 0 ? "" : ", ");
      repr(items.get(i), out);
    }
    out.append(close);
  }

  private void pairs(Collection<Value.Entry> entries, StringBuilder out) {
    String separator = "{";
    for (Value.Entry entry : entries) {
      out.append(separator);
      separator = ", ";
      repr(entry.key(), out);
      out.append(": ");
      repr(entry.value(), out);
    }
    out.append(entries.isEmpty() ? "{}" : "}");
  }

  private static void string(String text, StringBuilder out) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                  if (c == quote) {
                    out.append('\\').append(quote);
                  } else if (Characters.isPrintable(c)) {
                    out.appendCodePoint(c);
                  } else if (c < 0x100) {
                    out.append("\\x%02x".formatted(c));
                  } else {
                    out.append((c < 0x10000 ? "\\u%04x" : "\\U%08x").formatted(c));
                  }
                }
              }
            });
    out.append(quote);
  }

  /** The shortest digits that give the same double, with an exponent where Python has one. */
  static String real(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal decimal = new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
    String digits = decimal.unscaledValue().toString();
    int exponent = digits.length() - 1 - decimal.scale();
    StringBuilder out = new StringBuilder(value < 0 ? "-" : "");
    if (exponent < -4 || exponent >= 16) {
      out.append(digits.charAt(0));
      if (digits.length() > 1) {
        out.append('.').append(digits, 1, digits.length());
      }
      return out.append(exponent < 0 ? "e-" : "e+")
          .append(Math.abs(exponent) < 10 ? "0" : "")
          .append(Math.abs(exponent))
          .toString();
    }
    String plain = decimal.toPlainString();
    return out.append(plain).append(plain.indexOf('.') < 0 ? ".0" : "").toString();
  }
}
