package dev.gamelan.tensor.spi;

import dev.gamelan.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Everything a backend does. The scalar backend ({@code dev.gamelan.tensor.scalar}) defines each
 * operation; every other backend must pass the same contract tests.
 *
 * <p>Conventions of all operations:
 *
 * <ul>
 *   <li>Operands are tensors in this backend's memory; callers (the ops of {@code
 *       dev.gamelan.tensor.op}) have checked shapes and dtypes. Matrices are row-major with a row
 *       stride; computation is f32 unless a dtype is named.
 *   <li>{@code accumulate} says whether a result is added to what its tensor holds or replaces it.
 *   <li>Outputs don't overlap inputs unless an operation says so.
 *   <li>An operation may return before it has finished; the next operation on the same backend sees
 *       its results, the host only after {@link #finish}.
 *   <li>The bits of a result are a function of its operands, the backend and the mode: never of the
 *       number of threads. What an operation says of one row doesn't depend on the other rows in
 *       the pass.
 *   <li>One caller at a time: a backend isn't safe for concurrent calls.
 * </ul>
 */
public interface Kernels
    extends ProductKernels,
        ElementKernels,
        NormKernels,
        AttentionKernels,
        ExpertKernels,
        LossKernels,
        OptimizerKernels,
        AutoCloseable {
  /** The provider's name, which a run records. */
  String name();

  /** What it runs on, which a run records, e.g. {@code "256-bit vectors, 2 threads"}. */
  String hardware();

  ComputeMode mode();

  int threads();

  /**
   * Zeroed memory where this backend computes, aligned to {@link Tensor#ALIGNMENT}.
   *
   * @throws IllegalStateException if there is no room, naming the bytes wanted
   */
  default MemorySegment allocate(Arena arena, long bytes) {
    try {
      return arena.allocate(Math.max(1, bytes), Tensor.ALIGNMENT);
    } catch (OutOfMemoryError noRoom) {
      throw new IllegalStateException(
          "memory: %,d bytes are needed and cannot be had; make the batch or the model smaller"
              .formatted(bytes),
          noRoom);
    }
  }

  /** Waits until every operation called so far has finished. */
  default void finish() {}

  /** Ends the worker threads and frees what the backend allocated. */
  @Override
  void close();
}
