package dev.gamelan.kernels.x86;

import static dev.gamelan.kernels.x86.asm.Gpr.RAX;
import static dev.gamelan.kernels.x86.asm.Gpr.RBP;
import static dev.gamelan.kernels.x86.asm.Gpr.RCX;
import static dev.gamelan.kernels.x86.asm.Gpr.RDI;
import static dev.gamelan.kernels.x86.asm.Gpr.RDX;
import static dev.gamelan.kernels.x86.asm.Gpr.RSI;
import static dev.gamelan.kernels.x86.asm.Gpr.RSP;
import static dev.gamelan.kernels.x86.asm.Op.VMOVUPS_STORE;

import dev.gamelan.kernels.x86.asm.Assembler;
import dev.gamelan.kernels.x86.asm.Condition;
import dev.gamelan.kernels.x86.asm.Gpr;
import dev.gamelan.kernels.x86.asm.Label;
import dev.gamelan.kernels.x86.asm.Mem;

/** A compact panel as floats {@code [steps][columns]}: void f(weight, units, to). */
final class UnpackCode {
  private final Assembler a = new Assembler();
  private final Simd simd;
  private final CompactFormat format;
  private final WeightCode weights;

  private UnpackCode(Simd simd, CompactFormat format) {
    this.simd = simd;
    this.format = format;
    weights = new WeightCode(a, simd, format, new Gpr[] {RDI}, RSP, 0);
  }

  static Assembler emit(Simd simd, CompactFormat format) {
    return new UnpackCode(simd, format).whole();
  }

  private Assembler whole() {
    Label done = new Label();
    a.push(RBP).mov(RBP, RSP);
    a.sub(RSP, WeightCode.frameBytes(simd, 1)).and(RSP, -64);
    weights.open(RAX);
    a.test(RSI, RSI).jump(Condition.E, done);
    Label units = a.here();
    switch (format) {
      case CompactFormat.Halves h -> steps(1, h.unitBytes(simd.columns()));
      case CompactFormat.Blocks b -> {
        weights.header();
        if (b.nested()) {
          a.add(RDI, b.headerBytes(simd.columns())).mov(RCX, b.chunks());
        }
        Label chunks = a.here();
        steps(CompactFormat.Blocks.CHUNK, b.chunkBytes(simd.columns()));
        if (b.nested()) {
          a.sub(RCX, 1).jump(Condition.NE, chunks);
        }
      }
    }
    a.sub(RSI, 1).jump(Condition.NE, units);
    a.bind(done);
    return a.vzeroupper().mov(RSP, RBP).pop(RBP).ret();
  }

  private void steps(int count, int bytes) {
    int row = 2 * simd.bytes();
    for (int s = 0; s < count; s++) {
      weights.scales(s);
      for (int v = 0; v < 2; v++) {
        weights.step(s, v);
        a.op(VMOVUPS_STORE, Mem.at(RDX, s * row + v * simd.bytes()), weights.weight(v));
      }
    }
    a.add(RDI, bytes).add(RDX, count * row);
  }
}
