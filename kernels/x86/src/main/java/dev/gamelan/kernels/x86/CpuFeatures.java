package dev.gamelan.kernels.x86;

import static dev.gamelan.kernels.x86.asm.Gpr.R8;
import static dev.gamelan.kernels.x86.asm.Gpr.RAX;
import static dev.gamelan.kernels.x86.asm.Gpr.RBX;
import static dev.gamelan.kernels.x86.asm.Gpr.RCX;
import static dev.gamelan.kernels.x86.asm.Gpr.RDI;
import static dev.gamelan.kernels.x86.asm.Gpr.RDX;
import static dev.gamelan.kernels.x86.asm.Gpr.RSI;

import dev.gamelan.kernels.x86.asm.Assembler;
import dev.gamelan.kernels.x86.asm.Mem;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the processor offers and the system has enabled, asked of the processor itself (CPUID,
 * XGETBV).
 *
 * @param brand as the processor calls itself
 * @param has the features that kernels here know of
 */
public record CpuFeatures(String brand, Set<Feature> has) {
  /** A feature with the name by which people know it. */
  public enum Feature {
    AVX2("AVX2"),
    FMA("FMA"),
    F16C("F16C"),
    AVX_VNNI("AVX-VNNI"),
    /** F, BW, DQ and VL. */
    AVX512("AVX-512"),
    AVX512_VNNI("AVX512-VNNI"),
    AVX512_BF16("AVX512-BF16"),
    AMX_BF16("AMX-BF16"),
    AMX_INT8("AMX-INT8");

    private final String text;

    Feature(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  public CpuFeatures {
    has = Set.copyOf(has);
  }

  /** The features by name, in their order. */
  public String list() {
    return has.stream().sorted().map(Feature::toString).collect(Collectors.joining(", "));
  }

  /** void f(long leaf, long subleaf, int[4] to): eax, ebx, ecx, edx. */
  private static byte[] question() {
    return new Assembler()
        .push(RBX)
        .mov(RAX, RDI)
        .mov(RCX, RSI)
        .mov(R8, RDX)
        .cpuid()
        .mov32(Mem.at(R8), RAX)
        .mov32(Mem.at(R8, 4), RBX)
        .mov32(Mem.at(R8, 8), RCX)
        .mov32(Mem.at(R8, 12), RDX)
        .pop(RBX)
        .ret()
        .toBytes();
  }

  /** long f(): the register states that the system saves (XCR0, lower half). */
  private static byte[] states() {
    return new Assembler().xor(RCX, RCX).xgetbv().ret().toBytes();
  }

  /**
   * Asks the processor.
   *
   * @throws CodeMemory.RefusedException if the question can't be put for lack of executable memory
   */
  @SuppressWarnings("restricted")
  static CpuFeatures detect(CodeMemory memory) throws CodeMemory.RefusedException {
    MemorySegment question = memory.place(question());
    MemorySegment states = memory.place(states());
    Linker linker = Linker.nativeLinker();
    MethodHandle ask =
        linker.downcallHandle(
            question,
            FunctionDescriptor.ofVoid(
                ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
    MethodHandle saved =
        linker.downcallHandle(states, FunctionDescriptor.of(ValueLayout.JAVA_LONG));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment answer = arena.allocate(16, 4);
      return new Questions(ask, saved, answer).answers();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("cpuid: the call failed", e);
    }
  }

  private record Questions(MethodHandle ask, MethodHandle saved, MemorySegment answer) {
    private int[] leaf(long leaf, long subleaf) throws Throwable {
      ask.invoke(leaf, subleaf, answer);
      return answer.toArray(ValueLayout.JAVA_INT);
    }

    CpuFeatures answers() throws Throwable {
      Set<Feature> has = EnumSet.noneOf(Feature.class);
      int last = leaf(0, 0)[0];
      int[] one = leaf(1, 0);
      boolean xsave = bit(one[2], 27);
      long states = xsave ? (long) saved.invoke() & 0xFFFF_FFFFL : 0;
      boolean ymm = (states & 6) == 6;
      boolean zmm = (states & 0xE6) == 0xE6;
      boolean tiles = (states & 0x60000) == 0x60000;
      int[] seven = last >= 7 ? leaf(7, 0) : new int[4];
      int[] sevenOne = last >= 7 && seven[0] >= 1 ? leaf(7, 1) : new int[4];
      put(has, Feature.FMA, ymm && bit(one[2], 12));
      put(has, Feature.F16C, ymm && bit(one[2], 29));
      put(has, Feature.AVX2, ymm && bit(seven[1], 5));
      put(has, Feature.AVX_VNNI, ymm && bit(sevenOne[0], 4));
      boolean avx512 =
          zmm && bit(seven[1], 16) && bit(seven[1], 17) && bit(seven[1], 30) && bit(seven[1], 31);
      put(has, Feature.AVX512, avx512);
      put(has, Feature.AVX512_VNNI, avx512 && bit(seven[2], 11));
      put(has, Feature.AVX512_BF16, avx512 && bit(sevenOne[0], 5));
      put(has, Feature.AMX_BF16, tiles && bit(seven[3], 24) && bit(seven[3], 22));
      put(has, Feature.AMX_INT8, tiles && bit(seven[3], 24) && bit(seven[3], 25));
      return new CpuFeatures(brand(), has);
    }

    private String brand() throws Throwable {
      if (Integer.compareUnsigned(leaf(0x8000_0000L, 0)[0], 0x8000_0004) < 0) {
        return "x86-64";
      }
      byte[] text = new byte[48];
      for (int i = 0; i < 3; i++) {
        leaf(0x8000_0002L + i, 0);
        MemorySegment.copy(answer, ValueLayout.JAVA_BYTE, 0, text, 16 * i, 16);
      }
      return new String(text, StandardCharsets.US_ASCII).replace("\0", "").strip();
    }

    private static boolean bit(int word, int i) {
      return (word >>> i & 1) != 0;
    }

    private static void put(Set<Feature> has, Feature feature, boolean there) {
      if (there) {
        has.add(feature);
      }
    }
  }
}
