package dev.gamelan.kernels.x86.asm;

import java.util.Locale;

/** The vector instructions, by their encoding. */
public enum Op {
  VMOVUPS(Form.RM, Pp.NONE, Map.M0F, 0x10, Vex.BOTH, Reach.FULL),
  VMOVUPS_STORE(Form.MR, Pp.NONE, Map.M0F, 0x11, Vex.BOTH, Reach.FULL),
  VMASKMOVPS(Form.RVM, Pp.P66, Map.M0F38, 0x2C, Vex.ONLY, Reach.FULL),
  VMASKMOVPS_STORE(Form.MVR, Pp.P66, Map.M0F38, 0x2E, Vex.ONLY, Reach.FULL),
  VBROADCASTSS(Form.RM, Pp.P66, Map.M0F38, 0x18, Vex.BOTH, Reach.SCALAR),
  VPBROADCASTD(Form.RM, Pp.P66, Map.M0F38, 0x58, Vex.BOTH, Reach.SCALAR),
  VADDPS(Form.RVM, Pp.NONE, Map.M0F, 0x58, Vex.BOTH, Reach.FULL),
  VSUBPS(Form.RVM, Pp.NONE, Map.M0F, 0x5C, Vex.BOTH, Reach.FULL),
  VMULPS(Form.RVM, Pp.NONE, Map.M0F, 0x59, Vex.BOTH, Reach.FULL),
  VFMADD132PS(Form.RVM, Pp.P66, Map.M0F38, 0x98, Vex.BOTH, Reach.FULL),
  VFMADD213PS(Form.RVM, Pp.P66, Map.M0F38, 0xA8, Vex.BOTH, Reach.FULL),
  VFMADD231PS(Form.RVM, Pp.P66, Map.M0F38, 0xB8, Vex.BOTH, Reach.FULL),
  VPAND(Form.RVM, Pp.P66, Map.M0F, 0xDB, Vex.SUFFIXED, Reach.FULL),
  VPOR(Form.RVM, Pp.P66, Map.M0F, 0xEB, Vex.SUFFIXED, Reach.FULL),
  VPXOR(Form.RVM, Pp.P66, Map.M0F, 0xEF, Vex.SUFFIXED, Reach.FULL),
  VPADDD(Form.RVM, Pp.P66, Map.M0F, 0xFE, Vex.BOTH, Reach.FULL),
  VPMADDWD(Form.RVM, Pp.P66, Map.M0F, 0xF5, Vex.BOTH, Reach.FULL),
  VPSRLD(Form.VMI, Pp.P66, Map.M0F, 0x72, 2, Vex.BOTH, Reach.FULL),
  VPSRAD(Form.VMI, Pp.P66, Map.M0F, 0x72, 4, Vex.BOTH, Reach.FULL),
  VPSLLD(Form.VMI, Pp.P66, Map.M0F, 0x72, 6, Vex.BOTH, Reach.FULL),
  VCVTDQ2PS(Form.RM, Pp.NONE, Map.M0F, 0x5B, Vex.BOTH, Reach.FULL),
  VCVTPH2PS(Form.RM, Pp.P66, Map.M0F38, 0x13, Vex.BOTH, Reach.HALF),
  VPMOVZXBD(Form.RM, Pp.P66, Map.M0F38, 0x31, Vex.BOTH, Reach.QUARTER),
  VPMOVSXBD(Form.RM, Pp.P66, Map.M0F38, 0x21, Vex.BOTH, Reach.QUARTER),
  VPMOVZXWD(Form.RM, Pp.P66, Map.M0F38, 0x33, Vex.BOTH, Reach.HALF),
  VPMOVSXWD(Form.RM, Pp.P66, Map.M0F38, 0x23, Vex.BOTH, Reach.HALF),
  VPDPBUSD(Form.RVM, Pp.P66, Map.M0F38, 0x50, Vex.NEVER, Reach.FULL),
  VPDPWSSD(Form.RVM, Pp.P66, Map.M0F38, 0x52, Vex.NEVER, Reach.FULL),
  VDPBF16PS(Form.RVM, Pp.PF3, Map.M0F38, 0x52, Vex.NEVER, Reach.FULL),
  VCVTNE2PS2BF16(Form.RVM, Pp.PF2, Map.M0F38, 0x72, Vex.NEVER, Reach.FULL);

  /** Which operand goes where. */
  enum Form {
    /** destination, source. */
    RM,
    /** place, register. */
    MR,
    /** destination, first source, second source. */
    RVM,
    /** place, mask register, register. */
    MVR,
    /** destination, source, immediate. */
    VMI
  }

  /** The legacy prefix that the encoding implies. */
  enum Pp {
    NONE,
    P66,
    PF3,
    PF2
  }

  /** The opcode map. */
  enum Map {
    M0F(1),
    M0F38(2),
    M0F3A(3);

    final int number;

    Map(int number) {
      this.number = number;
    }
  }

  /** Which of the two encodings exist. */
  enum Vex {
    BOTH,
    /** Both, and EVEX's name has the size of the elements at its end. */
    SUFFIXED,
    ONLY,
    NEVER
  }

  /** How much memory an operand covers, which is also the unit of EVEX's short displacements. */
  enum Reach {
    FULL,
    HALF,
    QUARTER,
    SCALAR
  }

  final Form form;
  final Pp pp;
  final Map map;
  final int code;
  final int extension;
  final Vex vex;
  private final Reach reach;

  Op(Form form, Pp pp, Map map, int code, Vex vex, Reach reach) {
    this(form, pp, map, code, 0, vex, reach);
  }

  Op(Form form, Pp pp, Map map, int code, int extension, Vex vex, Reach reach) {
    this.form = form;
    this.pp = pp;
    this.map = map;
    this.code = code;
    this.extension = extension;
    this.vex = vex;
    this.reach = reach;
  }

  /** Bytes of memory that an operand of an instruction on vectors of so many bytes covers. */
  int memoryBytes(int vectorBytes) {
    return switch (reach) {
      case FULL -> vectorBytes;
      case HALF -> vectorBytes / 2;
      case QUARTER -> vectorBytes / 4;
      case SCALAR -> 4;
    };
  }

  /** Bits of a register in the place of the memory operand. */
  int sourceBits(int vectorBits) {
    return reach == Reach.SCALAR ? 128 : Math.max(128, 8 * memoryBytes(vectorBits / 8));
  }

  String text(boolean evex) {
    String name = name().toLowerCase(Locale.ROOT).replace("_store", "");
    return evex && vex == Vex.SUFFIXED ? name + "d" : name;
  }
}
