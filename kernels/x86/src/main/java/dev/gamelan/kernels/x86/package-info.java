/**
 * Kernels assembled at start-up for the CPU found. The orchestration (blocking, threads, packing,
 * attention, losses) is that of {@code dev.gamelan.kernels.vector}; its innermost loops are machine
 * code here.
 */
package dev.gamelan.kernels.x86;
