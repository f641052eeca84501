package dev.gamelan.tensor.spi;

/**
 * What the operands of matrix products are rounded to. Norms, softmax, losses, sums and master
 * weights are f32 in every mode, and products accumulate in f32 at least. The mode travels with a
 * run and stands in its manifest: another mode gives other bits.
 */
public enum ComputeMode {
  F32,
  BF16
}
