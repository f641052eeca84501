package dev.gamelan.kernels.vector;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Memory between two pages that may not be touched: a stray access ends the JVM, and with it the
 * test run, naming the kernel in the crash report.
 */
final class GuardedMemory implements AutoCloseable {
  private static final long PAGE = 4096;
  private static final int READ_WRITE = 3;
  private static final int PRIVATE_ANONYMOUS = 0x22;

  private static final MethodHandle MMAP =
      function(
          "mmap",
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG));
  private static final MethodHandle MPROTECT =
      function(
          "mprotect",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT));
  private static final MethodHandle MUNMAP =
      function(
          "munmap",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

  private final long start;
  private final long bytes;

  /** Room for at least {@code floats} floats. */
  GuardedMemory(long floats) {
    bytes = Memory.roundUp(Math.max(1, floats * 4), PAGE);
    try {
      start =
          (long) MMAP.invokeExact(0L, bytes + 2 * PAGE, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L)
              + PAGE;
      protect(start - PAGE);
      protect(start + bytes);
    } catch (Throwable t) {
      throw new IllegalStateException("mmap of guarded memory failed", t);
    }
  }

  static boolean isPossible() {
    return System.getProperty("os.name").equals("Linux");
  }

  /** The address of {@code floats} floats that begin where the memory begins. */
  long first() {
    return start;
  }

  /** The address of {@code floats} floats that end where the memory ends. */
  long last(long floats) {
    return start + bytes - floats * 4;
  }

  @Override
  public void close() {
    try {
      int result = (int) MUNMAP.invokeExact(start - PAGE, bytes + 2 * PAGE);
      if (result != 0) {
        throw new IllegalStateException("munmap failed");
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  private static void protect(long page) throws Throwable {
    int result = (int) MPROTECT.invokeExact(page, PAGE, 0);
    if (result != 0) {
      throw new IllegalStateException("mprotect failed");
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle function(String name, FunctionDescriptor type) {
    MemorySegment symbol = Linker.nativeLinker().defaultLookup().findOrThrow(name);
    return Linker.nativeLinker().downcallHandle(symbol, type);
  }
}
