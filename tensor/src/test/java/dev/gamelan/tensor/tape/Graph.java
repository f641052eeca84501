package dev.gamelan.tensor.tape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.op.HeadLoss;
import dev.gamelan.tensor.random.CounterRandom;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.ProductKernels;
import dev.gamelan.tensor.spi.WeightLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A recorded step with parameters of its own: what it computes, and whether its gradients are those
 * of finite differences. The memory of the step begins as NaN, so that what is read before it was
 * written shows.
 */
final class Graph implements Parameters, AutoCloseable {
  static final int ROWS = 6;
  static final int VOCABULARY = 7;

  private final Kernels kernels = Backends.open(Optional.of("scalar"), 1, ComputeMode.F32);
  private final Predicate<String> trainable;
  private final Map<String, Tensor> weights = new LinkedHashMap<>();
  private final Map<String, Tensor> gradients = new LinkedHashMap<>();
  private final Map<String, Packed> packed = new HashMap<>();
  private final Map<Value, int[]> indices = new LinkedHashMap<>();
  private final Map<Value, float[]> numbers = new LinkedHashMap<>();
  private final Tape tape;
  private final Value result;
  private final Plan plan;
  private final Step step;

  Graph(Tape.Purpose purpose, Predicate<String> trainable, Function<Graph, Value> record) {
    this.trainable = trainable;
    this.tape = new Tape(purpose);
    this.result = record.apply(this);
    if (!tape.seeded().contains(result)) {
      tape.keep(result);
    }
    this.plan = Plan.of(tape);
    MemorySegment arena = kernels.allocate(Arena.ofAuto(), plan.bytes());
    arena.fill((byte) 0xFF);
    this.step = new Step(plan, kernels, this, arena);
  }

  /** Everything learns. */
  static Graph training(Function<Graph, Value> record) {
    return new Graph(Tape.Purpose.TRAINING, name -> true, record);
  }

  Tape tape() {
    return tape;
  }

  Plan plan() {
    return plan;
  }

  Step step() {
    return step;
  }

  Value result() {
    return result;
  }

  Kernels kernels() {
    return kernels;
  }

  Value matrix(String name, long rows, long columns) {
    return parameter(name, new Shape(rows, columns));
  }

  Value vector(String name, long n) {
    return parameter(name, new Shape(n));
  }

  private Value parameter(String name, Shape shape) {
    weights.computeIfAbsent(
        name,
        n -> {
          CounterRandom random = new CounterRandom(n.hashCode(), 1);
          Tensor t = Tensor.zeros(shape.extents());
          for (long i = 0; i < t.elements(); i++) {
            t.set(i / t.columns(), i % t.columns(), (float) (random.normal(i) * 0.5));
          }
          return t;
        });
    if (trainable.test(name)) {
      gradients.computeIfAbsent(name, n -> Tensor.zeros(shape.extents()));
    }
    return tape.parameter(name, shape, trainable.test(name));
  }

  /** An i32 input [1, n]. */
  Value indices(String name, int... values) {
    Value v = tape.input(name, DType.I32, 1, values.length);
    indices.put(v, values);
    return v;
  }

  Value numbers(String name, long rows, long columns, float... values) {
    Value v = tape.input(name, DType.F32, rows, columns);
    numbers.put(v, values);
    return v;
  }

  /** Activations that depend on a parameter: an embedding of six ids. */
  Value embedded(String table, int columns) {
    return dev.gamelan.tensor.op.Embedding.apply(
        tape, indices("ids of " + table, 0, 3, 1, 3, 4, 2), 0, matrix(table, 5, columns));
  }

  /** The loss of hidden states of {@link #ROWS} rows under a head. */
  Value loss(Value hidden, String head) {
    return HeadLoss.apply(
        tape,
        hidden,
        matrix(head, VOCABULARY, hidden.columns()),
        indices("targets", 1, 6, 0, -1, 3, 3),
        numbers("weights", 1, ROWS, 0.5f, 1, 0.25f, 1, 1, 0.75f));
  }

  Tensor weight(String name) {
    return weights.get(name);
  }

  Map<String, Tensor> gradients() {
    return gradients;
  }

  private void fillInputs() {
    indices.forEach(
        (v, values) -> {
          for (int i = 0; i < values.length; i++) {
            step.tensor(v).setInt(0, i, values[i]);
          }
        });
    numbers.forEach(
        (v, values) -> {
          for (int i = 0; i < values.length; i++) {
            step.tensor(v).set(i / v.columns(), i % v.columns(), values[i]);
          }
        });
  }

  /** One run; the gradients are added up. */
  float[] run() {
    packed.values().forEach(kernels::refresh);
    fillInputs();
    step.forward();
    step.backward();
    return step.tensor(result).toFloats();
  }

  private double sum() {
    double sum = 0;
    for (float x : run()) {
      sum += x;
    }
    return sum;
  }

  /** Compares the gradient of every parameter with differences in three directions. */
  void assertGradients() {
    gradients.values().forEach(g -> kernels.fill(g, 0));
    run();
    Map<String, float[]> got = new LinkedHashMap<>();
    gradients.forEach((name, g) -> got.put(name, g.toFloats()));
    got.forEach(
        (name, g) -> {
          for (int direction = 0; direction < 3; direction++) {
            assertDirection(name, g, direction);
          }
        });
  }

  private void assertDirection(String name, float[] gradient, int direction) {
    CounterRandom random = new CounterRandom(direction, 99);
    double[] d = new double[gradient.length];
    double expected = 0;
    double scale = 0;
    for (int i = 0; i < d.length; i++) {
      d[i] = random.normal(i);
      expected += d[i] * gradient[i];
      scale += Math.abs(d[i] * gradient[i]);
    }
    float[] before = weights.get(name).toFloats();
    double eps = 2e-3;
    double up = moved(name, before, d, eps);
    double down = moved(name, before, d, -eps);
    moved(name, before, d, 0);
    assertThat((up - down) / (2 * eps))
        .as("slope of %s in direction %d", name, direction)
        .isCloseTo(expected, within(2e-3 + 0.01 * scale));
  }

  private double moved(String name, float[] before, double[] d, double by) {
    Tensor w = weights.get(name);
    for (int i = 0; i < before.length; i++) {
      w.set(i / w.columns(), i % w.columns(), (float) (before[i] + by * d[i]));
    }
    return sum();
  }

  @Override
  public Tensor tensor(String name) {
    return weights.get(name);
  }

  @Override
  public Packed packed(String name, WeightLayout layout) {
    return packed.computeIfAbsent(
        name + layout, n -> kernels.pack(tensor(name), layout, ProductKernels.Use.TRAINING));
  }

  @Override
  public Optional<Tensor> gradient(String name) {
    return Optional.ofNullable(gradients.get(name));
  }

  @Override
  public void close() {
    kernels.close();
  }
}
