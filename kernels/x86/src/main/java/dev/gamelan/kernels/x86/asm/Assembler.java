package dev.gamelan.kernels.x86.asm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes machine code, an instruction a call, and remembers what it wrote. Operands stand in the
 * order of Intel's syntax: the destination first. Instructions on general-purpose registers work on
 * 64 bits.
 *
 * <p>An instruction that can't be encoded is an {@link IllegalArgumentException}.
 */
public final class Assembler {
  /** What an instruction's line says, put into words only when somebody reads the listing. */
  private record Line(int from, int to, String name, Object[] operands, Optional<Label> target) {
    String text() {
      StringBuilder text = new StringBuilder(name);
      String before = " ";
      for (Object operand : operands) {
        text.append(before).append(operand);
        before = ",";
      }
      target.ifPresent(t -> text.append(' ').append(hex(t.position())));
      return text.toString();
    }
  }

  private record Sized(String size, Mem mem) {
    @Override
    public String toString() {
      return size + " " + mem;
    }
  }

  private record Masked(Object operand, Mask mask) {
    @Override
    public String toString() {
      return operand.toString() + mask;
    }
  }

  private record Lower(Gpr register) {
    @Override
    public String toString() {
      return register.lower();
    }
  }

  private record Tile(int number) {
    @Override
    public String toString() {
      return "tmm" + number;
    }
  }

  private record Hex(long value) {
    @Override
    public String toString() {
      return hex(value);
    }
  }

  private final Code code = new Code();
  private final VectorEncoding vectors = new VectorEncoding(code);
  private final List<Line> lines = new ArrayList<>();
  private final List<Label> labels = new ArrayList<>();
  private int begin;

  // ---- jumps

  /** The label stands here. */
  public Assembler bind(Label label) {
    label.bind(code.size());
    labels.add(label);
    for (int at : label.patches()) {
      code.patch32(at, code.size() - at - 4);
    }
    return this;
  }

  /** A new label that stands here. */
  public Label here() {
    Label label = new Label();
    bind(label);
    return label;
  }

  public Assembler jmp(Label to) {
    begin();
    code.put(0xE9);
    distance(to);
    return jumps("jmp", to);
  }

  public Assembler jump(Condition when, Label to) {
    begin();
    code.put(0x0F).put(0x80 | when.code);
    distance(to);
    return jumps(when.text(), to);
  }

  private void distance(Label to) {
    if (to.isBound()) {
      code.put32(to.position() - code.size() - 4);
    } else {
      to.patches().add(code.size());
      code.put32(0);
      if (!labels.contains(to)) {
        labels.add(to);
      }
    }
  }

  // ---- general-purpose registers

  public Assembler mov(Gpr to, Gpr from) {
    return registers(0x8B, to, from, "mov");
  }

  public Assembler mov(Gpr to, Mem from) {
    return memory(0x8B, to, from, "mov", to, quad(from));
  }

  public Assembler mov(Mem to, Gpr from) {
    return memory(0x89, from, to, "mov", quad(to), from);
  }

  /** The lower 32 bits; the upper ones become 0. */
  public Assembler mov32(Gpr to, Mem from) {
    begin();
    plainRex(to.number(), from);
    code.put(0x8B);
    code.memory(to.number(), from, 1);
    return end("mov", new Lower(to), new Sized("DWORD PTR", from));
  }

  public Assembler mov32(Mem to, Gpr from) {
    begin();
    plainRex(from.number(), to);
    code.put(0x89);
    code.memory(from.number(), to, 1);
    return end("mov", new Sized("DWORD PTR", to), new Lower(from));
  }

  public Assembler mov(Gpr to, long value) {
    begin();
    code.put(0x48 | to.number() >> 3);
    if (value == (int) value) {
      code.put(0xC7).put(0xC0 | to.number() & 7).put32((int) value);
      return end("mov", to, new Hex(value));
    }
    code.put(0xB8 | to.number() & 7).put64(value);
    return end("movabs", to, new Hex(value));
  }

  public Assembler lea(Gpr to, Mem from) {
    return memory(0x8D, to, from, "lea", to, from);
  }

  public Assembler add(Gpr to, Gpr from) {
    return registers(0x03, to, from, "add");
  }

  public Assembler add(Gpr to, Mem from) {
    return memory(0x03, to, from, "add", to, quad(from));
  }

  public Assembler add(Gpr to, int value) {
    return immediate(0, to, value, "add");
  }

  public Assembler sub(Gpr to, Gpr from) {
    return registers(0x2B, to, from, "sub");
  }

  public Assembler sub(Gpr to, Mem from) {
    return memory(0x2B, to, from, "sub", to, quad(from));
  }

  public Assembler sub(Gpr to, int value) {
    return immediate(5, to, value, "sub");
  }

  public Assembler and(Gpr to, int value) {
    return immediate(4, to, value, "and");
  }

  public Assembler xor(Gpr to, Gpr from) {
    return registers(0x33, to, from, "xor");
  }

  public Assembler cmp(Gpr a, Gpr b) {
    return registers(0x3B, a, b, "cmp");
  }

  public Assembler cmp(Gpr a, Mem b) {
    return memory(0x3B, a, b, "cmp", a, quad(b));
  }

  public Assembler cmp(Gpr a, int value) {
    return immediate(7, a, value, "cmp");
  }

  public Assembler test(Gpr a, Gpr b) {
    begin();
    code.put(0x48 | b.number() >> 3 << 2 | a.number() >> 3).put(0x85);
    code.registers(b.number(), a.number());
    return end("test", a, b);
  }

  public Assembler imul(Gpr to, Gpr by) {
    begin();
    code.put(rexW(to.number(), by.number())).put(0x0F).put(0xAF);
    code.registers(to.number(), by.number());
    return end("imul", to, by);
  }

  public Assembler imul(Gpr to, Gpr from, int by) {
    begin();
    code.put(rexW(to.number(), from.number()));
    boolean small = by == (byte) by;
    code.put(small ? 0x6B : 0x69);
    code.registers(to.number(), from.number());
    if (small) {
      code.put(by);
    } else {
      code.put32(by);
    }
    return end("imul", to, from, new Hex(by));
  }

  public Assembler shl(Gpr to, int bits) {
    return shift(4, to, bits, "shl");
  }

  public Assembler shr(Gpr to, int bits) {
    return shift(5, to, bits, "shr");
  }

  public Assembler sar(Gpr to, int bits) {
    return shift(7, to, bits, "sar");
  }

  public Assembler push(Gpr from) {
    return short1(0x50, from, "push");
  }

  public Assembler pop(Gpr to) {
    return short1(0x58, to, "pop");
  }

  public Assembler ret() {
    return bytes("ret", 0xC3);
  }

  /** What the processor says of leaf eax, subleaf ecx, into eax, ebx, ecx and edx. */
  public Assembler cpuid() {
    return bytes("cpuid", 0x0F, 0xA2);
  }

  /** The extended control register ecx into edx and eax. */
  public Assembler xgetbv() {
    return bytes("xgetbv", 0x0F, 0x01, 0xD0);
  }

  /** Asks for the line in all levels of cache. */
  public Assembler prefetch(Mem at) {
    begin();
    plainRex(1, at);
    code.put(0x0F).put(0x18);
    code.memory(1, at, 1);
    return end("prefetcht0", new Sized("BYTE PTR", at));
  }

  private Assembler registers(int opcode, Gpr to, Gpr from, String name) {
    begin();
    code.put(rexW(to.number(), from.number())).put(opcode);
    code.registers(to.number(), from.number());
    return end(name, to, from);
  }

  private Assembler memory(int opcode, Gpr register, Mem mem, String name, Object... operands) {
    begin();
    int x = mem.index().map(i -> i.number() >> 3).orElse(0);
    code.put(rexW(register.number(), mem.base().number()) | x << 1).put(opcode);
    code.memory(register.number(), mem, 1);
    return end(name, operands);
  }

  private Assembler immediate(int extension, Gpr to, int value, String name) {
    begin();
    code.put(0x48 | to.number() >> 3);
    boolean small = value == (byte) value;
    code.put(small ? 0x83 : 0x81);
    code.registers(extension, to.number());
    if (small) {
      code.put(value);
    } else {
      code.put32(value);
    }
    return end(name, to, new Hex(value));
  }

  private Assembler shift(int extension, Gpr to, int bits, String name) {
    begin();
    code.put(0x48 | to.number() >> 3).put(0xC1);
    code.registers(extension, to.number());
    code.put(bits);
    return end(name, to, new Hex(bits));
  }

  private Assembler short1(int opcode, Gpr register, String name) {
    begin();
    if (register.number() > 7) {
      code.put(0x41);
    }
    code.put(opcode | register.number() & 7);
    return end(name, register);
  }

  private static int rexW(int reg, int rm) {
    return 0x48 | reg >> 3 << 2 | rm >> 3;
  }

  private void plainRex(int reg, Mem mem) {
    int x = mem.index().map(i -> i.number() >> 3).orElse(0);
    int rex = 0x40 | reg >> 3 << 2 | x << 1 | mem.base().number() >> 3;
    if (rex != 0x40) {
      code.put(rex);
    }
  }

  // ---- vectors

  public Assembler op(Op op, Vec to, Vec a, Vec b) {
    return op(op, to, a, b, Mask.NONE);
  }

  public Assembler op(Op op, Vec to, Vec a, Vec b, Mask mask) {
    require(op, Op.Form.RVM);
    begin();
    boolean evex = VectorEncoding.needsEvex(op, mask, false, to, a, b);
    vectors.registers(op, evex, to.bits(), mask, to.number(), a.number(), b.number());
    return end(op.text(evex), new Masked(to, mask), a, b);
  }

  public Assembler op(Op op, Vec to, Vec a, Mem b) {
    return op(op, to, a, b, Mask.NONE);
  }

  public Assembler op(Op op, Vec to, Vec a, Mem b, Mask mask) {
    require(op, Op.Form.RVM);
    begin();
    boolean evex = VectorEncoding.needsEvex(op, mask, b.broadcast(), to, a);
    vectors.memory(op, evex, to.bits(), mask, to.number(), a.number(), b);
    return end(op.text(evex), new Masked(to, mask), a, sized(op, to, b));
  }

  public Assembler op(Op op, Vec to, Vec from) {
    require(op, Op.Form.RM);
    begin();
    Vec source = from.as(op.sourceBits(to.bits()));
    boolean evex = VectorEncoding.needsEvex(op, Mask.NONE, false, to, source);
    vectors.registers(op, evex, to.bits(), Mask.NONE, to.number(), 0, from.number());
    return end(op.text(evex), to, source);
  }

  public Assembler op(Op op, Vec to, Mem from) {
    return op(op, to, from, Mask.NONE);
  }

  public Assembler op(Op op, Vec to, Mem from, Mask mask) {
    require(op, Op.Form.RM);
    begin();
    boolean evex = VectorEncoding.needsEvex(op, mask, from.broadcast(), to);
    vectors.memory(op, evex, to.bits(), mask, to.number(), 0, from);
    return end(op.text(evex), new Masked(to, mask), sized(op, to, from));
  }

  /** A store. */
  public Assembler op(Op op, Mem to, Vec from) {
    return op(op, to, from, Mask.NONE);
  }

  /** A store of some lanes. */
  public Assembler op(Op op, Mem to, Vec from, Mask mask) {
    require(op, Op.Form.MR);
    begin();
    boolean evex = VectorEncoding.needsEvex(op, mask, false, from);
    vectors.memory(op, evex, from.bits(), mask, from.number(), 0, to);
    return end(op.text(evex), new Masked(sized(op, from, to), mask), from);
  }

  /** A store of the lanes whose sign bit is set in {@code lanes}. */
  public Assembler op(Op op, Mem to, Vec lanes, Vec from) {
    require(op, Op.Form.MVR);
    begin();
    boolean evex = VectorEncoding.needsEvex(op, Mask.NONE, false, lanes, from);
    vectors.memory(op, evex, from.bits(), Mask.NONE, from.number(), lanes.number(), to);
    return end(op.text(evex), sized(op, from, to), lanes, from);
  }

  /** A shift by an immediate. */
  public Assembler op(Op op, Vec to, Vec from, int bits) {
    require(op, Op.Form.VMI);
    begin();
    boolean evex = VectorEncoding.needsEvex(op, Mask.NONE, false, to, from);
    vectors.registers(op, evex, to.bits(), Mask.NONE, op.extension, to.number(), from.number());
    code.put(bits);
    return end(op.text(evex), to, from, new Hex(bits));
  }

  /** A shift by an immediate of what lies in memory: EVEX only. */
  public Assembler op(Op op, Vec to, Mem from, int bits) {
    require(op, Op.Form.VMI);
    begin();
    vectors.memory(op, true, to.bits(), Mask.NONE, op.extension, to.number(), from);
    code.put(bits);
    return end(op.text(true), to, sized(op, to, from), new Hex(bits));
  }

  public Assembler vzeroupper() {
    return bytes("vzeroupper", 0xC5, 0xF8, 0x77);
  }

  /** Sets a mask register to the lower 16 bits. */
  public Assembler kmovw(int mask, Gpr from) {
    begin();
    vectors.vexPrefix(1, 0, false, mask, 0, from.number() >> 3, 0);
    code.put(0x92);
    code.registers(mask, from.number());
    return end("kmovw", "k" + mask, new Lower(from));
  }

  private static void require(Op op, Op.Form form) {
    if (op.form != form) {
      throw new IllegalArgumentException(op + " takes operands as " + op.form + ", not as " + form);
    }
  }

  private static Sized quad(Mem mem) {
    return new Sized("QWORD PTR", mem);
  }

  private static Sized sized(Op op, Vec register, Mem mem) {
    if (mem.broadcast()) {
      return new Sized("DWORD BCST", mem);
    }
    String size =
        switch (op.memoryBytes(register.bytes())) {
          case 64 -> "ZMMWORD PTR";
          case 32 -> "YMMWORD PTR";
          case 16 -> "XMMWORD PTR";
          case 8 -> "QWORD PTR";
          case 4 -> "DWORD PTR";
          default -> "? PTR";
        };
    return new Sized(size, mem);
  }

  // ---- tiles

  public Assembler ldtilecfg(Mem from) {
    begin();
    tileMemory(0, 0x49, 0, from);
    return end("ldtilecfg", from);
  }

  public Assembler tilerelease() {
    return bytes("tilerelease", 0xC4, 0xE2, 0x78, 0x49, 0xC0);
  }

  public Assembler tilezero(int tile) {
    begin();
    vectors.vexPrefix(2, 3, false, tile, 0, 0, 0);
    code.put(0x49);
    code.registers(tile, 0);
    return end("tilezero", new Tile(tile));
  }

  /** Rows from a base, an index register apart. */
  public Assembler tileloadd(int tile, Mem from) {
    begin();
    tileMemory(3, 0x4B, tile, from);
    return end("tileloadd", new Tile(tile), from);
  }

  public Assembler tilestored(Mem to, int tile) {
    begin();
    tileMemory(2, 0x4B, tile, to);
    return end("tilestored", to, new Tile(tile));
  }

  /** c += a·b, pairs of bf16. */
  public Assembler tdpbf16ps(int c, int a, int b) {
    return tiles("tdpbf16ps", 2, 0x5C, c, a, b);
  }

  /** c += a·b, fours of signed bytes. */
  public Assembler tdpbssd(int c, int a, int b) {
    return tiles("tdpbssd", 3, 0x5E, c, a, b);
  }

  private Assembler tiles(String name, int pp, int opcode, int c, int a, int b) {
    begin();
    vectors.vexPrefix(2, pp, false, c, b, 0, 0);
    code.put(opcode);
    code.registers(c, a);
    return end(name, new Tile(c), new Tile(a), new Tile(b));
  }

  private void tileMemory(int pp, int opcode, int tile, Mem mem) {
    int x = mem.index().map(i -> i.number() >> 3).orElse(0);
    vectors.vexPrefix(2, pp, false, tile, 0, mem.base().number() >> 3, x);
    code.put(opcode);
    code.memory(tile, mem, 1);
  }

  // ---- the result

  private void begin() {
    begin = code.size();
  }

  private Assembler bytes(String text, int... values) {
    begin();
    for (int value : values) {
      code.put(value);
    }
    return end(text);
  }

  private Assembler end(String name, Object... operands) {
    lines.add(new Line(begin, code.size(), name, operands, Optional.empty()));
    return this;
  }

  private Assembler jumps(String name, Label to) {
    lines.add(new Line(begin, code.size(), name, new Object[0], Optional.of(to)));
    return this;
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  /** Fills up to a multiple with instructions that do nothing: where loops begin. */
  public Assembler align(int multiple) {
    while (code.size() % multiple != 0) {
      bytes("nop", 0x90);
    }
    return this;
  }

  /**
   * The machine code.
   *
   * @throws IllegalStateException if a jump goes to a label that was never bound
   */
  public byte[] toBytes() {
    for (Label label : labels) {
      if (!label.isBound()) {
        throw new IllegalStateException("assembler: a jump goes to a label that is bound nowhere");
      }
    }
    return code.toBytes();
  }

  /** A line an instruction, as disassemblers in Intel's syntax write it. */
  public List<String> listing() {
    return lines.stream().map(Line::text).toList();
  }

  /** The listing with positions and bytes, for reading. */
  public String dump() {
    StringBuilder text = new StringBuilder();
    List<String> listing = listing();
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      text.append(
          "%5x  %-34s %s%n"
              .formatted(line.from(), code.hex(line.from(), line.to()), listing.get(i)));
    }
    return text.toString();
  }
}
