package dev.gamelan.tensor.spi;

/** Elementwise nonlinearities. */
public enum Activation {
  /** max(0, x). */
  RELU,
  /** x·Φ(x) with the error function (Hendrycks and Gimpel, 2016); HF "gelu". */
  GELU,
  /** The tanh approximation x/2·(1 + tanh(√(2/π)(x + 0.044715x³))); HF "gelu_new". */
  GELU_TANH,
  /** x·σ(1.702x), CLIP's; HF "quick_gelu". */
  QUICK_GELU,
  /** x·σ(x), also called swish. */
  SILU
}
