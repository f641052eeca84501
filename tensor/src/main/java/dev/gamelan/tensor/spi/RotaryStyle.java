package dev.gamelan.tensor.spi;

/** Which elements of a head turn together. */
public enum RotaryStyle {
  /** Element i with i + r/2, for r rotary dims: GPT-NeoX, HF Llama. */
  HALF_SPLIT,
  /** Element 2i with 2i + 1: GPT-J, Meta's Llama, llama2.c. */
  INTERLEAVED
}
