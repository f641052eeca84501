package dev.gamelan.kernels.vector;

/**
 * How a head over a vocabulary is cut: a function of its shape and the number of rows only, because
 * sums over the vocabulary and over rows follow the cuts.
 *
 * @param rows rows of hidden states with a loss
 * @param d columns of the hidden states
 * @param vocabulary rows of the head
 * @param chunk rows whose logits exist at a time, a multiple of {@link Tiling#columns()}
 * @param block words whose logits a task computes at a time
 * @param groups parts of the vocabulary whose shares of the hidden states' gradient are summed each
 *     by itself, then in their order
 */
record VectorHeadLossPlan(int rows, int d, int vocabulary, int chunk, int block, int groups) {
  /**
   * The most bytes of logits at a time. More than a last-level cache, because every chunk reads the
   * head twice and its gradient once: for 50,304 words of 128 columns, 256 rows at a time are a
   * tenth faster than the 112 whose logits take 24 MB.
   */
  static final long LOGIT_BYTES = 64L << 20;

  /** More rows gain nothing: the traffic of head and gradient is small beside the products. */
  private static final int MOST_ROWS = 256;

  /** The most bytes of partial gradients of the hidden states. */
  private static final long PARTIAL_BYTES = 16L << 20;

  static VectorHeadLossPlan of(int rows, long d, long vocabulary) {
    int columns = Tiling.columns();
    long fit = Math.clamp(LOGIT_BYTES / (4 * Math.max(1, vocabulary)), columns, MOST_ROWS);
    int most = (int) (fit / columns * columns);
    int chunks = Math.max(1, (rows + most - 1) / most);
    int chunk = (int) Memory.roundUp(Math.max(1, (rows + chunks - 1) / chunks), columns);
    // A block's logits, its part of the head and that part's gradient share the second-level cache.
    int block = d <= 192 ? 192 : 96;
    long blocks = (vocabulary + block - 1) / block;
    long partial = Memory.roundUp(d, columns) * chunk * 4;
    int groups = (int) Math.min(Math.max(1, blocks), Math.clamp(PARTIAL_BYTES / partial, 4, 16));
    return new VectorHeadLossPlan(
        rows, Math.toIntExact(d), Math.toIntExact(vocabulary), chunk, block, groups);
  }

  int blocks() {
    return (vocabulary + block - 1) / block;
  }

  int wordsOf(int b) {
    return Math.min(block, vocabulary - b * block);
  }

  /** The first block of group g. */
  int firstBlock(int g) {
    return (int) ((long) blocks() * g / groups);
  }

  /** Panels across the columns of the hidden states. */
  int dPanels() {
    return (d + Tiling.columns() - 1) / Tiling.columns();
  }

  /** Bytes of a row of hidden states filled up to whole panels. */
  long dRow() {
    return dPanels() * PanelProduct.ROW;
  }

  /**
   * Bytes from a word's logits to the next word's. A panel wider than the chunk, so that a column's
   * lines don't all fall into one set of the cache.
   */
  long logitsRow() {
    return chunk * 4L + PanelProduct.ROW;
  }
}
