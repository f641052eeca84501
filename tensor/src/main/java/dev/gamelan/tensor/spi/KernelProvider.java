package dev.gamelan.tensor.spi;

/** A backend, found by {@link java.util.ServiceLoader}; see {@link Backends#open}. */
public interface KernelProvider {
  /** The name that {@code --kernels} knows it by, e.g. {@code vector}. */
  String name();

  /** Looks at the machine, without side effects that last. */
  Availability probe();

  /**
   * Opens the backend.
   *
   * @param threads how many threads compute, the caller's included; at least 1
   * @throws IllegalArgumentException if the backend doesn't offer the mode
   */
  Kernels open(int threads, ComputeMode mode);
}
