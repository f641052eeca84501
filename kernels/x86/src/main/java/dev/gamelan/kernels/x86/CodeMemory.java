package dev.gamelan.kernels.x86;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Executable memory: written first, then made executable and never writable again. Linux on x86-64.
 */
@SuppressWarnings("restricted")
final class CodeMemory {
  /** The system won't map memory executable; the message says what it said. */
  static final class RefusedException extends Exception {
    RefusedException(String message) {
      super(message);
    }
  }

  private static final int READ = 1;
  private static final int WRITE = 2;
  private static final int EXECUTE = 4;
  private static final int PRIVATE_ANONYMOUS = 0x22;
  private static final long PAGE = 4096;

  private final MethodHandle mmap;
  private final MethodHandle mprotect;
  private final MethodHandle munmap;
  private final VarHandle errno;
  private final MemoryLayout state;

  CodeMemory() {
    Linker linker = Linker.nativeLinker();
    Linker.Option captures = Linker.Option.captureCallState("errno");
    state = Linker.Option.captureStateLayout();
    errno = state.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    mmap =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mmap"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG),
            captures);
    mprotect =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mprotect"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT),
            captures);
    munmap =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("munmap"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
  }

  /**
   * Where the code can be called; it is unmapped when nothing refers to the segment any more.
   *
   * @throws RefusedException if the system refuses
   */
  MemorySegment place(byte[] code) throws RefusedException {
    long bytes = (code.length + PAGE - 1) / PAGE * PAGE;
    try (Arena calls = Arena.ofConfined()) {
      MemorySegment captured = calls.allocate(state);
      long address =
          (long) mmap.invokeExact(captured, 0L, bytes, READ | WRITE, PRIVATE_ANONYMOUS, -1, 0L);
      if (address == -1) {
        throw refused("mmap", captured);
      }
      MemorySegment.copy(
          MemorySegment.ofArray(code),
          0,
          MemorySegment.ofAddress(address).reinterpret(bytes),
          0,
          code.length);
      int changed = (int) mprotect.invokeExact(captured, address, bytes, READ | EXECUTE);
      if (changed != 0) {
        RefusedException refused = refused("mprotect", captured);
        unmap(address, bytes);
        throw refused;
      }
      return MemorySegment.ofAddress(address)
          .reinterpret(bytes, Arena.ofAuto(), freed -> unmap(address, bytes));
    } catch (RefusedException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("code memory: a call into the C library failed", e);
    }
  }

  private RefusedException refused(String call, MemorySegment captured) {
    return new RefusedException(
        "the system allows no executable memory (%s failed with errno %d)"
            .formatted(call, (int) errno.get(captured, 0L)));
  }

  private void unmap(long address, long bytes) {
    try {
      int unused = (int) munmap.invokeExact(address, bytes);
    } catch (Throwable e) {
      throw new IllegalStateException("code memory: munmap failed", e);
    }
  }
}
