package dev.gamelan.tensor.tape;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.WeightLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A plan with memory, parameters and kernels: fill the inputs, run {@link #forward}, then {@link
 * #backward}, read what was kept; as often as wanted. A run allocates nothing.
 */
public final class Step {
  private record Action(String name, Runnable work) {}

  /** What a profiled run reports, op by op. */
  public interface Observer {
    void ran(String op, boolean backward, long nanos);
  }

  private final Plan plan;
  private final Kernels kernels;
  private final MemorySegment arena;
  private final Parameters parameters;
  private final List<Action> forward = new ArrayList<>();
  private final List<Action> backward = new ArrayList<>();
  private final Map<Value, Tensor> tensors = new HashMap<>();

  /**
   * @param arena at least {@link Plan#bytes} of the kernels' memory; several steps may share one if
   *     they take turns and nobody reads what an earlier one kept
   */
  public Step(Plan plan, Kernels kernels, Parameters parameters, MemorySegment arena) {
    if (arena.byteSize() < plan.bytes()) {
      throw new IllegalArgumentException(
          "step: the arena has %,d bytes, the plan needs %,d"
              .formatted(arena.byteSize(), plan.bytes()));
    }
    this.plan = plan;
    this.kernels = kernels;
    this.arena = arena;
    this.parameters = parameters;
    for (Op op : plan.tape().ops()) {
      forward.add(new Action(op.name(), op.forward(new Binding(Map.of()))));
    }
    for (Plan.Backward b : plan.backward()) {
      for (Value v : b.zeroed()) {
        Tensor gradient = gradient(v);
        backward.add(new Action("zero", () -> kernels.fill(gradient, 0)));
      }
      backward.add(new Action(b.op().name(), b.op().backward(new Binding(b.accumulate()))));
      for (Plan.Pass pass : b.passes()) {
        Tensor from = gradient(pass.from());
        Tensor to = gradient(pass.to());
        backward.add(
            new Action(
                "pass",
                pass.accumulate() ? () -> kernels.addTo(from, to) : () -> kernels.copy(from, to)));
      }
    }
  }

  /** An input, a parameter or a kept value. */
  public Tensor tensor(Value value) {
    return tensors.computeIfAbsent(value, this::bind);
  }

  /** Where the host puts the gradient of a seeded value, between forward and backward. */
  public Tensor seed(Value value) {
    return gradient(value);
  }

  public void forward() {
    for (Action action : forward) {
      action.work.run();
    }
  }

  /** Adds the gradients of the parameters to what they hold. */
  public void backward() {
    for (Action action : backward) {
      action.work.run();
    }
  }

  /** {@link #forward} and {@link #backward} with a clock on every op. */
  public void run(Observer observer) {
    for (boolean back : new boolean[] {false, true}) {
      for (Action action : back ? backward : forward) {
        long start = System.nanoTime();
        action.work.run();
        kernels.finish();
        observer.ran(action.name, back, System.nanoTime() - start);
      }
    }
  }

  private Tensor bind(Value value) {
    Value root = value.root();
    return root.kind() == Value.Kind.PARAMETER
        ? parameters.tensor(root.name())
        : at(plan.place(root), value);
  }

  private Tensor gradient(Value value) {
    return at(plan.gradientPlace(value), value);
  }

  private Tensor at(long offset, Value value) {
    Value root = value.root();
    DType dtype = value.dtype();
    long size = dtype.bytes(root.rows() * root.columns());
    Tensor whole =
        Tensor.of(arena.asSlice(offset, size), dtype, new Shape(root.rows(), root.columns()));
    return value.isRoot()
        ? whole
        : whole.columns(value.rootColumn(), value.rootColumn() + value.columns());
  }

  private final class Binding implements Frame {
    private final Map<Value, Boolean> accumulate;

    Binding(Map<Value, Boolean> accumulate) {
      this.accumulate = accumulate;
    }

    @Override
    public Kernels kernels() {
      return kernels;
    }

    @Override
    public boolean training() {
      return plan.tape().purpose() == Tape.Purpose.TRAINING;
    }

    @Override
    public Tensor tensor(Value value) {
      return Step.this.tensor(value);
    }

    @Override
    public Packed packed(Value parameter, WeightLayout layout) {
      return parameters.packed(parameter.name(), layout);
    }

    @Override
    public Tensor gradientOf(Value output) {
      return gradient(output);
    }

    @Override
    public Optional<Gradient> gradientTo(Value input) {
      if (input.kind() == Value.Kind.PARAMETER) {
        return input.needsGradient()
            ? parameters.gradient(input.name()).map(g -> new Gradient(g, true))
            : Optional.empty();
      }
      return Optional.ofNullable(accumulate.get(input))
          .map(add -> new Gradient(gradient(input), add));
    }
  }
}
