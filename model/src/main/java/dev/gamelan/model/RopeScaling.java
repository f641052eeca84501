package dev.gamelan.model;

/** How the rotary frequencies are stretched for contexts longer than those of pretraining. */
public sealed interface RopeScaling {
  /** As they are. */
  record None() implements RopeScaling {}

  /** Positions are divided by the factor (Chen et al., 2023). */
  record Linear(double factor) implements RopeScaling {}

  /**
   * The base grows with the length beyond the original (NTK-aware, dynamic).
   *
   * @param original positions of pretraining
   */
  record Dynamic(double factor, int original) implements RopeScaling {}

  /**
   * Llama 3.1's: low frequencies are divided by the factor, high ones kept, those between blended.
   *
   * @param low fewer turns than this over the original context: divided
   * @param high more turns than this: kept
   */
  record Llama3(double factor, double low, double high, int original) implements RopeScaling {}

  /**
   * YaRN (Peng et al., 2023): interpolation by parts, and a temperature on attention.
   *
   * @param betaFast turns over the original context above which a frequency is kept
   * @param betaSlow turns below which it is divided by the factor
   * @param attentionFactor multiplies cos and sin
   * @param truncate whether the borders are rounded outwards to whole dims
   */
  record Yarn(
      double factor,
      int original,
      double betaFast,
      double betaSlow,
      double attentionFactor,
      boolean truncate)
      implements RopeScaling {}
}
