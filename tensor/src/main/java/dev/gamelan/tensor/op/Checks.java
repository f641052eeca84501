package dev.gamelan.tensor.op;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.tape.Value;

/** The shape rules of the ops, told the way a user can mend them. */
final class Checks {
  private Checks() {}

  static void require(boolean ok, String op, String rule, Object... values) {
    if (!ok) {
      StringBuilder text = new StringBuilder(op).append(':');
      for (Object value : values) {
        text.append(' ').append(value).append(';');
      }
      throw new IllegalArgumentException(text.append(' ').append(rule).toString());
    }
  }

  static void sameShape(String op, Value a, Value b) {
    require(
        a.rows() == b.rows() && a.columns() == b.columns(), op, "the shapes must be equal", a, b);
  }

  static void vector(String op, Value v, long columns) {
    require(
        v.rows() == 1 && v.columns() == columns,
        op,
        "must be a vector of " + columns + " elements",
        v);
  }

  static void indices(String op, Value v, long n) {
    require(
        v.dtype() == DType.I32 && v.rows() * v.columns() == n,
        op,
        "must be %d i32 indices".formatted(n),
        v + " " + v.dtype());
  }
}
