/**
 * The plain backend that defines every operation of {@link dev.gamelan.tensor.spi.Kernels}: sums in
 * double, rounds each result once, forward and backward side by side. Slow and single-threaded on
 * purpose; the contract tests measure every other backend against it.
 */
package dev.gamelan.tensor.scalar;
