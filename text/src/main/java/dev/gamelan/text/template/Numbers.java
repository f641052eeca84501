package dev.gamelan.text.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Python's arithmetic: integers of any size (up to a limit), floats, strings and lists. */
final class Numbers {
  /** Some 1,200 digits: no conversation counts so far, and their conversion stays cheap. */
  private static final int MAX_BITS = 4096;

  private final Run run;

  Numbers(Run run) {
    this.run = run;
  }

  /** The integer that an int or a bool is. */
  static Optional<BigInteger> integer(Value value) {
    return switch (value) {
      case Value.Int i -> Optional.of(i.value());
      case Value.Bool b -> Optional.of(b.value() ? BigInteger.ONE : BigInteger.ZERO);
      default -> Optional.empty();
    };
  }

  static boolean isNumber(Value value) {
    return value instanceof Value.Int || value instanceof Value.Bool || value instanceof Value.Real;
  }

  static double real(Value value) {
    if (value instanceof Value.Real r) {
      return r.value();
    }
    double d = integer(value).orElseThrow(() -> new Fault("a number is needed")).doubleValue();
    if (Double.isInfinite(d)) {
      throw new Fault("int too large to convert to float");
    }
    return d;
  }

  Value sign(boolean negative, Value operand) {
    needed(operand);
    if (operand instanceof Value.Real r) {
      return new Value.Real(negative ? -r.value() : r.value());
    }
    BigInteger i =
        integer(operand)
            .orElseThrow(
                () ->
                    new Fault(
                        "bad operand type for unary %s: '%s'"
                            .formatted(negative ? "-" : "+", Value.type(operand))));
    return new Value.Int(negative ? i.negate() : i);
  }

  Value math(String operator, Value left, Value right) {
    needed(left);
    if (operator.equals("%") && left instanceof Value.Str pattern) {
      return new Formatting(run).percent(pattern, right);
    }
    needed(right);
    if (isNumber(left) && isNumber(right)) {
      return left instanceof Value.Real || right instanceof Value.Real
          ? reals(operator, real(left), real(right))
          : integers(operator, integer(left).orElseThrow(), integer(right).orElseThrow());
    }
    return switch (operator) {
      case "+" -> plus(left, right);
      case "*" -> {
        if (integer(right).isPresent()) {
          yield repeat(left, right, integer(right).get());
        }
        if (integer(left).isPresent()) {
          yield repeat(right, left, integer(left).get());
        }
        throw unsupported(operator, left, right);
      }
      default -> throw unsupported(operator, left, right);
    };
  }

  private static void needed(Value operand) {
    if (operand instanceof Value.Undefined undefined) {
      throw new Fault(undefined.message());
    }
  }

  private static Fault unsupported(String operator, Value left, Value right) {
    return new Fault(
        "unsupported operand type(s) for %s: '%s' and '%s'"
            .formatted(operator, Value.type(left), Value.type(right)));
  }

  private Value plus(Value left, Value right) {
    if (left instanceof Value.Str a && right instanceof Value.Str b) {
      boolean markup = a.markup() || b.markup();
      String first = markup ? Markup.escaped(a, run) : a.text();
      String second = markup ? Markup.escaped(b, run) : b.text();
      run.length((long) first.length() + second.length());
      return new Value.Str(first + second, markup);
    }
    if (left instanceof Value.Seq a && right instanceof Value.Seq b && a.kind() == b.kind()) {
      if (a.kind() == Value.Kind.LIST || a.kind() == Value.Kind.TUPLE) {
        List<Value> all = new ArrayList<>(run.items((long) a.items().size() + b.items().size()));
        all.addAll(a.items());
        all.addAll(b.items());
        return new Value.Seq(a.kind(), all, "");
      }
    }
    if (left instanceof Value.Str || concatenable(left)) {
      String type = Value.type(left);
      throw new Fault(
          "can only concatenate %s (not \"%s\") to %s".formatted(type, Value.type(right), type));
    }
    throw unsupported("+", left, right);
  }

  private static boolean concatenable(Value value) {
    return value instanceof Value.Seq s
        && (s.kind() == Value.Kind.LIST || s.kind() == Value.Kind.TUPLE);
  }

  private Value repeat(Value what, Value count, BigInteger times) {
    BigInteger positive = times.max(BigInteger.ZERO).min(BigInteger.valueOf(Integer.MAX_VALUE));
    long n = positive.longValue();
    if (what instanceof Value.Str s) {
      run.length(n * s.text().length());
      return new Value.Str(s.text().isEmpty() ? "" : s.text().repeat((int) n), s.markup());
    }
    if (what instanceof Value.Seq s && concatenable(s)) {
      int total = run.items(n * s.items().size());
      List<Value> all = new ArrayList<>(total);
      while (all.size() < total) {
        all.addAll(s.items());
      }
      return new Value.Seq(s.kind(), all, "");
    }
    throw unsupported("*", what, count);
  }

  private static Value reals(String operator, double a, double b) {
    if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw new Fault("division by zero");
    }
    double result =
        switch (operator) {
          case "+" -> a + b;
          case "-" -> a - b;
          case "*" -> a * b;
          case "/" -> a / b;
          case "%" -> mod(a, b);
          case "//" -> Math.rint((a - mod(a, b)) / b);
          case "**" -> power(a, b);
          default -> throw new Fault("unknown operator " + operator);
        };
    return new Value.Real(result);
  }

  private static double mod(double a, double b) {
    double rest = a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }

  private static double power(double a, double b) {
    if (a == 0 && b < 0) {
      throw new Fault("0.0 cannot be raised to a negative power");
    }
    double result = Math.pow(a, b);
    if (Double.isNaN(result) && !Double.isNaN(a) && !Double.isNaN(b)) {
      throw new Fault("the power of a negative number to a fraction is complex");
    }
    if (Double.isInfinite(result) && Double.isFinite(a) && Double.isFinite(b)) {
      throw new Fault("the result of ** is too large");
    }
    return result;
  }

  private Value integers(String operator, BigInteger a, BigInteger b) {
    if (b.signum() == 0
        && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw new Fault("division by zero");
    }
    run.characters(a.bitLength() + b.bitLength());
    return switch (operator) {
      case "+" -> new Value.Int(checked(a.add(b)));
      case "-" -> new Value.Int(checked(a.subtract(b)));
      case "*" -> new Value.Int(checked(a.multiply(b)));
      case "%" -> {
        BigInteger rest = a.mod(b.abs());
        yield new Value.Int(b.signum() < 0 && rest.signum() != 0 ? rest.add(b) : rest);
      }
      case "//" -> {
        BigInteger[] parts = a.divideAndRemainder(b);
        boolean down = parts[1].signum() != 0 && parts[1].signum() != b.signum();
        yield new Value.Int(down ? parts[0].subtract(BigInteger.ONE) : parts[0]);
      }
      case "/" -> {
        double quotient =
            a.bitLength() <= 53 && b.bitLength() <= 53
                ? a.doubleValue() / b.doubleValue()
                : new BigDecimal(a).divide(new BigDecimal(b), new MathContext(60)).doubleValue();
        if (Double.isInfinite(quotient)) {
          throw new Fault("integer division result too large for a float");
        }
        yield new Value.Real(quotient);
      }
      case "**" -> {
        if (b.signum() < 0) {
          yield new Value.Real(power(real(new Value.Int(a)), real(new Value.Int(b))));
        }
        if (a.abs().bitLength() > 1
            && (b.bitLength() > 31 || (long) (a.bitLength() - 1) * b.intValue() > MAX_BITS)) {
          throw tooLarge();
        }
        // The powers of 0, 1 and -1 depend on the exponent's being even only.
        BigInteger e = b.bitLength() > 31 ? BigInteger.TWO.add(b.mod(BigInteger.TWO)) : b;
        yield new Value.Int(checked(a.pow(a.abs().bitLength() > 1 ? e.intValue() : small(e))));
      }
      default -> throw new Fault("unknown operator " + operator);
    };
  }

  private static int small(BigInteger exponent) {
    return exponent.signum() == 0 ? 0 : exponent.testBit(0) ? 1 : 2;
  }

  private static BigInteger checked(BigInteger value) {
    if (value.bitLength() > MAX_BITS) {
      throw tooLarge();
    }
    return value;
  }

  private static Fault tooLarge() {
    return new Fault("an integer of more than " + MAX_BITS + " bits");
  }
}
