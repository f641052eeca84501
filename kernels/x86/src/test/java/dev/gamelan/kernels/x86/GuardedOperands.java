package dev.gamelan.kernels.x86;

import dev.gamelan.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Runs every kernel with operands that begin and end at pages that can't be touched. The main class
 * of a process of its own, since a stray access ends it.
 */
final class GuardedOperands {
  private GuardedOperands() {}

  public static void main(String[] arguments) throws Throwable {
    Simd simd = Simd.valueOf(arguments[0]);
    CodeMemory memory = new CodeMemory();
    for (boolean atEnd : new boolean[] {false, true}) {
      panels(simd, new NativePanels(memory.place(PanelCode.emit(simd).toBytes())), atEnd);
      compact(simd, new NativeCompact(memory, simd), atEnd);
    }
    System.out.println("untouched");
  }

  private static void panels(Simd simd, NativePanels kernel, boolean atEnd) throws Throwable {
    int columns = simd.columns();
    GuardedMemory a = new GuardedMemory(64 * 64 * 4);
    GuardedMemory b = new GuardedMemory(64 * 64 * 4 * 8);
    GuardedMemory out = new GuardedMemory(64 * 64 * 4 * 8);
    for (int m = 1; m <= 2 * simd.rows() + 1; m++) {
      for (int panels = 1; panels <= 5; panels++) {
        for (int k : new int[] {0, 1, 3, 4, 7}) {
          long row = 4L * columns * panels;
          long at = a.place(atEnd, 4L * m * k);
          long bAt = b.place(atEnd, row * k);
          long outAt = out.place(atEnd, row * m);
          long p = 4L * columns;
          // A by rows and by columns; B's panels side by side, in place.
          kernel.run(m, panels, k, at, 4L * k, 4, bAt, row, p, outAt, row, p, outAt, row, p);
          kernel.run(m, panels, k, at, 4, 4L * m, bAt, row, p, outAt, row, p, outAt, row, p);
        }
      }
    }
  }

  private static void compact(Simd simd, NativeCompact kernels, boolean atEnd) throws Throwable {
    int columns = simd.columns();
    int k = 512;
    for (DType dtype : DType.values()) {
      if (!kernels.takes(dtype)) {
        continue;
      }
      // 16-bit weights may have any length.
      int steps = dtype.isQuantized() ? k : k - 11;
      long panel = kernels.panelBytes(dtype, steps);
      for (int panels = 1; panels <= 3; panels++) {
        long row = dtype.bytes(steps);
        GuardedMemory source = new GuardedMemory(row * columns);
        GuardedMemory packed = new GuardedMemory(panel * panels);
        // The same for every column; without their upper bits, exponents are those of numbers.
        MemorySegment rows = source.bytes(atEnd, row * columns);
        for (long i = 0; i < row * columns; i++) {
          rows.set(ValueLayout.JAVA_BYTE, i, (byte) (i % row * 29 & 0x2F));
        }
        long to = packed.place(atEnd, panel * panels);
        for (int p = 0; p < panels; p++) {
          kernels.pack(
              dtype,
              columns,
              steps,
              rows.address(),
              row,
              dtype.isQuantized() ? 0 : 2,
              to + p * panel);
        }
        long p = 4L * columns;
        for (int m = 1; m <= kernels.directRows(dtype); m++) {
          GuardedMemory x = new GuardedMemory(4L * m * steps);
          GuardedMemory out = new GuardedMemory(p * panels * m);
          long xAt = x.place(atEnd, 4L * m * steps);
          long outAt = out.place(atEnd, p * panels * m);
          kernels.direct(dtype, m, panels, steps, xAt, 4L * steps, to, panel, outAt, p * panels, p);
        }
        GuardedMemory floats = new GuardedMemory(p * steps);
        MemorySegment all = floats.bytes(atEnd, p * steps);
        kernels.unpack(dtype, to, 0, steps, all.address());
        if (all.mismatch(MemorySegment.ofArray(new byte[(int) all.byteSize()])) < 0) {
          throw new IllegalStateException(dtype + " unpacks to nothing but zeros");
        }
      }
    }
  }
}
