package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.AttentionShape;

/**
 * Attention over whole sequences, causal or not, a block of queries against one block of keys after
 * the other (Dao et al., 2022).
 *
 * <p>Scores lie [keys][queries]: a lane is a query, so the softmax needs no horizontal steps, keys
 * are read where they are, and both products find their operands in the order of the kernels.
 * Blocks begin at multiples of their size, and only those that a query of the block sees are
 * computed.
 */
final class VectorAttention implements AutoCloseable {
  static final int COLUMNS = Tiling.columns();
  static final long ROW = PanelProduct.ROW;

  /** Panels of queries that share a block of values. */
  private static final int PANELS = 6;

  static final int QUERIES = PANELS * COLUMNS;

  /** Keys of a block: whole tiles of 6 and of 12 rows. */
  static final int KEYS = 96;

  private final Workers workers;
  private final PanelProduct product;
  private final GrowingScratch scratch = new GrowingScratch();
  private final Workers.Task task = this::queries;

  private AttentionShape shape;
  private int length;
  private int blocks;
  private long qkv;
  private long stride;
  private long out;
  private long outStride;
  private long lse;
  private long lseStride;
  private long perWorker;

  // Where a worker keeps what, from the beginning of its share of the scratch.
  private long queryColumns;
  private long scores;
  private long values;
  private long sums;
  private long state;

  VectorAttention(Workers workers, PanelKernel kernel) {
    this.workers = workers;
    product = new PanelProduct(kernel);
  }

  void attention(
      Tensor qkv, AttentionShape shape, int sequences, int length, Tensor out, Tensor lse) {
    this.shape = shape;
    this.length = length;
    this.qkv = qkv.address();
    stride = qkv.rowStride() * 4;
    this.out = out.address();
    outStride = out.rowStride() * 4;
    this.lse = lse.address();
    lseStride = lse.rowStride() * 4;
    blocks = (length + QUERIES - 1) / QUERIES;
    long head = Memory.roundUp(shape.headDim(), COLUMNS) * 4;
    queryColumns = 0;
    scores = queryColumns + QUERIES * head;
    values = scores + KEYS * ROW;
    sums = values + KEYS * head;
    state = sums + QUERIES * head;
    // Maximum, sum, factor and base of every query, and a row of zeros.
    perWorker = state + 4 * QUERIES * 4L + ROW;
    scratch.reserve(perWorker * workers.threads());
    workers.run(sequences * shape.heads() * blocks, task);
  }

  private void queries(int index, int worker) {
    // The longest first: a short task at the end keeps the threads level.
    int block = blocks - 1 - index % blocks;
    int head = index / blocks % shape.heads();
    long firstRow = (long) (index / blocks / shape.heads()) * length;
    long mine = scratch.address() + worker * perWorker;
    int q0 = block * QUERIES;
    int count = Math.min(QUERIES, length - q0);
    open(mine, firstRow + q0, head, count);
    int panels = (count + COLUMNS - 1) / COLUMNS;
    int end = shape.causal() ? q0 + count : length;
    int begin = shape.window() > 0 ? Math.max(0, q0 - shape.window() + 1) : 0;
    for (int k0 = begin / KEYS * KEYS; k0 < end; k0 += KEYS) {
      int keys = Math.min(KEYS, end - k0);
      long row = qkv + (firstRow + k0) * stride;
      long v = row + shape.v()[shape.kvHead(head)] * 4L;
      Packing.columns(keys, shape.headDim(), v, stride, 4, mine + values);
      boolean edge =
          shape.causal()
              && (k0 + keys > q0 + 1 || (shape.window() > 0 && k0 < end - shape.window()));
      boolean plain =
          !edge
              || VectorAttentionSweeps.finite(
                  mine + values, keys * (int) Memory.roundUp(shape.headDim(), COLUMNS));
      for (int p = 0; p < panels; p++) {
        int first = q0 + p * COLUMNS;
        int seen = shape.causal() ? Math.min(keys, first + COLUMNS - k0) : keys;
        boolean left = shape.window() > 0 && k0 + keys <= first - shape.window() + 1;
        if (seen > 0 && !left) {
          panel(
              mine,
              row,
              head,
              p,
              seen,
              keys,
              k0 - first,
              Math.min(COLUMNS, count - p * COLUMNS),
              plain);
        }
      }
    }
    close(mine, firstRow + q0, head, count);
  }

  /** Queries as columns, times the scale, and an empty softmax. */
  private void open(long mine, long row, int head, int count) {
    int dim = shape.headDim();
    long q = qkv + row * stride + shape.q()[head] * 4L;
    Packing.columns(dim, count, q, 4, stride, mine + queryColumns);
    int panels = (count + COLUMNS - 1) / COLUMNS;
    VectorAttentionSweeps.scale(mine + queryColumns, panels * dim * COLUMNS, shape.scale());
    long sumsRow = Memory.roundUp(dim, COLUMNS) * 4;
    Memory.zero(mine + sums, QUERIES * sumsRow);
    Memory.zero(mine + state, 4 * QUERIES * 4L + ROW);
    for (int i = 0; i < QUERIES; i++) {
      Memory.f32(mine + state + i * 4L, Float.NEGATIVE_INFINITY);
    }
  }

  /**
   * One panel of queries against one block of keys.
   *
   * @param plain whether a weight of 0 keeps out what a query doesn't see: not if it's infinite or
   *     NaN
   */
  private void panel(
      long mine,
      long row,
      int head,
      int p,
      int seen,
      int keys,
      int distance,
      int count,
      boolean plain) {
    int dim = shape.headDim();
    long s = mine + scores;
    long zeros = mine + state + 4 * QUERIES * 4L;
    product.run(
        seen,
        1,
        dim,
        row + shape.k()[shape.kvHead(head)] * 4L,
        stride,
        4,
        mine + queryColumns + p * dim * ROW,
        ROW,
        0,
        zeros,
        0,
        0,
        s,
        ROW,
        0);
    if (shape.alibi().isPresent()) {
      VectorAttentionSweeps.alibi(s, ROW, seen, distance, shape.alibi().get()[head]);
    }
    boolean after = shape.causal() && distance + seen > 1;
    boolean behind = shape.window() > 0 && COLUMNS - 1 - distance >= shape.window();
    if (after || behind) {
      VectorAttentionSweeps.mask(s, ROW, seen, distance, shape.window());
    }
    long max = mine + state + p * ROW;
    long factor = max + 2 * QUERIES * 4L;
    long base = max + 3 * QUERIES * 4L;
    VectorAttentionSweeps.online(s, ROW, seen, max, max + QUERIES * 4L, factor, base);
    int across = (dim + COLUMNS - 1) / COLUMNS;
    long sumsRow = across * ROW;
    long o = mine + sums + p * COLUMNS * sumsRow;
    for (int i = 0; i < count; i++) {
      float f = Memory.f32(factor + i * 4L);
      if (f != 1) {
        VectorAttentionSweeps.scale(o + i * sumsRow, across * COLUMNS, f);
      }
    }
    if (plain || !(after || behind)) {
      product.run(
          count,
          across,
          seen,
          s,
          4,
          ROW,
          mine + values,
          ROW,
          keys * ROW,
          o,
          sumsRow,
          ROW,
          o,
          sumsRow,
          ROW);
      return;
    }
    for (int i = 0; i < count; i++) {
      int low = shape.window() > 0 ? Math.max(0, i - distance - shape.window() + 1) : 0;
      int high = Math.min(seen - 1, i - distance);
      if (low <= high) {
        long at = o + i * sumsRow;
        product.run(
            1,
            across,
            high - low + 1,
            s + low * ROW + i * 4L,
            4,
            ROW,
            mine + values + low * ROW,
            ROW,
            keys * ROW,
            at,
            sumsRow,
            ROW,
            at,
            sumsRow,
            ROW);
      }
    }
  }

  private void close(long mine, long row, int head, int count) {
    int dim = shape.headDim();
    long sumsRow = Memory.roundUp(dim, COLUMNS) * 4;
    for (int i = 0; i < count; i++) {
      float max = Memory.f32(mine + state + i * 4L);
      float sum = Memory.f32(mine + state + (QUERIES + i) * 4L);
      long to = out + (row + i) * outStride + (long) head * dim * 4;
      VectorAttentionSweeps.scaled(mine + sums + i * sumsRow, to, dim, 1 / sum);
      Memory.f32(lse + (row + i) * lseStride + head * 4L, (float) (max + Math.log(sum)));
    }
  }

  @Override
  public void close() {
    scratch.close();
  }
}
