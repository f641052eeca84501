package dev.gamelan.tensor.tape;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Records the operations of one step, as symbols: what {@link Plan} then gives memory and order,
 * and {@link Step} runs as often as wanted. Recording allocates nothing, so that a model of any
 * size can be planned, counted and checked on any machine.
 */
public final class Tape {
  /** What the step will be used for. */
  public enum Purpose {
    /** Forward only: memory is reused as soon as nobody reads it any more. */
    INFERENCE,
    /** Forward and backward: what the backward pass reads is kept. */
    TRAINING
  }

  private final Purpose purpose;
  private final List<Value> values = new ArrayList<>();
  private final List<Op> ops = new ArrayList<>();
  private final List<Value> kept = new ArrayList<>();
  private final List<Value> seeded = new ArrayList<>();
  private final Map<String, Value> parameters = new LinkedHashMap<>();

  public Tape(Purpose purpose) {
    this.purpose = purpose;
  }

  public Purpose purpose() {
    return purpose;
  }

  /** A matrix that the host fills before every run. */
  public Value input(String name, DType dtype, long rows, long columns) {
    return add(Value.Kind.INPUT, name, dtype, rows, columns, Optional.empty(), 0, false);
  }

  /**
   * A parameter, bound by name when the step is made; asked for twice, the same value.
   *
   * @param shape a vector is one row
   * @param trainable whether the backward pass adds to its gradient
   */
  public Value parameter(String name, Shape shape, boolean trainable) {
    return parameters.computeIfAbsent(
        name,
        n ->
            add(
                Value.Kind.PARAMETER,
                n,
                DType.F32,
                shape.rows(),
                shape.columns(),
                Optional.empty(),
                0,
                trainable));
  }

  /** A matrix in the step's arena, to be written by the op that asks for it. */
  public Value activation(String name, long rows, long columns) {
    return activation(name, DType.F32, rows, columns);
  }

  /** {@link #activation(String, long, long)} of another dtype, e.g. i32 indices. */
  public Value activation(String name, DType dtype, long rows, long columns) {
    return add(Value.Kind.ACTIVATION, name, dtype, rows, columns, Optional.empty(), 0, false);
  }

  Value view(Value base, long from, long columns) {
    return add(
        base.kind(),
        base.name(),
        base.dtype(),
        base.rows(),
        columns,
        Optional.of(base),
        from,
        false);
  }

  private Value add(
      Value.Kind kind,
      String name,
      DType dtype,
      long rows,
      long columns,
      Optional<Value> base,
      long baseColumn,
      boolean needsGradient) {
    Value value =
        new Value(
            this, values.size(), kind, name, dtype, rows, columns, base, baseColumn, needsGradient);
    values.add(value);
    return value;
  }

  /** Appends an op; its outputs need a gradient if one of its inputs does. */
  public void record(Op op) {
    Op.Effects effects = op.effects();
    boolean needed = false;
    for (Value v : effects.gradientsTo()) {
      needed |= v.needsGradient();
    }
    for (Value v : effects.passesTo()) {
      needed |= v.needsGradient();
    }
    if (needed) {
      effects.gradientsFrom().forEach(Value::markGradient);
    }
    ops.add(op);
  }

  /** Keeps a value readable after the run. */
  public Value keep(Value value) {
    kept.add(value);
    return value;
  }

  /** Keeps a value, and lets the host give its gradient between forward and backward. */
  public Value seed(Value value) {
    if (!value.isRoot()) {
      throw new IllegalArgumentException("seed: " + value + " is a view; seed its base");
    }
    seeded.add(value);
    return keep(value);
  }

  public List<Op> ops() {
    return List.copyOf(ops);
  }

  List<Value> values() {
    return values;
  }

  List<Value> kept() {
    return kept;
  }

  List<Value> seeded() {
    return seeded;
  }

  /** The parameters that the recorded ops use. */
  public List<Value> parameters() {
    return List.copyOf(parameters.values());
  }
}
