package dev.gamelan.kernels.x86.asm;

import static dev.gamelan.kernels.x86.asm.Gpr.R12;
import static dev.gamelan.kernels.x86.asm.Gpr.R13;
import static dev.gamelan.kernels.x86.asm.Gpr.R8;
import static dev.gamelan.kernels.x86.asm.Gpr.RAX;
import static dev.gamelan.kernels.x86.asm.Gpr.RBP;
import static dev.gamelan.kernels.x86.asm.Gpr.RCX;
import static dev.gamelan.kernels.x86.asm.Gpr.RSP;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every instruction with many operands, against an independent disassembler. */
final class AssemblerTest {
  private static final int[] DISPLACEMENTS = {0, 4, 32, 64, -64, 127, 128, 256, 4096, -8192, 12};

  private static List<Mem> places() {
    List<Mem> places = new ArrayList<>();
    for (Gpr base : Gpr.values()) {
      for (int displacement : DISPLACEMENTS) {
        places.add(Mem.at(base, displacement));
      }
      for (Gpr index : new Gpr[] {RAX, RBP, R8, R12, R13}) {
        places.add(Mem.at(base, index, 1 << index.ordinal() % 4, 0));
        places.add(Mem.at(base, index, 4, 64));
        places.add(Mem.at(base, index, 8, -1024));
      }
    }
    return places;
  }

  private static final Mask[] MASKS = {Mask.NONE, Mask.merging(1), Mask.zeroing(7)};

  /** Every instruction at the widths and registers it has. */
  private static void vectors(Assembler a, Op op, int bits) {
    List<Mem> places = places();
    int next = 0;
    boolean evexOnly = op.vex == Op.Vex.NEVER || bits == 512;
    if (bits == 512 && op.vex == Op.Vex.ONLY) {
      return;
    }
    int registers = op.vex == Op.Vex.ONLY ? 16 : 32;
    for (int i = 0; i < 64; i++) {
      Vec to = new Vec(i * 7 % registers, bits);
      Vec x = new Vec(i * 5 % registers, bits);
      Vec y = new Vec(i * 3 % registers, bits);
      Mem m = places.get(next++ * 13 % places.size());
      Mask mask = op.vex == Op.Vex.ONLY ? Mask.NONE : MASKS[i % MASKS.length];
      if (!evexOnly && i % 2 == 0) {
        to = new Vec(to.number() % 16, bits);
        x = new Vec(x.number() % 16, bits);
        y = new Vec(y.number() % 16, bits);
        mask = Mask.NONE;
      }
      boolean whole = op.memoryBytes(32) == 32;
      boolean repeats =
          whole && mask != Mask.NONE && op != Op.VMOVUPS && op != Op.VPMADDWD && i % 4 == 1;
      switch (op.form) {
        case RM -> {
          a.op(op, to, y);
          a.op(op, to, m, mask);
        }
        case RVM -> {
          if (op != Op.VMASKMOVPS) {
            a.op(op, to, x, y, mask);
          }
          a.op(op, to, x, repeats ? m.repeated() : m, mask);
        }
        case MR -> a.op(op, m, to, mask.zeroing() ? Mask.NONE : mask);
        case MVR -> a.op(op, m, x, to);
        case VMI -> {
          a.op(op, to, x, i % 32);
          if (evexOnly) {
            a.op(op, to, m, i % 32);
          }
        }
      }
    }
  }

  @Test
  void vector_instructions_disassemble_to_their_listing() throws Exception {
    Disassembler.assumeThere();
    for (int bits : new int[] {128, 256, 512}) {
      Assembler a = new Assembler();
      for (Op op : Op.values()) {
        if (bits > 128 || op.vex != Op.Vex.NEVER) {
          vectors(a, op, bits);
        }
      }
      Disassembler.agrees(a.vzeroupper());
    }
  }

  @Test
  void instructions_on_general_registers_disassemble_to_their_listing() throws Exception {
    Disassembler.assumeThere();
    Assembler a = new Assembler();
    int[] values = {0, 1, -1, 127, 128, -128, -129, 4096, Integer.MAX_VALUE, Integer.MIN_VALUE};
    for (Gpr x : Gpr.values()) {
      a.push(x).pop(x);
      for (Gpr y : Gpr.values()) {
        a.mov(x, y).add(x, y).sub(x, y).xor(x, y).cmp(x, y).test(x, y).imul(x, y);
        a.imul(x, y, 48).imul(x, y, 1000);
      }
      for (int value : values) {
        a.mov(x, value).add(x, value).sub(x, value).and(x, value).cmp(x, value);
      }
      a.mov(x, 1L << 40).mov(x, -1L << 33).shl(x, 3).shr(x, 5).sar(x, 63);
      for (Mem m : places()) {
        a.mov(x, m).mov(m, x).mov32(x, m).mov32(m, x).lea(x, m).add(x, m).sub(x, m).cmp(x, m);
      }
      a.kmovw(1 + x.ordinal() % 7, x);
    }
    for (Mem m : places()) {
      a.prefetch(m);
    }
    Disassembler.agrees(a.cpuid().xgetbv().ret());
  }

  @Test
  void tile_instructions_disassemble_to_their_listing() throws Exception {
    Disassembler.assumeThere();
    Assembler a = new Assembler();
    for (Mem m : places()) {
      a.ldtilecfg(m);
      if (m.index().isPresent()) {
        a.tileloadd(m.base().ordinal() % 8, m).tilestored(m, m.base().ordinal() % 8);
      }
    }
    for (int t = 0; t < 8; t++) {
      a.tilezero(t).tdpbf16ps(t, (t + 1) % 8, (t + 5) % 8).tdpbssd(t, (t + 3) % 8, (t + 2) % 8);
    }
    Disassembler.agrees(a.tilerelease());
  }

  @Test
  void jumps_go_to_their_labels_forwards_and_backwards() throws Exception {
    Disassembler.assumeThere();
    Assembler a = new Assembler();
    Label end = new Label();
    Label loop = a.here();
    for (Condition condition : Condition.values()) {
      a.sub(RCX, 1).jump(condition, loop).jump(condition, end);
    }
    a.jmp(loop).jmp(end).align(16).bind(end).ret();
    Disassembler.agrees(a);
  }

  @Test
  void what_cannot_be_encoded_is_refused() {
    Assembler a = new Assembler();
    assertThatThrownBy(() -> a.op(Op.VMASKMOVPS, Vec.ymm(17), Vec.ymm(0), Mem.at(RAX)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no EVEX form");
    assertThatThrownBy(() -> a.op(Op.VADDPS, Vec.ymm(1), Vec.ymm(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("operands");
    assertThatThrownBy(() -> Mem.at(RAX, RSP, 1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Vec.ymm(32)).isInstanceOf(IllegalArgumentException.class);
    Label nowhere = new Label();
    a.jmp(nowhere);
    assertThatThrownBy(a::toBytes)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("bound nowhere");
  }
}
