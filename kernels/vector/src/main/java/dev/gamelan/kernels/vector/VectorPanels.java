package dev.gamelan.kernels.vector;

/** The innermost loops in the Vector API. */
final class VectorPanels implements PanelKernel {
  private final int tallest;

  /**
   * @param tallest rows of the main kernel, 6 or 12
   */
  VectorPanels(int tallest) {
    this.tallest = tallest;
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
    int done = 0;
    if (m == 1) {
      // Several panels at once: enough sums to hide the latency of FMA, enough streams from memory.
      for (; done + 4 <= panels; done += 4) {
        WideKernels.onceFour(
            k,
            a,
            aCol,
            b + done * bPanel,
            bRow,
            bPanel,
            in + done * inPanel,
            inPanel,
            out + done * outPanel,
            outPanel);
      }
    } else if (m == 2) {
      for (; done + 2 <= panels; done += 2) {
        WideKernels.twiceTwo(
            k,
            a,
            aRow,
            aCol,
            b + done * bPanel,
            bRow,
            bPanel,
            in + done * inPanel,
            inPanel,
            inRow,
            out + done * outPanel,
            outPanel,
            outRow);
      }
    }
    for (; done < panels; done++) {
      int rows;
      for (int i = 0; i < m; i += rows) {
        rows = Kernels.tallest(Math.min(tallest, m - i));
        Kernels.run(
            rows,
            k,
            a + i * aRow,
            aRow,
            aCol,
            b + done * bPanel,
            bRow,
            in + done * inPanel + i * inRow,
            inRow,
            out + done * outPanel + i * outRow,
            outRow);
      }
    }
  }
}
