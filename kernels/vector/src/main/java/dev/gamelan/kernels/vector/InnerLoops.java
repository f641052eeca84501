package dev.gamelan.kernels.vector;

import java.util.Optional;

/**
 * What a backend brings of its own to the orchestration of this module: blocking, threads, packing,
 * attention and losses stay the same.
 *
 * @param name the backend's name, e.g. {@code x86}
 * @param hardware what the loops run on, e.g. {@code "AVX2, FMA"}
 * @param rows rows of the main product kernel, 6 or 12: the unit in which rows are cut
 * @param products f32 products
 * @param compact products with weights that stay compact in memory, if there are any
 */
public record InnerLoops(
    String name,
    String hardware,
    int rows,
    PanelKernel products,
    Optional<CompactKernels> compact) {

  /** Columns of a panel. */
  public static int columns() {
    return Tiling.columns();
  }

  static InnerLoops ofVectors(Tiling tiling) {
    return new InnerLoops(
        "vector",
        VectorKernels.vectors(),
        tiling.rows(),
        new VectorPanels(tiling.rows()),
        Optional.empty());
  }
}
