package dev.gamelan.tensor.tape;

import dev.gamelan.tensor.DType;
import java.util.Optional;

/**
 * A matrix of a step that is being recorded: its shape is known, its memory isn't yet. Values with
 * a base are views: some columns of another value, in the same memory, gradient included.
 */
public final class Value {
  enum Kind {
    /** Bound from outside, by name. */
    PARAMETER,
    /** Filled by the host before every run. */
    INPUT,
    /** Written by an op, in the step's arena. */
    ACTIVATION
  }

  private final Tape tape;
  private final int id;
  private final Kind kind;
  private final String name;
  private final DType dtype;
  private final long rows;
  private final long columns;
  private final Optional<Value> base;
  private final long baseColumn;
  private boolean needsGradient;

  Value(
      Tape tape,
      int id,
      Kind kind,
      String name,
      DType dtype,
      long rows,
      long columns,
      Optional<Value> base,
      long baseColumn,
      boolean needsGradient) {
    this.tape = tape;
    this.id = id;
    this.kind = kind;
    this.name = name;
    this.dtype = dtype;
    this.rows = rows;
    this.columns = columns;
    this.base = base;
    this.baseColumn = baseColumn;
    this.needsGradient = needsGradient;
  }

  public String name() {
    return name;
  }

  public DType dtype() {
    return dtype;
  }

  public long rows() {
    return rows;
  }

  public long columns() {
    return columns;
  }

  /** Columns {@code from} to {@code to}, in the same memory. */
  public Value columns(long from, long to) {
    if (from < 0 || from > to || to > columns) {
      throw new IllegalArgumentException(
          "columns [%d, %d) of %s: they must lie in [0, %d]".formatted(from, to, this, columns));
    }
    return tape.view(this, from, to - from);
  }

  boolean needsGradient() {
    return base.map(Value::needsGradient).orElse(needsGradient);
  }

  void markGradient() {
    base.ifPresentOrElse(Value::markGradient, () -> needsGradient = true);
  }

  int id() {
    return id;
  }

  Kind kind() {
    return root().kind;
  }

  Value root() {
    return base.map(Value::root).orElse(this);
  }

  /** Where this value's first column lies in its root. */
  long rootColumn() {
    return base.map(b -> b.rootColumn() + baseColumn).orElse(0L);
  }

  boolean isRoot() {
    return base.isEmpty();
  }

  @Override
  public String toString() {
    return name + " [" + rows + ", " + columns + "]";
  }
}
