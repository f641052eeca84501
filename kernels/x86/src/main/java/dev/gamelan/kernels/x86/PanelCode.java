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
import static dev.gamelan.kernels.x86.asm.Op.VMOVUPS;
import static dev.gamelan.kernels.x86.asm.Op.VMOVUPS_STORE;

import dev.gamelan.kernels.x86.asm.Assembler;
import dev.gamelan.kernels.x86.asm.Condition;
import dev.gamelan.kernels.x86.asm.Gpr;
import dev.gamelan.kernels.x86.asm.Label;
import dev.gamelan.kernels.x86.asm.Mem;
import dev.gamelan.kernels.x86.asm.Vec;

/**
 * The f32 panel product, {@link dev.gamelan.kernels.vector.PanelKernel}, in machine code.
 *
 * <p>Arguments as the System V ABI passes them: m, panels, k, a, aRow, aCol in rdi, rsi, rdx, rcx,
 * r8, r9; the others on the stack. A tile of R rows and P panels holds its 2·R·P sums in registers
 * over all of k.
 */
final class PanelCode {
  /** Steps along k a turn of the loop. */
  private static final int UNROLL = 4;

  /** What the prologue pushes, and room for the three pointers of a tile. */
  private static final int PUSHED = 6 * 8;

  private static final int LOCALS = 32;
  private static final Mem TILE_A = Mem.at(RSP, 0);
  private static final Mem TILE_IN = Mem.at(RSP, 8);
  private static final Mem TILE_OUT = Mem.at(RSP, 16);
  private static final Mem ROWS_LEFT = Mem.at(RSP, 24);
  private static final Mem B = argument(0);
  private static final Mem B_ROW = argument(1);
  private static final Mem B_PANEL = argument(2);
  private static final Mem IN = argument(3);
  private static final Mem IN_ROW = argument(4);
  private static final Mem IN_PANEL = argument(5);
  private static final Mem OUT = argument(6);
  private static final Mem OUT_ROW = argument(7);
  private static final Mem OUT_PANEL = argument(8);

  private final Simd simd;
  private final Assembler a = new Assembler();

  private PanelCode(Simd simd) {
    this.simd = simd;
  }

  private static Mem argument(int i) {
    return Mem.at(RSP, LOCALS + PUSHED + 8 + 8 * i);
  }

  static Assembler emit(Simd simd) {
    return new PanelCode(simd).whole();
  }

  private Assembler whole() {
    Gpr[] saved = {RBX, RBP, R12, R13, R14, R15};
    for (Gpr register : saved) {
      a.push(register);
    }
    a.sub(RSP, LOCALS);
    Label one = new Label();
    Label two = new Label();
    Label end = new Label();
    a.cmp(RDI, 1).jump(Condition.L, end);
    a.jump(Condition.E, one);
    a.cmp(RDI, 2).jump(Condition.E, two);
    manyRows(end);
    a.bind(one);
    fewRows(1, 4, end);
    a.bind(two);
    fewRows(2, 2, end);
    a.bind(end);
    a.vzeroupper().add(RSP, LOCALS);
    for (int i = saved.length - 1; i >= 0; i--) {
      a.pop(saved[i]);
    }
    return a.ret();
  }

  /** One or two rows: groups of panels, then panels one by one. */
  private void fewRows(int rows, int group, Label end) {
    for (int panels : new int[] {group, 1}) {
      Label done = new Label();
      Label again = a.here();
      a.cmp(RSI, panels).jump(Condition.L, done);
      openPanel();
      tile(rows, panels);
      nextPanels(panels);
      a.sub(RSI, panels).jmp(again);
      a.bind(done);
    }
    a.jmp(end);
  }

  /** Panel by panel, rows in tiles as tall as they come. */
  private void manyRows(Label end) {
    int tall = simd.rows();
    Label nextPanel = new Label();
    Label panel = a.here();
    a.test(RSI, RSI).jump(Condition.LE, end);
    openPanel();
    a.mov(ROWS_LEFT, RDI);
    Label rest = new Label();
    Label rows = a.here();
    a.mov(RAX, ROWS_LEFT).cmp(RAX, tall).jump(Condition.L, rest);
    tile(tall, 1);
    a.imul(RAX, R8, tall).add(RAX, TILE_A).mov(TILE_A, RAX);
    a.mov(RAX, IN_ROW).imul(RAX, RAX, tall).add(RAX, TILE_IN).mov(TILE_IN, RAX);
    a.mov(RAX, OUT_ROW).imul(RAX, RAX, tall).add(RAX, TILE_OUT).mov(TILE_OUT, RAX);
    a.mov(RAX, ROWS_LEFT).sub(RAX, tall).mov(ROWS_LEFT, RAX).jmp(rows);
    a.bind(rest);
    for (int r = tall - 1; r >= 1; r--) {
      Label other = new Label();
      a.mov(RAX, ROWS_LEFT).cmp(RAX, r).jump(Condition.NE, other);
      tile(r, 1);
      a.jmp(nextPanel);
      a.bind(other);
    }
    a.bind(nextPanel);
    nextPanels(1);
    a.sub(RSI, 1).jmp(panel);
  }

  /** The tile's pointers stand at the panel's first row. */
  private void openPanel() {
    a.mov(TILE_A, RCX).mov(RAX, IN).mov(TILE_IN, RAX).mov(RAX, OUT).mov(TILE_OUT, RAX);
  }

  private void nextPanels(int panels) {
    Mem[][] pairs = {{B, B_PANEL}, {IN, IN_PANEL}, {OUT, OUT_PANEL}};
    for (Mem[] pair : pairs) {
      a.mov(RAX, pair[1]).imul(RAX, RAX, panels).add(RAX, pair[0]).mov(pair[0], RAX);
    }
  }

  private void tile(int rows, int panels) {
    int sums = 2 * rows * panels;
    // Every third row has a pointer of its own; the two after it are reached through r8.
    Gpr[] rowPointers = {RAX, R10, R11, R12};
    a.mov(RAX, TILE_A);
    for (int i = 1; 3 * i < rows; i++) {
      a.lea(rowPointers[i], Mem.at(R8, R8, 2, 0)).add(rowPointers[i], rowPointers[i - 1]);
    }
    a.mov(RBX, B);
    if (panels > 1) {
      a.mov(R11, B_PANEL);
    }
    if (panels > 3) {
      a.lea(R12, Mem.at(R11, R11, 2, 0)).add(R12, RBX);
    }
    sums(rows, panels, TILE_IN, IN_ROW, IN_PANEL, true);
    a.mov(RBP, B_ROW).mov(R13, RDX);
    Label tail = new Label();
    Label done = new Label();
    a.sub(R13, UNROLL).jump(Condition.L, tail);
    a.align(32);
    Label loop = a.here();
    for (int i = 0; i < UNROLL; i++) {
      step(rows, panels, sums, rowPointers);
    }
    a.sub(R13, UNROLL).jump(Condition.GE, loop);
    a.bind(tail);
    a.add(R13, UNROLL).jump(Condition.E, done);
    Label single = a.here();
    step(rows, panels, sums, rowPointers);
    a.sub(R13, 1).jump(Condition.NE, single);
    a.bind(done);
    sums(rows, panels, TILE_OUT, OUT_ROW, OUT_PANEL, false);
  }

  private void sums(int rows, int panels, Mem from, Mem row, Mem panel, boolean load) {
    a.mov(R14, from).mov(R15, row);
    int sum = 0;
    for (int r = 0; r < rows; r++) {
      a.mov(R13, R14);
      for (int p = 0; p < panels; p++) {
        for (int half = 0; half < 2; half++) {
          Mem at = Mem.at(R13, half * simd.bytes());
          Vec v = simd.v(sum++);
          if (load) {
            a.op(VMOVUPS, v, at);
          } else {
            a.op(VMOVUPS_STORE, at, v);
          }
        }
        if (p + 1 < panels) {
          a.add(R13, panel);
        }
      }
      if (r + 1 < rows) {
        a.add(R14, R15);
      }
    }
  }

  private void step(int rows, int panels, int sums, Gpr[] rowPointers) {
    int width = simd.bytes();
    if (rows == 1) {
      Vec x = simd.v(sums);
      a.op(VBROADCASTSS, x, Mem.at(RAX));
      for (int p = 0; p < panels; p++) {
        for (int half = 0; half < 2; half++) {
          a.op(VFMADD231PS, simd.v(2 * p + half), x, inPanel(p, half * width));
        }
      }
    } else {
      for (int p = 0; p < panels; p++) {
        for (int half = 0; half < 2; half++) {
          a.op(VMOVUPS, simd.v(sums + 2 * p + half), inPanel(p, half * width));
        }
      }
      for (int r = 0; r < rows; r++) {
        Vec x = simd.v(sums + 2 * panels + r % 2);
        Gpr pointer = rowPointers[r / 3];
        a.op(VBROADCASTSS, x, r % 3 == 0 ? Mem.at(pointer) : Mem.at(pointer, R8, r % 3, 0));
        for (int v = 0; v < 2 * panels; v++) {
          a.op(VFMADD231PS, simd.v(2 * panels * r + v), x, simd.v(sums + v));
        }
      }
    }
    for (int i = 0; 3 * i < rows; i++) {
      a.add(rowPointers[i], R9);
    }
    a.add(RBX, RBP);
    if (panels > 3) {
      a.add(R12, RBP);
    }
  }

  private static Mem inPanel(int p, int offset) {
    return switch (p) {
      case 0 -> Mem.at(RBX, offset);
      case 1, 2 -> Mem.at(RBX, R11, p, offset);
      default -> Mem.at(R12, offset);
    };
  }
}
