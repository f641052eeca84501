package dev.gamelan.kernels.x86;

import static dev.gamelan.kernels.x86.asm.Gpr.R10;
import static dev.gamelan.kernels.x86.asm.Gpr.R11;
import static dev.gamelan.kernels.x86.asm.Gpr.R12;
import static dev.gamelan.kernels.x86.asm.Gpr.R13;
import static dev.gamelan.kernels.x86.asm.Gpr.R14;
import static dev.gamelan.kernels.x86.asm.Gpr.R15;
import static dev.gamelan.kernels.x86.asm.Gpr.R8;
import static dev.gamelan.kernels.x86.asm.Gpr.R9;
import static dev.gamelan.kernels.x86.asm.Gpr.RAX;
import static dev.gamelan.kernels.x86.asm.Gpr.RBP;
import static dev.gamelan.kernels.x86.asm.Gpr.RBX;
import static dev.gamelan.kernels.x86.asm.Gpr.RCX;
import static dev.gamelan.kernels.x86.asm.Gpr.RDI;
import static dev.gamelan.kernels.x86.asm.Gpr.RDX;
import static dev.gamelan.kernels.x86.asm.Gpr.RSI;
import static dev.gamelan.kernels.x86.asm.Gpr.RSP;
import static dev.gamelan.kernels.x86.asm.Op.VBROADCASTSS;
import static dev.gamelan.kernels.x86.asm.Op.VFMADD231PS;
import static dev.gamelan.kernels.x86.asm.Op.VMOVUPS_STORE;
import static dev.gamelan.kernels.x86.asm.Op.VPXOR;

import dev.gamelan.kernels.x86.asm.Assembler;
import dev.gamelan.kernels.x86.asm.Condition;
import dev.gamelan.kernels.x86.asm.Gpr;
import dev.gamelan.kernels.x86.asm.Label;
import dev.gamelan.kernels.x86.asm.Mem;
import dev.gamelan.kernels.x86.asm.Vec;

/**
 * A few rows with compact panels: weights become floats in registers and are multiplied there, so
 * that memory is read once and nothing else is written than the sums.
 *
 * <p>void f(panels, units, x, xRow, weight, weightPanel, out, outRow, outPanel), where units are
 * those of the {@link CompactFormat} along k.
 */
final class DirectCode {
  /** Steps of 16-bit weights a turn. */
  private static final int UNROLL = 8;

  /** Bytes of a line of the caches. */
  private static final int LINE = 64;

  private static final Mem OUT = Mem.at(RBP, 16);
  private static final Mem OUT_ROW = Mem.at(RBP, 24);
  private static final Mem OUT_PANEL = Mem.at(RBP, 32);
  private static final Gpr[] SAVED = {RBX, R12, R13, R14, R15};

  private final Assembler a = new Assembler();
  private final Simd simd;
  private final CompactFormat format;
  private final int rows;

  private DirectCode(Simd simd, CompactFormat format, int rows) {
    this.simd = simd;
    this.format = format;
    this.rows = rows;
  }

  static Assembler emit(Simd simd, CompactFormat format, int rows) {
    return new DirectCode(simd, format, rows).whole();
  }

  private Assembler whole() {
    // One row keeps two panels at work: enough sums to hide the latency of FMA.
    int most = rows == 1 ? 2 : 1;
    a.push(RBP).mov(RBP, RSP);
    for (Gpr register : SAVED) {
      a.push(register);
    }
    a.sub(RSP, WeightCode.frameBytes(simd, most)).and(RSP, -64);
    a.mov(R14, OUT).mov(R15, OUT_ROW);
    for (int panels = most; panels >= 1; panels--) {
      Label done = new Label();
      WeightCode weights = weights(panels);
      weights.open(RAX);
      Label again = a.here();
      a.cmp(RDI, panels).jump(Condition.L, done);
      tile(weights, panels);
      a.sub(RDI, panels).jmp(again);
      a.bind(done);
    }
    a.vzeroupper().lea(RSP, Mem.at(RBP, -8 * SAVED.length));
    for (int i = SAVED.length - 1; i >= 0; i--) {
      a.pop(SAVED[i]);
    }
    return a.pop(RBP).ret();
  }

  private WeightCode weights(int panels) {
    Gpr[] pointers = panels == 2 ? new Gpr[] {RBX, R11} : new Gpr[] {RBX};
    return new WeightCode(a, simd, format, pointers, RSP, 2 * panels * rows + 1);
  }

  private Vec sum(int r, int v, int panels) {
    return simd.v(2 * panels * r + v);
  }

  private void tile(WeightCode weights, int panels) {
    a.mov(RAX, RDX);
    if (rows > 3) {
      a.lea(R10, Mem.at(RCX, RCX, 2, 0)).add(R10, RAX);
    }
    a.mov(RBX, R8);
    if (panels > 1) {
      a.lea(R11, Mem.at(R8, R9, 1, 0));
      // What the next two panels hold at the same place, as far away as these two are long.
      a.lea(R10, Mem.at(R9, R9, 1, 0));
    }
    for (int i = 0; i < 2 * panels * rows; i++) {
      a.op(VPXOR, simd.v(i), simd.v(i), simd.v(i));
    }
    a.mov(R12, RSI);
    switch (format) {
      case CompactFormat.Halves h -> halves(weights, h, panels);
      case CompactFormat.Blocks b -> blocks(weights, b, panels);
    }
    a.mov(R13, R14);
    for (int r = 0; r < rows; r++) {
      a.mov(R12, R13);
      for (int p = 0; p < panels; p++) {
        a.op(VMOVUPS_STORE, Mem.at(R12), sum(r, 2 * p, panels));
        a.op(VMOVUPS_STORE, Mem.at(R12, simd.bytes()), sum(r, 2 * p + 1, panels));
        a.add(R12, OUT_PANEL);
      }
      a.add(R13, R15);
    }
    for (int p = 0; p < panels; p++) {
      a.add(R8, R9).add(R14, OUT_PANEL);
    }
  }

  private void blocks(WeightCode weights, CompactFormat.Blocks b, int panels) {
    Label done = new Label();
    a.test(R12, R12).jump(Condition.E, done);
    a.align(32);
    Label units = a.here();
    weights.header();
    if (b.nested()) {
      advance(panels, 0, b.headerBytes(simd.columns()));
      a.mov(R13, b.chunks());
    }
    Label chunks = a.here();
    for (int s = 0; s < CompactFormat.Blocks.CHUNK; s++) {
      weights.scales(s);
      if (panels > 1) {
        prefetch(s, b);
      }
      step(weights, s, panels);
    }
    advance(panels, CompactFormat.Blocks.CHUNK, b.chunkBytes(simd.columns()));
    if (b.nested()) {
      a.sub(R13, 1).jump(Condition.NE, chunks);
    }
    a.sub(R12, 1).jump(Condition.NE, units);
    a.bind(done);
  }

  /** Asks for the lines of the next panels, spread over a chunk's steps. */
  private void prefetch(int s, CompactFormat.Blocks b) {
    int lines = (b.chunkBytes(simd.columns()) + LINE - 1) / LINE;
    int every = Math.max(1, CompactFormat.Blocks.CHUNK / lines);
    if (s % every == 0 && s / every < lines) {
      a.prefetch(Mem.at(RBX, R10, 1, s / every * LINE));
      a.prefetch(Mem.at(R11, R10, 1, s / every * LINE));
    }
  }

  private void halves(WeightCode weights, CompactFormat.Halves h, int panels) {
    int bytes = h.unitBytes(simd.columns());
    Label tail = new Label();
    Label done = new Label();
    a.sub(R12, UNROLL).jump(Condition.L, tail);
    a.align(32);
    Label loop = a.here();
    for (int s = 0; s < UNROLL; s++) {
      step(weights, s, panels);
    }
    advance(panels, UNROLL, UNROLL * bytes);
    a.sub(R12, UNROLL).jump(Condition.GE, loop);
    a.bind(tail);
    a.add(R12, UNROLL).jump(Condition.E, done);
    Label single = a.here();
    step(weights, 0, panels);
    advance(panels, 1, bytes);
    a.sub(R12, 1).jump(Condition.NE, single);
    a.bind(done);
  }

  private void step(WeightCode weights, int s, int panels) {
    Vec x = simd.v(2 * panels * rows);
    if (rows == 1) {
      a.op(VBROADCASTSS, x, Mem.at(RAX, 4 * s));
      for (int v = 0; v < 2 * panels; v++) {
        weights.step(s, v);
        a.op(VFMADD231PS, sum(0, v, panels), x, weights.weight(v));
      }
      return;
    }
    weights.step(s, 0);
    weights.step(s, 1);
    for (int r = 0; r < rows; r++) {
      Mem at =
          switch (r) {
            case 0 -> Mem.at(RAX, 4 * s);
            case 1, 2 -> Mem.at(RAX, RCX, r, 4 * s);
            default -> Mem.at(R10, 4 * s);
          };
      a.op(VBROADCASTSS, x, at);
      a.op(VFMADD231PS, sum(r, 0, 1), x, weights.weight(0));
      a.op(VFMADD231PS, sum(r, 1, 1), x, weights.weight(1));
    }
  }

  private void advance(int panels, int steps, int bytes) {
    a.add(RBX, bytes);
    if (panels > 1) {
      a.add(R11, bytes);
    }
    if (steps > 0) {
      a.add(RAX, 4 * steps);
      if (rows > 3) {
        a.add(R10, 4 * steps);
      }
    }
  }
}
