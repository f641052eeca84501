package dev.gamelan.tensor.op;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.tape.Frame;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.List;

/**
 * Rotary position embedding (Su et al., 2021), in place: y is x's memory. Turning back is the
 * gradient.
 *
 * @param heads the columns of x where the heads to turn begin
 * @param positions i32 [1, n]
 * @param cos [positions, rotary dims / 2]
 * @param sin likewise
 */
public record Rotary(
    Value x, int[] heads, RotaryStyle style, Value positions, Value cos, Value sin, Value y)
    implements Op {
  /** Nobody else may use x afterwards: it holds the turned heads. */
  public static Value apply(
      Tape tape, Value x, int[] heads, RotaryStyle style, Value positions, Value cos, Value sin) {
    Checks.indices("rotary positions", positions, x.rows());
    Checks.sameShape("rotary tables", cos, sin);
    for (int head : heads) {
      Checks.require(
          head >= 0 && head + 2 * cos.columns() <= x.columns(),
          "rotary",
          "a head at column %d with %d rotary dims must fit".formatted(head, 2 * cos.columns()),
          x);
    }
    Value y = x.columns(0, x.columns());
    tape.record(new Rotary(x, heads, style, positions, cos, sin, y));
    return y;
  }

  @Override
  public String name() {
    return "rotary";
  }

  @Override
  public Effects effects() {
    return Effects.of(List.of(x, positions, cos, sin), List.of(y))
        .backward(List.of(y), List.of(x), List.of(positions, cos, sin));
  }

  @Override
  public Cost cost() {
    return Cost.elementwise(effects(), x.rows() * heads.length * 2 * cos.columns(), 3);
  }

  @Override
  public Runnable forward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor in = frame.tensor(x);
    Tensor p = frame.tensor(positions);
    Tensor c = frame.tensor(cos);
    Tensor s = frame.tensor(sin);
    return () -> kernels.rotary(in, heads, style, p, c, s, false);
  }

  @Override
  public Runnable backward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor dy = frame.gradientOf(y);
    Tensor p = frame.tensor(positions);
    Tensor c = frame.tensor(cos);
    Tensor s = frame.tensor(sin);
    return () -> kernels.rotary(dy, heads, style, p, c, s, true);
  }
}
