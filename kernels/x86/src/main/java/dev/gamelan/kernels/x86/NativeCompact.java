package dev.gamelan.kernels.x86;

import dev.gamelan.kernels.vector.CompactKernels;
import dev.gamelan.kernels.x86.NativePanels.Calls;
import dev.gamelan.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Compact weights in machine code, emitted for a type when the first weight of it is packed. */
final class NativeCompact implements CompactKernels {
  private record Functions(List<MemorySegment> direct, MemorySegment unpack) {}

  private static final MethodHandle DIRECT = Calls.longs(9);
  private static final MethodHandle UNPACK = Calls.longs(3);
  private static final int ALIGNMENT = 64;

  private final CodeMemory memory;
  private final Simd simd;
  private final CompactPacking packing;
  private final Map<DType, CompactFormat> formats = new EnumMap<>(DType.class);
  private final Map<DType, Functions> functions = new ConcurrentHashMap<>();

  NativeCompact(CodeMemory memory, Simd simd) {
    this.memory = memory;
    this.simd = simd;
    packing = new CompactPacking(simd.columns());
    for (DType dtype : DType.values()) {
      CompactFormat.of(dtype, simd).ifPresent(format -> formats.put(dtype, format));
    }
  }

  private Functions functions(DType dtype) {
    Functions known = functions.get(dtype);
    return known != null ? known : functions.computeIfAbsent(dtype, this::emit);
  }

  private Functions emit(DType dtype) {
    CompactFormat format = formats.get(dtype);
    try {
      List<MemorySegment> direct = new ArrayList<>();
      for (int rows = 1; rows <= format.directRows(); rows++) {
        direct.add(memory.place(DirectCode.emit(simd, format, rows).toBytes()));
      }
      return new Functions(
          List.copyOf(direct), memory.place(UnpackCode.emit(simd, format).toBytes()));
    } catch (CodeMemory.RefusedException e) {
      throw new IllegalStateException("x86: kernels for " + dtype + ": " + e.getMessage(), e);
    }
  }

  @Override
  public boolean takes(DType dtype) {
    return formats.containsKey(dtype);
  }

  @Override
  public long panelBytes(DType dtype, int k) {
    CompactFormat format = formats.get(dtype);
    long bytes = (long) k / format.unit() * format.unitBytes(simd.columns());
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  @Override
  public void pack(DType dtype, int columns, int k, long from, long row, long step, long to) {
    switch (formats.get(dtype)) {
      case CompactFormat.Halves _ -> packing.halves(columns, k, from, row, step, to);
      case CompactFormat.Blocks blocks -> packing.blocks(blocks, dtype, columns, k, from, row, to);
    }
  }

  @Override
  public int directRows(DType dtype) {
    return formats.get(dtype).directRows();
  }

  @Override
  public void direct(
      DType dtype,
      int m,
      int panels,
      int k,
      long x,
      long xRow,
      long weight,
      long weightPanel,
      long out,
      long outRow,
      long outPanel) {
    try {
      DIRECT.invokeExact(
          functions(dtype).direct().get(m - 1),
          (long) panels,
          (long) k / formats.get(dtype).unit(),
          x,
          xRow,
          weight,
          weightPanel,
          out,
          outRow,
          outPanel);
    } catch (Throwable e) {
      throw Calls.failed(e);
    }
  }

  @Override
  public int unit(DType dtype) {
    return formats.get(dtype).unit();
  }

  @Override
  public void unpack(DType dtype, long panel, int first, int steps, long to) {
    CompactFormat format = formats.get(dtype);
    long from = panel + (long) first / format.unit() * format.unitBytes(simd.columns());
    try {
      UNPACK.invokeExact(functions(dtype).unpack(), from, (long) steps / format.unit(), to);
    } catch (Throwable e) {
      throw Calls.failed(e);
    }
  }
}
