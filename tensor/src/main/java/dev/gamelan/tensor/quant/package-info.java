/** Quantized storage: what the blocks of the ggml formats stand for, and how floats become them. */
package dev.gamelan.tensor.quant;
