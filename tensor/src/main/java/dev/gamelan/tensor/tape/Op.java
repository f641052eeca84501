package dev.gamelan.tensor.tape;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One recorded operation: what it touches, what it costs, and how it runs forward and backward. The
 * ops of {@code dev.gamelan.tensor.op} are its implementations.
 */
public interface Op {
  /** As profiles and plans name it. */
  String name();

  Effects effects();

  Cost cost();

  /** What to run in the forward pass; called once, when the step is made. */
  Runnable forward(Frame frame);

  /**
   * What to run in the backward pass; called once, in the order of the backward pass, and only if
   * the gradient of one of its outputs is there.
   */
  Runnable backward(Frame frame);

  /**
   * Whether the backward pass always writes the gradient of every activation it reads, needed or
   * not; the plan then finds room for it. An op that asks {@link Frame#gradientTo} and leaves out
   * what nobody needs says no.
   */
  default boolean writesEveryGradient() {
    return true;
  }

  /**
   * The work of an op.
   *
   * @param forward floating-point operations, a multiply-add being two
   * @param backward the same of the backward pass
   * @param bytes memory that the forward pass reads and writes, each operand once
   */
  record Cost(long forward, long backward, long bytes) {
    public static final Cost NONE = new Cost(0, 0, 0);

    public Cost plus(Cost other) {
      return new Cost(forward + other.forward, backward + other.backward, bytes + other.bytes);
    }

    /** Elementwise work: {@code flops} an element, twice that backward. */
    public static Cost elementwise(Effects effects, long elements, long flops) {
      return new Cost(flops * elements, 2 * flops * elements, effects.bytes());
    }
  }

  /**
   * What an op touches, which is all that memory planning needs to know.
   *
   * @param reads values that the forward pass reads
   * @param writes values that the forward pass writes
   * @param saved values that the backward pass reads
   * @param gradientsFrom outputs whose gradient the backward pass reads
   * @param gradientsTo inputs whose gradient the backward pass writes or adds to
   * @param passesTo inputs to which the gradient of the first output passes unchanged; the plan
   *     sees to that, the op doesn't
   */
  record Effects(
      List<Value> reads,
      List<Value> writes,
      List<Value> saved,
      List<Value> gradientsFrom,
      List<Value> gradientsTo,
      List<Value> passesTo) {
    public Effects {
      reads = List.copyOf(reads);
      writes = List.copyOf(writes);
      saved = List.copyOf(saved);
      gradientsFrom = List.copyOf(gradientsFrom);
      gradientsTo = List.copyOf(gradientsTo);
      passesTo = List.copyOf(passesTo);
    }

    /** What is read and written forward; nothing flows back. */
    public static Effects of(List<Value> reads, List<Value> writes) {
      return new Effects(reads, writes, List.of(), List.of(), List.of(), List.of());
    }

    /** And what flows back. */
    public Effects backward(List<Value> from, List<Value> to, List<Value> saved) {
      return new Effects(reads, writes, saved, from, to, passesTo);
    }

    public Effects passes(List<Value> to) {
      return new Effects(reads, writes, saved, gradientsFrom, gradientsTo, to);
    }

    /** The bytes that the forward pass reads and writes, each operand once. */
    public long bytes() {
      long bytes = 0;
      for (Value v : reads) {
        bytes += v.dtype().bytes(v.rows() * v.columns());
      }
      for (Value v : writes) {
        bytes += v.dtype().bytes(v.rows() * v.columns());
      }
      return bytes;
    }
  }

  /** The parts one after the other. */
  static Runnable sequence(List<Runnable> parts) {
    Runnable[] steps = parts.toArray(Runnable[]::new);
    return () -> {
      for (Runnable step : steps) {
        step.run();
      }
    };
  }

  /** The values that are present, for lists of effects. */
  @SafeVarargs
  static List<Value> present(Optional<Value>... values) {
    List<Value> present = new ArrayList<>();
    for (Optional<Value> value : values) {
      value.ifPresent(present::add);
    }
    return present;
  }
}
