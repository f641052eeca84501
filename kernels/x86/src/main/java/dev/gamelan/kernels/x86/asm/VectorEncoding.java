package dev.gamelan.kernels.x86.asm;

/** The VEX and EVEX prefixes of vector instructions (SDM volume 2, 2.3 and 2.7). */
final class VectorEncoding {
  private final Code code;

  VectorEncoding(Code code) {
    this.code = code;
  }

  static boolean needsEvex(Op op, Mask mask, boolean broadcast, Vec... registers) {
    boolean evex = op.vex == Op.Vex.NEVER || mask.number() != 0 || broadcast;
    for (Vec register : registers) {
      evex |= register.needsEvex();
    }
    if (evex && op.vex == Op.Vex.ONLY) {
      throw new IllegalArgumentException(
          op + " has no EVEX form: no mask, no broadcast, no register above 15");
    }
    return evex;
  }

  /**
   * @param reg what ModRM's reg field names
   * @param vvvv the other source, or 0
   */
  void registers(Op op, boolean evex, int bits, Mask mask, int reg, int vvvv, int rm) {
    if (evex) {
      evexPrefix(op, bits, mask, false, reg, vvvv, rm >> 3 & 1, rm >> 4 & 1);
    } else {
      vexPrefix(op.map.number, op.pp.ordinal(), bits == 256, reg, vvvv, rm >> 3 & 1, 0);
    }
    code.put(op.code);
    code.registers(reg, rm);
  }

  void memory(Op op, boolean evex, int bits, Mask mask, int reg, int vvvv, Mem mem) {
    int b = mem.base().number() >> 3;
    int x = mem.index().map(i -> i.number() >> 3).orElse(0);
    if (evex) {
      evexPrefix(op, bits, mask, mem.broadcast(), reg, vvvv, b, x);
    } else {
      vexPrefix(op.map.number, op.pp.ordinal(), bits == 256, reg, vvvv, b, x);
    }
    code.put(op.code);
    int unit = !evex ? 1 : mem.broadcast() ? 4 : op.memoryBytes(bits / 8);
    code.memory(reg, mem, unit);
  }

  void vexPrefix(int map, int pp, boolean wide, int reg, int vvvv, int b, int x) {
    int tail = (~vvvv & 0xF) << 3 | (wide ? 4 : 0) | pp;
    int r = reg >> 3 & 1;
    if (b == 0 && x == 0 && map == 1) {
      code.put(0xC5).put((r ^ 1) << 7 | tail);
    } else {
      code.put(0xC4).put((r ^ 1) << 7 | (x ^ 1) << 6 | (b ^ 1) << 5 | map).put(tail);
    }
  }

  private void evexPrefix(
      Op op, int bits, Mask mask, boolean broadcast, int reg, int vvvv, int b, int x) {
    int r = reg >> 3 & 1;
    int rHigh = reg >> 4 & 1;
    int length = bits == 512 ? 2 : bits == 256 ? 1 : 0;
    code.put(0x62)
        .put((r ^ 1) << 7 | (x ^ 1) << 6 | (b ^ 1) << 5 | (rHigh ^ 1) << 4 | op.map.number)
        .put((~vvvv & 0xF) << 3 | 4 | op.pp.ordinal())
        .put(
            (mask.zeroing() ? 0x80 : 0)
                | length << 5
                | (broadcast ? 0x10 : 0)
                | (vvvv >> 4 & 1 ^ 1) << 3
                | mask.number());
  }
}
