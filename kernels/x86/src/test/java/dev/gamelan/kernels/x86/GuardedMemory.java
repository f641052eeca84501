package dev.gamelan.kernels.x86;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Memory between two pages that may not be touched. Never freed: for short processes. */
@SuppressWarnings("restricted")
final class GuardedMemory {
  private static final long PAGE = 4096;
  private static final int READ_WRITE = 3;
  private static final int PRIVATE_ANONYMOUS = 0x22;

  private final long start;
  private final long bytes;

  GuardedMemory(long wanted) throws Throwable {
    Linker linker = Linker.nativeLinker();
    MethodHandle mmap =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mmap"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG));
    MethodHandle mprotect =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mprotect"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));
    bytes = (Math.max(1, wanted) + PAGE - 1) / PAGE * PAGE;
    long whole =
        (long) mmap.invokeExact(0L, bytes + 2 * PAGE, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
    start = whole + PAGE;
    int before = (int) mprotect.invokeExact(whole, PAGE, 0);
    int after = (int) mprotect.invokeExact(start + bytes, PAGE, 0);
    if (before != 0 || after != 0) {
      throw new IllegalStateException("mprotect failed");
    }
  }

  /** The address of so many bytes that begin where the memory begins, or end where it ends. */
  long place(boolean atEnd, long size) {
    return atEnd ? start + bytes - size : start;
  }

  MemorySegment bytes(boolean atEnd, long size) {
    return MemorySegment.ofAddress(place(atEnd, size)).reinterpret(size);
  }
}
