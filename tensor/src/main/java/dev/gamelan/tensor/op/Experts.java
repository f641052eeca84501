package dev.gamelan.tensor.op;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.Routing;
import dev.gamelan.tensor.spi.WeightLayout;
import dev.gamelan.tensor.tape.Frame;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * A sparse mixture of experts (Shazeer et al., 2017; Jiang et al., 2024): each row goes to the k
 * experts of largest router logit; rows are sorted by expert, so that every expert is one product.
 */
public final class Experts {
  private Experts() {}

  /**
   * Where the rows go.
   *
   * @param logits the router's [n, experts]
   * @param experts i32 [n, k]: the chosen ones, the likeliest first
   * @param weights [n, k]
   * @param source i32 [1, n·k]: the row of each place in the order by expert
   * @param place i32 [n, k]: the place of each (row, choice)
   * @param offsets i32 [1, experts + 1]
   */
  public record Assignment(
      Value logits, Value experts, Value weights, Value source, Value place, Value offsets) {}

  /** Records the choice of k experts a row by their logits [n, experts]. */
  public static Assignment route(Tape tape, Value logits, int k, Routing routing) {
    Checks.require(
        k >= 1 && k <= logits.columns(),
        "route",
        "the number of chosen experts must lie in [1, experts]",
        k,
        logits);
    long n = logits.rows();
    Value chosen = tape.activation("experts", DType.I32, n, k);
    Value weights = tape.activation("expert weights", n, k);
    tape.record(new Route(logits, routing, chosen, weights));
    Value source = tape.activation("expert source", DType.I32, 1, n * k);
    Value place = tape.activation("expert place", DType.I32, n, k);
    Value offsets = tape.activation("expert offsets", DType.I32, 1, logits.columns() + 1);
    tape.record(new Sort(chosen, source, place, offsets));
    return new Assignment(logits, chosen, weights, source, place, offsets);
  }

  /** y[offsets[e]…] = x[offsets[e]…]·Wₑᵀ for every expert e, into {@code y}. */
  public static void linear(
      Tape tape, Value x, Value offsets, List<Value> weights, WeightLayout layout, Value y) {
    for (Value w : weights) {
      long in = layout == WeightLayout.OUT_IN ? w.columns() : w.rows();
      long out = layout == WeightLayout.OUT_IN ? w.rows() : w.columns();
      Checks.require(
          x.columns() == in && y.columns() == out && x.rows() == y.rows(),
          "grouped linear",
          "with this weight x must have %d columns and y %d".formatted(in, out),
          x,
          w,
          y);
    }
    tape.record(new GroupedLinear(x, offsets, weights, layout, y));
  }

  /** y[i] = Σⱼ weights[i, j]·x[place[i, j]]. */
  public static Value combine(Tape tape, Value x, Assignment assignment) {
    Value y = tape.activation("combine", assignment.weights().rows(), x.columns());
    tape.record(new Combine(x, assignment.place(), assignment.weights(), y));
    return y;
  }

  record Route(Value logits, Routing routing, Value experts, Value weights) implements Op {
    @Override
    public String name() {
      return "route";
    }

    @Override
    public Effects effects() {
      return Effects.of(List.of(logits), List.of(experts, weights))
          .backward(List.of(weights), List.of(logits), List.of(logits, experts, weights));
    }

    @Override
    public Cost cost() {
      return Cost.elementwise(effects(), logits.rows() * logits.columns(), 8);
    }

    @Override
    public Runnable forward(Frame frame) {
      Kernels kernels = frame.kernels();
      Tensor in = frame.tensor(logits);
      Tensor e = frame.tensor(experts);
      Tensor w = frame.tensor(weights);
      return () -> kernels.route(in, routing, e, w);
    }

    @Override
    public Runnable backward(Frame frame) {
      Kernels kernels = frame.kernels();
      Tensor dw = frame.gradientOf(weights);
      Tensor in = frame.tensor(logits);
      Tensor e = frame.tensor(experts);
      Tensor w = frame.tensor(weights);
      Frame.Gradient g = frame.gradientTo(logits).orElseThrow();
      return () -> kernels.routeBackward(dw, in, routing, e, w, g.accumulate(), g.tensor());
    }
  }

  record Sort(Value experts, Value source, Value place, Value offsets) implements Op {
    @Override
    public String name() {
      return "sort by expert";
    }

    @Override
    public Effects effects() {
      return Effects.of(List.of(experts), List.of(source, place, offsets));
    }

    @Override
    public Cost cost() {
      return new Cost(0, 0, effects().bytes());
    }

    @Override
    public Runnable forward(Frame frame) {
      Kernels kernels = frame.kernels();
      Tensor e = frame.tensor(experts);
      Tensor s = frame.tensor(source);
      Tensor p = frame.tensor(place);
      Tensor o = frame.tensor(offsets);
      return () -> kernels.sortByExpert(e, s, p, o);
    }

    @Override
    public Runnable backward(Frame frame) {
      return () -> {};
    }
  }

  record GroupedLinear(Value x, Value offsets, List<Value> weights, WeightLayout layout, Value y)
      implements Op {
    @Override
    public String name() {
      return "grouped linear";
    }

    @Override
    public boolean writesEveryGradient() {
      return false;
    }

    @Override
    public Effects effects() {
      List<Value> reads = new ArrayList<>(List.of(x, offsets));
      reads.addAll(weights);
      List<Value> to = new ArrayList<>(List.of(x));
      to.addAll(weights);
      return Effects.of(reads, List.of(y)).backward(List.of(y), to, List.of(x, offsets));
    }

    @Override
    public Cost cost() {
      Value w = weights.getFirst();
      long product = 2 * x.rows() * w.rows() * w.columns();
      return new Cost(product, 2 * product, effects().bytes());
    }

    @Override
    public Runnable forward(Frame frame) {
      Kernels kernels = frame.kernels();
      Tensor in = frame.tensor(x);
      Tensor o = frame.tensor(offsets);
      List<Packed> w = weights.stream().map(v -> frame.packed(v, layout)).toList();
      Tensor out = frame.tensor(y);
      return () -> kernels.groupedLinear(in, o, w, out);
    }

    @Override
    public Runnable backward(Frame frame) {
      Kernels kernels = frame.kernels();
      Tensor dy = frame.gradientOf(y);
      Tensor in = frame.tensor(x);
      Tensor o = frame.tensor(offsets);
      List<Packed> w = weights.stream().map(v -> frame.packed(v, layout)).toList();
      List<Runnable> parts = new ArrayList<>();
      frame
          .gradientTo(x)
          .ifPresent(
              g ->
                  parts.add(
                      () ->
                          kernels.groupedLinearBackwardInput(
                              dy, o, w, g.accumulate(), g.tensor())));
      List<Tensor> dw =
          weights.stream()
              .flatMap(v -> frame.gradientTo(v).stream())
              .map(Frame.Gradient::tensor)
              .toList();
      if (dw.size() == weights.size()) {
        parts.add(() -> kernels.groupedLinearBackwardWeight(dy, in, o, layout, dw));
      } else if (!dw.isEmpty()) {
        throw new IllegalStateException(
            "grouped linear: %d of %d experts are frozen; freeze all or none"
                .formatted(weights.size() - dw.size(), weights.size()));
      }
      return Op.sequence(parts);
    }
  }

  record Combine(Value x, Value place, Value weights, Value y) implements Op {
    @Override
    public String name() {
      return "combine";
    }

    @Override
    public Effects effects() {
      return Effects.of(List.of(x, place, weights), List.of(y))
          .backward(List.of(y), List.of(x, weights), List.of(x, place, weights));
    }

    @Override
    public Cost cost() {
      return Cost.elementwise(effects(), x.rows() * x.columns(), 2);
    }

    @Override
    public Runnable forward(Frame frame) {
      Kernels kernels = frame.kernels();
      Tensor in = frame.tensor(x);
      Tensor p = frame.tensor(place);
      Tensor w = frame.tensor(weights);
      Tensor out = frame.tensor(y);
      return () -> kernels.combine(in, p, w, false, out);
    }

    @Override
    public Runnable backward(Frame frame) {
      Kernels kernels = frame.kernels();
      Tensor dy = frame.gradientOf(y);
      Tensor in = frame.tensor(x);
      Tensor p = frame.tensor(place);
      Tensor w = frame.tensor(weights);
      Frame.Gradient dx = frame.gradientTo(x).orElseThrow();
      Frame.Gradient dw = frame.gradientTo(weights).orElseThrow();
      if (dx.accumulate() || dw.accumulate()) {
        throw new IllegalStateException(
            "combine: its rows or weights are used by another op, too; record a copy");
      }
      return () -> kernels.combineBackward(dy, in, p, w, dx.tensor(), dw.tensor());
    }
  }
}
