package dev.gamelan.kernels.x86;

import dev.gamelan.kernels.vector.PanelKernel;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Collections;

/** The panel product of {@link PanelCode}, called from Java. */
final class NativePanels implements PanelKernel {
  /**
   * Multiplications of a call at most, so that one takes well under a millisecond: while it runs,
   * the virtual machine can't stop the thread.
   */
  private static final long MOST_WORK = 16L << 20;

  private static final MethodHandle CALL = Calls.longs(15);

  private final MemorySegment code;

  NativePanels(MemorySegment code) {
    this.code = code;
  }

  @Override
  public void run(
      int m,
      int panels,
      int k,
      long a,
      long aRow,
      long aCol,
      long b,
      long bRow,
      long bPanel,
      long in,
      long inRow,
      long inPanel,
      long out,
      long outRow,
      long outPanel) {
    long panelWork = 16L * m * Math.max(1, k);
    int most = Math.clamp(MOST_WORK / Math.max(1, panelWork), 4, Integer.MAX_VALUE);
    try {
      for (int q = 0; q < panels; q += most) {
        CALL.invokeExact(
            code,
            (long) m,
            (long) Math.min(most, panels - q),
            (long) k,
            a,
            aRow,
            aCol,
            b + q * bPanel,
            bRow,
            bPanel,
            in + q * inPanel,
            inRow,
            inPanel,
            out + q * outPanel,
            outRow,
            outPanel);
      }
    } catch (Throwable e) {
      throw Calls.failed(e);
    }
  }

  /** Calls into emitted code: leaf calls that neither block nor come back to Java. */
  static final class Calls {
    private Calls() {}

    /** A function of so many longs that returns nothing, at the address given first. */
    @SuppressWarnings("restricted")
    static MethodHandle longs(int count) {
      ValueLayout[] arguments =
          Collections.nCopies(count, ValueLayout.JAVA_LONG).toArray(new ValueLayout[0]);
      return Linker.nativeLinker()
          .downcallHandle(FunctionDescriptor.ofVoid(arguments), Linker.Option.critical(false));
    }

    static IllegalStateException failed(Throwable e) {
      return new IllegalStateException("x86: a call of emitted code failed", e);
    }
  }
}
