package dev.gamelan.tensor.spi;

/** Which way round a checkpoint keeps a linear layer's weight. */
public enum WeightLayout {
  /** [out, in], as torch's Linear: y = x·Wᵀ. */
  OUT_IN,
  /** [in, out], as GPT-2's Conv1D: y = x·W. */
  IN_OUT
}
