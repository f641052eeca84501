package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.AttentionShape;

/**
 * The gradients of {@link VectorAttention}: probabilities are computed again from the scores and
 * their log-sum (Dao et al., 2022, algorithm 4), blocks as in the forward pass.
 *
 * <p>One task owns a key head of a sequence and takes its query heads, their blocks of queries and
 * for each the blocks of keys in order. When there are fewer such pairs than threads, tasks own a
 * block of queries, then a block of keys; every sum keeps its order, so the bits are the same.
 */
final class VectorAttentionBackward implements AutoCloseable {
  private static final int COLUMNS = VectorAttention.COLUMNS;
  private static final long ROW = VectorAttention.ROW;
  private static final int QUERIES = VectorAttention.QUERIES;
  private static final int KEYS = VectorAttention.KEYS;

  /** Bytes from a key's scores to the next's: one panel more, against clashes in the cache. */
  private static final long SCORES = QUERIES * 4L + ROW;

  /** Rows of a block that share the length of their sums where the diagonal cuts the block. */
  private static final int STRIP = 24;

  private final Workers workers;
  private final PanelProduct product;
  private final GrowingScratch scratch = new GrowingScratch();
  private final Workers.Task wholeTask = this::whole;
  private final Workers.Task queriesTask = this::queriesOnly;
  private final Workers.Task keysTask = this::keysOnly;

  private AttentionShape shape;
  private int length;
  private int queryBlocks;
  private int keyBlocks;
  private int dim;
  private int across;
  private long headRow;
  private long qkv;
  private long stride;
  private long out;
  private long outStride;
  private long dout;
  private long doutStride;
  private long lse;
  private long lseStride;
  private long dqkv;
  private long dstride;
  private long perWorker;

  private long queryColumns;
  private long queryPanels;
  private long doutColumns;
  private long doutPanels;
  private long keyPanels;
  private long probabilities;
  private long dscores;
  private long lseRow;
  private long deltas;
  private long dqueries;
  private long zeros;
  private long unused;
  private long dkeys;
  private long dvalues;

  VectorAttentionBackward(Workers workers, PanelKernel kernel) {
    this.workers = workers;
    product = new PanelProduct(kernel);
  }

  void attentionBackward(
      Tensor dout,
      Tensor qkv,
      Tensor out,
      Tensor lse,
      AttentionShape shape,
      int sequences,
      int length,
      Tensor dqkv) {
    this.shape = shape;
    this.length = length;
    this.qkv = qkv.address();
    stride = qkv.rowStride() * 4;
    this.out = out.address();
    outStride = out.rowStride() * 4;
    this.dout = dout.address();
    doutStride = dout.rowStride() * 4;
    this.lse = lse.address();
    lseStride = lse.rowStride() * 4;
    this.dqkv = dqkv.address();
    dstride = dqkv.rowStride() * 4;
    queryBlocks = (length + QUERIES - 1) / QUERIES;
    keyBlocks = (length + KEYS - 1) / KEYS;
    dim = shape.headDim();
    across = (dim + COLUMNS - 1) / COLUMNS;
    headRow = across * ROW;
    boolean split = sequences * shape.kvHeads() < workers.threads();
    plan(split ? KEYS : length);
    if (split) {
      workers.run(sequences * shape.heads() * queryBlocks, queriesTask);
      workers.run(sequences * shape.kvHeads() * keyBlocks, keysTask);
    } else {
      workers.run(sequences * shape.kvHeads(), wholeTask);
    }
  }

  private void plan(int keysHeld) {
    queryColumns = 0;
    queryPanels = queryColumns + QUERIES * headRow;
    doutColumns = queryPanels + QUERIES * headRow;
    doutPanels = doutColumns + QUERIES * headRow;
    keyPanels = doutPanels + QUERIES * headRow;
    probabilities = keyPanels + KEYS * headRow;
    dscores = probabilities + KEYS * SCORES;
    lseRow = dscores + KEYS * SCORES;
    deltas = lseRow + QUERIES * 4L;
    dqueries = deltas + QUERIES * 4L;
    // Zeroed with the gradients of the queries.
    zeros = dqueries + QUERIES * headRow;
    unused = zeros + ROW;
    dkeys = unused + ROW;
    dvalues = dkeys + keysHeld * headRow;
    perWorker = dvalues + keysHeld * headRow;
    scratch.reserve(perWorker * workers.threads());
  }

  private void whole(int index, int worker) {
    int kv = index % shape.kvHeads();
    int sequence = index / shape.kvHeads();
    long mine = scratch.address() + worker * perWorker;
    Memory.zero(mine + dkeys, length * headRow);
    Memory.zero(mine + dvalues, length * headRow);
    for (int head = kv * shape.group(); head < (kv + 1) * shape.group(); head++) {
      for (int block = 0; block < queryBlocks; block++) {
        queries(mine, sequence, head, block, 0, keyBlocks, 0, true, true);
      }
    }
    storeKeys(mine, sequence, kv, 0, length);
  }

  private void queriesOnly(int index, int worker) {
    int block = queryBlocks - 1 - index % queryBlocks;
    int head = index / queryBlocks % shape.heads();
    int sequence = index / queryBlocks / shape.heads();
    long mine = scratch.address() + worker * perWorker;
    queries(mine, sequence, head, block, 0, keyBlocks, 0, true, false);
  }

  private void keysOnly(int index, int worker) {
    int block = index % keyBlocks;
    int kv = index / keyBlocks % shape.kvHeads();
    int sequence = index / keyBlocks / shape.kvHeads();
    long mine = scratch.address() + worker * perWorker;
    int k0 = block * KEYS;
    int keys = Math.min(KEYS, length - k0);
    Memory.zero(mine + dkeys, keys * headRow);
    Memory.zero(mine + dvalues, keys * headRow);
    for (int head = kv * shape.group(); head < (kv + 1) * shape.group(); head++) {
      for (int b = shape.causal() ? k0 / QUERIES : 0; b < queryBlocks; b++) {
        queries(mine, sequence, head, b, block, block + 1, k0, false, true);
      }
    }
    storeKeys(mine, sequence, kv, k0, keys);
  }

  /**
   * One block of queries against the blocks of keys of a range that it sees.
   *
   * @param held the position whose gradients lie first in dkeys and dvalues
   */
  private void queries(
      long mine,
      int sequence,
      int head,
      int block,
      int firstKeys,
      int endKeys,
      int held,
      boolean forQueries,
      boolean forKeys) {
    int q0 = block * QUERIES;
    int count = Math.min(QUERIES, length - q0);
    int begin = shape.window() > 0 ? Math.max(0, q0 - shape.window() + 1) : 0;
    int from = Math.max(firstKeys, begin / KEYS);
    int last = shape.causal() ? q0 + count : length;
    int to = Math.min(endKeys, (last + KEYS - 1) / KEYS);
    if (from >= to) {
      return;
    }
    long firstRow = (long) sequence * length;
    open(mine, firstRow + q0, head, count);
    for (int b = from; b < to; b++) {
      int k0 = b * KEYS;
      int keys = Math.min(KEYS, last - k0);
      long row = qkv + (firstRow + k0) * stride;
      block(mine, row, head, q0, k0, count, keys, held, forQueries, forKeys);
    }
    if (forQueries) {
      for (int i = 0; i < count; i++) {
        Memory.copy(
            mine + dqueries + i * headRow,
            dqkv + (firstRow + q0 + i) * dstride + shape.q()[head] * 4L,
            dim * 4L);
      }
    }
  }

  private void open(long mine, long row, int head, int count) {
    long q = qkv + row * stride + shape.q()[head] * 4L;
    long d = dout + row * doutStride + (long) head * dim * 4;
    long o = out + row * outStride + (long) head * dim * 4;
    Packing.columns(dim, count, q, 4, stride, mine + queryColumns);
    int panels = (count + COLUMNS - 1) / COLUMNS;
    VectorAttentionSweeps.scale(mine + queryColumns, panels * dim * COLUMNS, shape.scale());
    Packing.columns(count, dim, q, stride, 4, mine + queryPanels);
    Packing.columns(dim, count, d, 4, doutStride, mine + doutColumns);
    Packing.columns(count, dim, d, doutStride, 4, mine + doutPanels);
    Memory.zero(mine + lseRow, QUERIES * 4L);
    Memory.zero(mine + deltas, QUERIES * 4L);
    for (int i = 0; i < count; i++) {
      Memory.f32(mine + lseRow + i * 4L, Memory.f32(lse + (row + i) * lseStride + head * 4L));
      Memory.f32(
          mine + deltas + i * 4L,
          VectorAttentionSweeps.dot(d + i * doutStride, o + i * outStride, dim));
    }
    Memory.zero(mine + dqueries, QUERIES * headRow + ROW);
  }

  private void block(
      long mine,
      long row,
      int head,
      int q0,
      int k0,
      int count,
      int keys,
      int held,
      boolean forQueries,
      boolean forKeys) {
    int panels = (count + COLUMNS - 1) / COLUMNS;
    for (int p = 0; p < panels; p++) {
      panel(mine, row, head, p, keys, k0 - q0 - p * COLUMNS);
    }
    if (forKeys) {
      keysOf(mine, q0, k0, count, keys, held);
    }
    if (forQueries) {
      queriesOf(mine, row, head, q0, k0, count, keys);
    }
  }

  /** dV += Pᵀ·dO and dK += dSᵀ·Q, a strip of keys at a time with the queries that may see it. */
  private void keysOf(long mine, int q0, int k0, int count, int keys, int held) {
    for (int j = 0; j < keys; j += STRIP) {
      int n = Math.min(STRIP, keys - j);
      int from = shape.causal() ? Math.clamp(k0 + j - q0, 0, count) : 0;
      long at = j * SCORES + from * 4L;
      long to = (k0 - held + j) * headRow;
      long panels = from * ROW;
      keyProduct(
          n, count - from, probabilities + at, doutPanels + panels, count, dvalues + to, mine);
      keyProduct(n, count - from, dscores + at, queryPanels + panels, count, dkeys + to, mine);
    }
  }

  private void keyProduct(int m, int k, long a, long b, int count, long to, long mine) {
    product.run(
        m,
        across,
        k,
        mine + a,
        SCORES,
        4,
        mine + b,
        ROW,
        count * ROW,
        mine + to,
        headRow,
        ROW,
        mine + to,
        headRow,
        ROW);
  }

  /** dQ += dS·K, a strip of queries at a time with the keys that it may see. */
  private void queriesOf(long mine, long row, int head, int q0, int k0, int count, int keys) {
    long k = row + shape.k()[shape.kvHead(head)] * 4L;
    Packing.columns(keys, dim, k, stride, 4, mine + keyPanels);
    for (int i = 0; i < count; i += STRIP) {
      int n = Math.min(STRIP, count - i);
      int seen = shape.causal() ? Math.clamp(q0 + i + n - k0, 0, keys) : keys;
      long dq = mine + dqueries + i * headRow;
      product.run(
          n,
          across,
          seen,
          mine + dscores + i * 4L,
          4,
          SCORES,
          mine + keyPanels,
          ROW,
          keys * ROW,
          dq,
          headRow,
          ROW,
          dq,
          headRow,
          ROW);
    }
  }

  /** Probabilities and scores' gradients of one panel of queries; 0 where a key isn't seen. */
  private void panel(long mine, long row, int head, int p, int keys, int distance) {
    long s = mine + probabilities + p * ROW;
    long ds = mine + dscores + p * ROW;
    int seen = shape.causal() ? Math.clamp(COLUMNS - distance, 0, keys) : keys;
    if (shape.window() > 0 && keys - 1 + distance <= -shape.window()) {
      seen = 0;
    }
    int kv = shape.kvHead(head);
    if (seen > 0) {
      long columns = mine + queryColumns + p * dim * ROW;
      long k = row + shape.k()[kv] * 4L;
      product.run(seen, 1, dim, k, stride, 4, columns, ROW, 0, mine + zeros, 0, 0, s, SCORES, 0);
      if (shape.alibi().isPresent()) {
        VectorAttentionSweeps.alibi(s, SCORES, seen, distance, shape.alibi().get()[head]);
      }
      boolean after = shape.causal() && distance + seen > 1;
      boolean behind = shape.window() > 0 && COLUMNS - 1 - distance >= shape.window();
      if (after || behind) {
        VectorAttentionSweeps.mask(s, SCORES, seen, distance, shape.window());
      }
      VectorAttentionSweeps.probabilities(s, SCORES, seen, mine + lseRow + p * ROW, mine + unused);
      long dcolumns = mine + doutColumns + p * dim * ROW;
      long v = row + shape.v()[kv] * 4L;
      product.run(seen, 1, dim, v, stride, 4, dcolumns, ROW, 0, mine + zeros, 0, 0, ds, SCORES, 0);
      VectorAttentionSweeps.dscores(ds, s, SCORES, seen, mine + deltas + p * ROW, shape.scale());
    }
    for (int j = seen; j < keys; j++) {
      Memory.zero(s + j * SCORES, ROW);
      Memory.zero(ds + j * SCORES, ROW);
    }
  }

  private void storeKeys(long mine, int sequence, int kv, int k0, int keys) {
    for (int j = 0; j < keys; j++) {
      long to = dqkv + ((long) sequence * length + k0 + j) * dstride;
      Memory.copy(mine + dkeys + j * headRow, to + shape.k()[kv] * 4L, dim * 4L);
      Memory.copy(mine + dvalues + j * headRow, to + shape.v()[kv] * 4L, dim * 4L);
    }
  }

  @Override
  public void close() {
    scratch.close();
  }
}
