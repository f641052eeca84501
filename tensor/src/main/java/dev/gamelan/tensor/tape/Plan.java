package dev.gamelan.tensor.tape;

import dev.gamelan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Order and memory of a recorded step: a function of its shapes alone. Every activation and every
 * gradient gets a place in one arena for as long as somebody needs it; places are reused.
 *
 * <p>Planning allocates nothing: {@link #bytes} and {@link #cost} of a model of any size can be had
 * on any machine.
 */
public final class Plan {
  /** A pass of gradient that the plan itself does: to += from, or to = from. */
  record Pass(Value from, Value to, boolean accumulate) {}

  /** The backward pass of one op with what the plan does around it. */
  record Backward(Op op, List<Value> zeroed, Map<Value, Boolean> accumulate, List<Pass> passes) {}

  private final Tape tape;
  private final List<Backward> backward = new ArrayList<>();
  private final Map<Value, Value> gradientStorage = new HashMap<>();
  private final Map<Value, Long> places = new HashMap<>();
  private final Map<Value, Long> gradientPlaces = new HashMap<>();
  private final long bytes;

  private Plan(Tape tape) {
    this.tape = tape;
    int n = tape.ops().size();
    Lifetimes values = new Lifetimes();
    Lifetimes gradients = new Lifetimes();
    forwardLifetimes(n, values);
    if (tape.purpose() == Tape.Purpose.TRAINING) {
      planBackward(n, values, gradients);
    }
    this.bytes = place(values, gradients);
  }

  public static Plan of(Tape tape) {
    return new Plan(tape);
  }

  Tape tape() {
    return tape;
  }

  /** The size of the arena that a step of this plan needs. */
  public long bytes() {
    return bytes;
  }

  /** The work of one run: forward, and backward where the step trains. */
  public Op.Cost cost() {
    Op.Cost cost = Op.Cost.NONE;
    for (Op op : tape.ops()) {
      cost = cost.plus(op.cost());
    }
    return tape.purpose() == Tape.Purpose.TRAINING
        ? cost
        : new Op.Cost(cost.forward(), 0, cost.bytes());
  }

  /** The work by the ops' names, as {@link Step.Observer} tells them. */
  public Map<String, Op.Cost> costs() {
    Map<String, Op.Cost> costs = new TreeMap<>();
    for (Op op : tape.ops()) {
      costs.merge(op.name(), op.cost(), Op.Cost::plus);
    }
    return costs;
  }

  private void forwardLifetimes(int n, Lifetimes values) {
    List<Op> ops = tape.ops();
    for (Value v : tape.values()) {
      if (v.kind() == Value.Kind.INPUT) {
        values.touch(v.root(), -1);
        values.touch(v.root(), 2 * n + 1);
      }
    }
    for (int i = 0; i < n; i++) {
      Op.Effects effects = ops.get(i).effects();
      for (Value v : effects.reads()) {
        values.touch(v.root(), i);
      }
      for (Value v : effects.writes()) {
        values.touch(v.root(), i);
      }
    }
    for (Value v : tape.kept()) {
      values.touch(v.root(), 2 * n + 1);
    }
  }

  /** Follows the gradients from the last op to the first. */
  private void planBackward(int n, Lifetimes values, Lifetimes gradients) {
    List<Op> ops = tape.ops();
    Coverage coverage = new Coverage();
    for (Value v : tape.seeded()) {
      coverage.add(v);
      gradients.touch(storage(v), n);
    }
    for (int i = n - 1; i >= 0; i--) {
      Op op = ops.get(i);
      Op.Effects effects = op.effects();
      boolean startsHere =
          effects.gradientsFrom().isEmpty()
              && effects.gradientsTo().stream().anyMatch(Value::needsGradient);
      boolean reached =
          effects.gradientsFrom().stream().anyMatch(v -> coverage.of(v) != Coverage.State.NONE);
      if (!startsHere && !reached || !isNeeded(effects)) {
        continue;
      }
      int time = 2 * n - i;
      List<Value> zeroed = new ArrayList<>();
      for (Value v : effects.gradientsFrom()) {
        if (coverage.of(v) == Coverage.State.NONE) {
          zeroed.add(v);
          coverage.add(v);
        }
        gradients.touch(storage(v), time);
      }
      for (Value v : effects.saved()) {
        values.touch(v.root(), time);
      }
      Map<Value, Boolean> accumulate = new HashMap<>();
      for (Value v : effects.gradientsTo()) {
        boolean wanted = v.needsGradient() || op.writesEveryGradient();
        if (wanted && v.kind() == Value.Kind.ACTIVATION) {
          accumulate.put(v, coverage.of(v) == Coverage.State.FULL);
          coverage.add(v);
          gradients.touch(storage(v), time);
        }
      }
      List<Pass> passes = planPasses(effects, time, coverage, gradients);
      backward.add(new Backward(op, zeroed, accumulate, passes));
    }
  }

  /** Whether anything before the op learns. */
  private static boolean isNeeded(Op.Effects effects) {
    return effects.gradientsTo().stream().anyMatch(Value::needsGradient)
        || effects.passesTo().stream().anyMatch(Value::needsGradient);
  }

  /**
   * The gradient of the op's output passes on to some inputs unchanged: to the first of them that
   * has none yet in the same memory (nobody reads the output's gradient after its own op), to the
   * others by addition.
   */
  private List<Pass> planPasses(
      Op.Effects effects, int time, Coverage coverage, Lifetimes gradients) {
    List<Pass> passes = new ArrayList<>();
    boolean handedOn = false;
    for (Value to : effects.passesTo()) {
      if (!to.needsGradient() || to.kind() != Value.Kind.ACTIVATION) {
        continue;
      }
      Value from = effects.gradientsFrom().getFirst();
      boolean fresh = coverage.of(to) == Coverage.State.NONE;
      if (fresh && !handedOn && to.isRoot() && from.isRoot()) {
        gradientStorage.put(to, storage(from));
        handedOn = true;
      } else {
        passes.add(new Pass(from, to, !fresh));
      }
      coverage.add(to);
      gradients.touch(storage(to), time);
    }
    return passes;
  }

  /** The value whose gradient memory this value's gradient lies in. */
  private Value storage(Value value) {
    Value root = value.root();
    while (gradientStorage.containsKey(root)) {
      root = gradientStorage.get(root);
    }
    return root;
  }

  private record Block(Value value, boolean gradient, long size, int from, int to) {}

  private long place(Lifetimes values, Lifetimes gradients) {
    List<Block> blocks = new ArrayList<>();
    values.each((v, from, to) -> addBlock(blocks, v, false, from, to));
    gradients.each((v, from, to) -> addBlock(blocks, v, true, from, to));
    blocks.sort(
        Comparator.comparingLong(Block::size)
            .reversed()
            .thenComparingInt(Block::from)
            .thenComparingInt(b -> b.value().id())
            .thenComparing(Block::gradient));
    long end = 0;
    List<Block> placed = new ArrayList<>();
    List<Long> offsets = new ArrayList<>();
    for (Block block : blocks) {
      long offset = firstGap(block, placed, offsets);
      placed.add(block);
      offsets.add(offset);
      (block.gradient() ? gradientPlaces : places).put(block.value(), offset);
      end = Math.max(end, offset + block.size());
    }
    return end;
  }

  private void addBlock(List<Block> blocks, Value v, boolean gradient, int from, int to) {
    if (v.kind() != Value.Kind.PARAMETER) {
      long size = v.dtype().bytes(v.rows() * v.columns());
      long aligned = (size + Tensor.ALIGNMENT - 1) / Tensor.ALIGNMENT * Tensor.ALIGNMENT;
      blocks.add(new Block(v, gradient, aligned, from, to));
    }
  }

  /** The lowest offset at which nothing that lives at the same time lies. */
  private static long firstGap(Block block, List<Block> placed, List<Long> offsets) {
    List<long[]> taken = new ArrayList<>();
    for (int i = 0; i < placed.size(); i++) {
      Block other = placed.get(i);
      if (other.from() <= block.to() && block.from() <= other.to()) {
        taken.add(new long[] {offsets.get(i), offsets.get(i) + other.size()});
      }
    }
    taken.sort(Comparator.comparingLong(r -> r[0]));
    long offset = 0;
    for (long[] range : taken) {
      if (offset + block.size() <= range[0]) {
        break;
      }
      offset = Math.max(offset, range[1]);
    }
    return offset;
  }

  long place(Value root) {
    return places.get(root);
  }

  long gradientPlace(Value value) {
    return gradientPlaces.get(storage(value));
  }

  List<Backward> backward() {
    return backward;
  }
}
