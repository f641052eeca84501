package dev.gamelan.model;

/** How the rotary frequencies are stretched for contexts longer than those of pretraining. */
public sealed interface RopeScaling {
  /** Whether the rotation depends on how long the sequence is, too. */
  default boolean followsLength() {
    return this instanceof Dynamic || this instanceof DynamicDoubling;
  }

  /** As they are. */
  record None() implements RopeScaling {}

  /** Positions are divided by the factor (Chen et al., 2023). */
  record Linear(double factor) implements RopeScaling {}

  /**
   * The base grows with the running length of the sequence beyond the original (NTK-aware,
   * dynamic): θ·(factor·length/original − (factor − 1))^(dims/(dims − 2)). As in transformers a key
   * keeps the base that held when it came.
   *
   * @param original positions of pretraining
   */
  record Dynamic(double factor, int original) implements RopeScaling {
    /** The positions that the factor is meant for. */
    int reach() {
      return (int) Math.min(1 << 24, Math.floor(factor * original));
    }
  }

  /**
   * Qwen 1's: the base grows as with a dynamic factor that doubles with the length, 2^⌈log₂(length
   * / original) + 1⌉ − 1. A prompt sets it for the whole answer.
   *
   * @param original positions of pretraining
   */
  record DynamicDoubling(int original) implements RopeScaling {}

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
