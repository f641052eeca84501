package dev.gamelan.kernels.x86;

import dev.gamelan.kernels.x86.CpuFeatures.Feature;
import dev.gamelan.kernels.x86.asm.Vec;
import java.util.Set;

/** The vectors that kernels are emitted for. A panel is two of them wide. */
enum Simd {
  AVX2(256, 16, 6, Set.of(Feature.AVX2, Feature.FMA, Feature.F16C)),
  AVX512(512, 32, 12, Set.of(Feature.AVX2, Feature.FMA, Feature.F16C, Feature.AVX512));

  private final int bits;
  private final int registers;
  private final int rows;
  private final Set<Feature> needs;

  Simd(int bits, int registers, int rows, Set<Feature> needs) {
    this.bits = bits;
    this.registers = registers;
    this.rows = rows;
    this.needs = needs;
  }

  Vec v(int number) {
    if (number >= registers) {
      throw new IllegalStateException(
          "%s: a kernel wants vector register %d of %d".formatted(this, number, registers));
    }
    return new Vec(number, bits);
  }

  /** Bytes of a vector. */
  int bytes() {
    return bits / 8;
  }

  /** Columns of a panel. */
  int columns() {
    return bits / 16;
  }

  /** Rows of the main product kernel. */
  int rows() {
    return rows;
  }

  Set<Feature> needs() {
    return needs;
  }
}
