package dev.gamelan.kernels.x86;

import static dev.gamelan.kernels.x86.asm.Op.VBROADCASTSS;
import static dev.gamelan.kernels.x86.asm.Op.VCVTDQ2PS;
import static dev.gamelan.kernels.x86.asm.Op.VCVTPH2PS;
import static dev.gamelan.kernels.x86.asm.Op.VFMADD213PS;
import static dev.gamelan.kernels.x86.asm.Op.VMOVUPS;
import static dev.gamelan.kernels.x86.asm.Op.VMOVUPS_STORE;
import static dev.gamelan.kernels.x86.asm.Op.VMULPS;
import static dev.gamelan.kernels.x86.asm.Op.VPAND;
import static dev.gamelan.kernels.x86.asm.Op.VPMOVSXBD;
import static dev.gamelan.kernels.x86.asm.Op.VPMOVZXBD;
import static dev.gamelan.kernels.x86.asm.Op.VPMOVZXWD;
import static dev.gamelan.kernels.x86.asm.Op.VPOR;
import static dev.gamelan.kernels.x86.asm.Op.VPSLLD;
import static dev.gamelan.kernels.x86.asm.Op.VPSRLD;

import dev.gamelan.kernels.x86.asm.Assembler;
import dev.gamelan.kernels.x86.asm.Gpr;
import dev.gamelan.kernels.x86.asm.Mem;
import dev.gamelan.kernels.x86.asm.Vec;

/**
 * Turns one step along k of compact panels into floats in a register, for every vector of columns:
 * the part that {@link DirectCode} and {@link UnpackCode} share.
 *
 * <p>Scales stay in registers, minima in memory of the stack frame, from where the multiply-add
 * that makes the weight reads them.
 */
final class WeightCode {
  private final Assembler a;
  private final Simd simd;
  private final CompactFormat format;
  private final Gpr[] panels;
  private final Gpr frame;
  private final int vectors;

  /** Registers given to this: scales, masks, and words if they fit. */
  private final int firstRegister;

  private final int temporaries;
  private final boolean keepsWords;

  /**
   * @param panels where the current chunk of each panel lies
   * @param frame points at {@link #frameBytes} of the stack
   * @param firstRegister the first vector register that is free
   */
  WeightCode(
      Assembler a, Simd simd, CompactFormat format, Gpr[] panels, Gpr frame, int firstRegister) {
    this.a = a;
    this.simd = simd;
    this.format = format;
    this.panels = panels;
    this.frame = frame;
    this.vectors = 2 * panels.length;
    this.firstRegister = firstRegister;
    int fixed = fixedRegisters();
    temporaries = firstRegister + fixed;
    boolean high = format instanceof CompactFormat.Blocks b && b.highBits() > 0;
    int words = temporaries + (high ? 4 : 2);
    boolean low = format instanceof CompactFormat.Blocks;
    keepsWords = low && !high && words + vectors <= (simd == Simd.AVX2 ? 16 : 32);
  }

  private int fixedRegisters() {
    return switch (format) {
      case CompactFormat.Halves _ -> 0;
      case CompactFormat.Blocks b -> vectors + (b.highBits() > 0 ? 2 : 1);
    };
  }

  /** Room for minima and, for super-blocks, what scales and minima are multiplied with. */
  static int frameBytes(Simd simd, int panels) {
    return (3 * 2 * panels + 1) * simd.bytes();
  }

  private Vec scale(int v) {
    return simd.v(firstRegister + v);
  }

  private Vec lowMask() {
    return simd.v(firstRegister + vectors);
  }

  private Vec highMask() {
    return simd.v(firstRegister + vectors + 1);
  }

  /** The register in which {@link #step} leaves the weights of vector v: two take turns. */
  Vec weight(int v) {
    return simd.v(temporaries + v % 2);
  }

  private Vec second(int v) {
    return simd.v(temporaries + 2 + v % 2);
  }

  private Vec word(int v) {
    return simd.v(temporaries + 2 + v);
  }

  private Mem minimum(int v) {
    return Mem.at(frame, v * simd.bytes());
  }

  private Mem superScale(int v) {
    return Mem.at(frame, (vectors + v) * simd.bytes());
  }

  private Mem superMinimum(int v) {
    return Mem.at(frame, (2 * vectors + v) * simd.bytes());
  }

  /** A vector of −zero. */
  private Mem negativeZero() {
    return Mem.at(frame, 3 * vectors * simd.bytes());
  }

  /** Where the elements of vector v begin, of those that take so many bytes a column. */
  private Mem at(int v, int offset, int elementBytes) {
    return Mem.at(panels[v / 2], offset + v % 2 * simd.columns() / 2 * elementBytes);
  }

  /** Sets constants; the general register is free to use. */
  void open(Gpr free) {
    if (format instanceof CompactFormat.Blocks b) {
      constant(lowMask(), (1 << b.lowBits()) - 1, free);
      if (b.highBits() > 0) {
        constant(highMask(), (1 << b.highBits()) - 1 << b.lowBits(), free);
      }
      if (!b.minimum()) {
        Vec t = weight(0);
        constant(t, Float.floatToRawIntBits(-b.zero()), free);
        a.op(VMOVUPS_STORE, negativeZero(), t);
      }
    }
  }

  private void constant(Vec to, int bits, Gpr free) {
    a.mov(free, bits).mov32(minimum(0), free).op(VBROADCASTSS, to, minimum(0));
  }

  /** At the beginning of a unit, whose header the panel registers point at. */
  void header() {
    if (format instanceof CompactFormat.Blocks b && b.nested()) {
      for (int v = 0; v < vectors; v++) {
        Vec t = weight(v);
        a.op(VCVTPH2PS, t, at(v, 0, 2)).op(VMOVUPS_STORE, superScale(v), t);
        if (b.minimum()) {
          a.op(VCVTPH2PS, t, at(v, 2 * simd.columns(), 2));
          a.op(VMOVUPS_STORE, superMinimum(v), t);
        }
      }
    }
  }

  /** The scales from step s of a chunk on, if a group begins there. */
  void scales(int s) {
    if (format instanceof CompactFormat.Blocks b && s % b.group() == 0) {
      for (int v = 0; v < vectors; v++) {
        scale(b, v, s / b.group());
      }
    }
  }

  private void scale(CompactFormat.Blocks b, int v, int group) {
    Vec t = weight(v);
    int minimumOffset = b.minimumOffset(simd.columns());
    if (b.nested()) {
      int offset = group * simd.columns();
      a.op(b.signed() ? VPMOVSXBD : VPMOVZXBD, t, at(v, offset, 1)).op(VCVTDQ2PS, t, t);
      a.op(VMULPS, scale(v), t, superScale(v));
      if (b.minimum()) {
        a.op(VPMOVZXBD, t, at(v, offset + minimumOffset, 1)).op(VCVTDQ2PS, t, t);
        a.op(VMULPS, t, t, superMinimum(v)).op(VMOVUPS_STORE, minimum(v), t);
        return;
      }
    } else {
      a.op(VCVTPH2PS, scale(v), at(v, 0, 2));
      if (b.minimum()) {
        a.op(VCVTPH2PS, t, at(v, minimumOffset, 2)).op(VMOVUPS_STORE, minimum(v), t);
        return;
      }
    }
    a.op(VMULPS, t, scale(v), negativeZero()).op(VMOVUPS_STORE, minimum(v), t);
  }

  /** Leaves the weights of step s and vector v in {@link #weight}. */
  void step(int s, int v) {
    Vec t = weight(v);
    switch (format) {
      case CompactFormat.Halves h -> {
        Mem from = at(v, s * 2 * simd.columns(), 2);
        if (h.brain()) {
          a.op(VPMOVZXWD, t, from).op(VPSLLD, t, t, 16);
        } else {
          a.op(VCVTPH2PS, t, from);
        }
      }
      case CompactFormat.Blocks b -> {
        low(b, s, v, t);
        if (b.highBits() > 0) {
          high(b, s, v, second(v));
          a.op(VPOR, t, t, second(v));
        }
        a.op(VCVTDQ2PS, t, t).op(VFMADD213PS, t, scale(v), minimum(v));
      }
    }
  }

  private void low(CompactFormat.Blocks b, int s, int v, Vec t) {
    int fields = 32 / b.lowBits();
    int shift = s % fields * b.lowBits();
    Mem from = at(v, b.lowOffset(simd.columns()) + s / fields * 4 * simd.columns(), 4);
    if (keepsWords && shift == 0) {
      a.op(VMOVUPS, word(v), from);
    }
    if (shift == 0) {
      if (keepsWords) {
        a.op(VPAND, t, lowMask(), word(v));
      } else {
        a.op(VPAND, t, lowMask(), from);
      }
      return;
    }
    if (keepsWords) {
      a.op(VPSRLD, t, word(v), shift);
    } else {
      a.op(VMOVUPS, t, from).op(VPSRLD, t, t, shift);
    }
    if (shift + b.lowBits() < 32) {
      a.op(VPAND, t, t, lowMask());
    }
  }

  private void high(CompactFormat.Blocks b, int s, int v, Vec t) {
    int fields = 32 / b.highBits();
    int shift = s % fields * b.highBits() - b.lowBits();
    Mem from = at(v, b.highOffset(simd.columns()) + s / fields * 4 * simd.columns(), 4);
    a.op(VMOVUPS, t, from);
    if (shift > 0) {
      a.op(VPSRLD, t, t, shift);
    } else if (shift < 0) {
      a.op(VPSLLD, t, t, -shift);
    }
    a.op(VPAND, t, t, highMask());
  }
}
