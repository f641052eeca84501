package dev.gamelan.tensor.op;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Epilogue;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.WeightLayout;
import dev.gamelan.tensor.tape.Frame;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * y[n, out] = x[n, in]·Wᵀ + bias + addend.
 *
 * @param weight [out, in] or [in, out], as {@code layout} says
 * @param bias [out]
 * @param addend [n, out]: the residual; its gradient is y's
 */
public record Linear(
    Value x,
    Value weight,
    WeightLayout layout,
    Optional<Value> bias,
    Optional<Value> addend,
    Value y)
    implements Op {
  /** Records the product into a new value. */
  public static Value apply(
      Tape tape,
      Value x,
      Value weight,
      WeightLayout layout,
      Optional<Value> bias,
      Optional<Value> addend) {
    Value y = tape.activation("linear(" + weight.name() + ")", x.rows(), out(weight, layout));
    apply(tape, x, weight, layout, bias, addend, y);
    return y;
  }

  /** Records the product into {@code y}, e.g. some columns of a wider value. */
  public static void apply(
      Tape tape,
      Value x,
      Value weight,
      WeightLayout layout,
      Optional<Value> bias,
      Optional<Value> addend,
      Value y) {
    long out = out(weight, layout);
    long in = layout == WeightLayout.OUT_IN ? weight.columns() : weight.rows();
    Checks.require(
        x.columns() == in && y.columns() == out && y.rows() == x.rows(),
        "linear",
        "with a weight of layout %s, x must have %d columns and y %d".formatted(layout, in, out),
        x,
        weight,
        y);
    bias.ifPresent(b -> Checks.vector("linear bias", b, out));
    addend.ifPresent(a -> Checks.sameShape("linear addend", a, y));
    tape.record(new Linear(x, weight, layout, bias, addend, y));
  }

  private static long out(Value weight, WeightLayout layout) {
    return layout == WeightLayout.OUT_IN ? weight.rows() : weight.columns();
  }

  @Override
  public String name() {
    return "linear";
  }

  @Override
  public boolean writesEveryGradient() {
    return false;
  }

  @Override
  public Effects effects() {
    List<Value> reads = new ArrayList<>(List.of(x, weight));
    reads.addAll(Op.present(bias, addend));
    List<Value> to = new ArrayList<>(List.of(x, weight));
    to.addAll(Op.present(bias));
    return Effects.of(reads, List.of(y))
        .backward(List.of(y), to, List.of(x, weight))
        .passes(Op.present(addend));
  }

  @Override
  public Cost cost() {
    long product = 2 * x.rows() * weight.rows() * weight.columns();
    return new Cost(product, 2 * product, effects().bytes());
  }

  @Override
  public Runnable forward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor in = frame.tensor(x);
    Packed packed = frame.packed(weight, layout);
    Epilogue epilogue = new Epilogue(frame.tensor(bias), frame.tensor(addend));
    Tensor out = frame.tensor(y);
    return () -> kernels.linear(in, packed, epilogue, out);
  }

  @Override
  public Runnable backward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor dy = frame.gradientOf(y);
    Packed packed = frame.packed(weight, layout);
    Tensor in = frame.tensor(x);
    List<Runnable> parts = new ArrayList<>();
    frame
        .gradientTo(x)
        .ifPresent(
            g ->
                parts.add(
                    () -> kernels.linearBackwardInput(dy, packed, g.accumulate(), g.tensor())));
    frame
        .gradientTo(weight)
        .ifPresent(
            g ->
                parts.add(
                    () ->
                        kernels.linearBackwardWeight(dy, in, layout, g.accumulate(), g.tensor())));
    frame
        .gradientTo(bias)
        .ifPresent(g -> parts.add(() -> kernels.sumRows(dy, g.accumulate(), g.tensor())));
    return Op.sequence(parts);
  }
}
