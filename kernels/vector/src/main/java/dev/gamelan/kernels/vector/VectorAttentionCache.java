package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.AttentionShape;
import dev.gamelan.tensor.spi.CacheRows;
import dev.gamelan.tensor.spi.KvPages;

/**
 * Attention through a paged cache (Kwon et al., 2023).
 *
 * <p>A sequence's positions are cut into spans of whole pages at multiples of the span. A row's
 * softmax over a span and its sum of the span's values depend on nothing but its query and what the
 * span holds up to its position; the spans' results are merged in order. So the bits are the same
 * however many rows share the loads of a page, and whether a span is a task of its own, as in
 * decoding, or its turn in a block of rows' task, as in prefill.
 */
final class VectorAttentionCache implements AutoCloseable {
  private static final int COLUMNS = Tiling.columns();
  private static final long ROW = PanelProduct.ROW;

  /** Positions a span has at least. */
  private static final int SPAN = 256;

  /** Rows of one sequence that share the loads of its pages. */
  private static final int ROWS = 24;

  /** Rows a task of cacheWrite. */
  private static final int WRITE_ROWS = 16;

  private final Workers workers;
  private final PanelProduct product;
  private final GrowingScratch scratch = new GrowingScratch();
  private final GrowingScratch shares = new GrowingScratch();
  private final Workers.Task writing = this::write;
  private final Workers.Task blocksTask = this::block;
  private final Workers.Task spansTask = this::span;
  private final Workers.Task mergingTask = this::merge;

  private AttentionShape shape;
  private VectorAttentionPages pages;
  private int rows;
  private long qkv;
  private long stride;
  private long out;
  private long outStride;
  private int dim;
  private int across;
  private long headRow;
  private int spanPages;
  private int span;
  private int spans;

  /** Where blocks of rows begin; one more than there are blocks. */
  private int[] starts = new int[16];

  private int blocks;
  private long perWorker;
  private long perShare;
  private long queries;
  private long scores;
  private long scoresRow;
  private long panels;
  private long totals;
  private long room;
  private long zeros;

  VectorAttentionCache(Workers workers, PanelKernel kernel) {
    this.workers = workers;
    product = new PanelProduct(kernel);
  }

  void cacheWrite(Tensor qkv, AttentionShape shape, CacheRows rows, KvPages pages) {
    begin(qkv, shape, rows, pages);
    workers.run((this.rows + WRITE_ROWS - 1) / WRITE_ROWS, writing);
  }

  private void begin(Tensor qkv, AttentionShape shape, CacheRows rows, KvPages pages) {
    this.shape = shape;
    this.pages = new VectorAttentionPages(shape, rows, pages);
    this.rows = Math.toIntExact(qkv.rows());
    this.qkv = qkv.address();
    stride = qkv.rowStride() * 4;
    dim = shape.headDim();
  }

  private void write(int task, int worker) {
    int to = Math.min(rows, (task + 1) * WRITE_ROWS);
    for (int i = task * WRITE_ROWS; i < to; i++) {
      int position = pages.position(i);
      int page = pages.page(i, position / pages.size());
      int slot = position % pages.size();
      long row = qkv + i * stride;
      for (int kv = 0; kv < shape.kvHeads(); kv++) {
        long k = row + shape.k()[kv] * 4L;
        long toKeys = pages.keys(page, kv) + slot * 4L;
        for (int c = 0; c < dim; c++) {
          Memory.f32(toKeys + c * pages.keysRow(), Memory.f32(k + c * 4L));
        }
        Memory.copy(row + shape.v()[kv] * 4L, pages.values(page, kv) + slot * dim * 4L, dim * 4L);
      }
    }
  }

  void cachedAttention(
      Tensor qkv, AttentionShape shape, CacheRows rows, KvPages pages, Tensor out) {
    begin(qkv, shape, rows, pages);
    this.out = out.address();
    outStride = out.rowStride() * 4;
    across = (dim + COLUMNS - 1) / COLUMNS;
    headRow = across * ROW;
    spanPages = Math.max(1, (SPAN + pages.pageSize() - 1) / pages.pageSize());
    span = spanPages * pages.pageSize();
    cut();
    layOut();
    int tasks = blocks * shape.kvHeads();
    if (tasks < 4 * workers.threads() && spans > 1) {
      shares.reserve((long) tasks * spans * perShare);
      workers.run(tasks * spans, spansTask);
      workers.run(tasks, mergingTask);
    } else {
      shares.reserve(perShare * workers.threads());
      workers.run(tasks, blocksTask);
    }
  }

  /** Cuts the rows into blocks of neighbours of one sequence. */
  private void cut() {
    blocks = 0;
    int last = 0;
    for (int i = 0; i < rows; i++) {
      last = Math.max(last, pages.position(i));
      boolean opens =
          i == 0 || i - starts[blocks - 1] == ROWS || pages.sequence(i) != pages.sequence(i - 1);
      if (opens) {
        if (blocks + 1 == starts.length) {
          starts = java.util.Arrays.copyOf(starts, 2 * starts.length);
        }
        starts[blocks++] = i;
      }
    }
    starts[blocks] = rows;
    spans = last / span + 1;
  }

  private void layOut() {
    int most = ROWS * shape.group();
    scoresRow = Memory.roundUp(span, COLUMNS) * 4 + ROW;
    queries = 0;
    scores = queries + most * headRow;
    panels = scores + most * scoresRow;
    long page = Math.max(dim * Memory.roundUp(pages.size(), COLUMNS) * 4, pages.size() * headRow);
    totals = panels + page;
    room = totals + VectorAttentionMerge.shareBytes(most, headRow);
    zeros = room + Math.max(3 * Lanes.BYTES, VectorAttentionMerge.roomBytes(most));
    perWorker = Memory.roundUp(zeros + ROW, Memory.LINE);
    perShare = Memory.roundUp(VectorAttentionMerge.shareBytes(most, headRow), Memory.LINE);
    scratch.reserve(perWorker * workers.threads());
  }

  private void block(int task, int worker) {
    int block = task / shape.kvHeads();
    int kv = task % shape.kvHeads();
    long mine = scratch.address() + worker * perWorker;
    long share = shares.address() + worker * perShare;
    int count = open(mine, block, kv);
    VectorAttentionMerge.empty(mine + totals, count, headRow);
    for (int s = firstSpan(block); s <= lastSpan(block); s++) {
      span(mine, block, kv, s, share);
      VectorAttentionMerge.add(share, mine + totals, count, across * COLUMNS, headRow, mine + room);
    }
    store(mine + totals, block, kv);
  }

  private void span(int task, int worker) {
    int s = task % spans;
    int kv = task / spans % shape.kvHeads();
    int block = task / spans / shape.kvHeads();
    if (s >= firstSpan(block) && s <= lastSpan(block)) {
      long mine = scratch.address() + worker * perWorker;
      open(mine, block, kv);
      span(mine, block, kv, s, shares.address() + task * perShare);
    }
  }

  private void merge(int task, int worker) {
    int kv = task % shape.kvHeads();
    int block = task / shape.kvHeads();
    long mine = scratch.address() + worker * perWorker;
    int count = (starts[block + 1] - starts[block]) * shape.group();
    VectorAttentionMerge.empty(mine + totals, count, headRow);
    for (int s = firstSpan(block); s <= lastSpan(block); s++) {
      long share = shares.address() + ((long) task * spans + s) * perShare;
      VectorAttentionMerge.add(share, mine + totals, count, across * COLUMNS, headRow, mine + room);
    }
    store(mine + totals, block, kv);
  }

  /** The first position that row i sees. */
  private int low(int i) {
    return shape.window() > 0 ? Math.max(0, pages.position(i) - shape.window() + 1) : 0;
  }

  private int firstSpan(int block) {
    return low(starts[block]) / span;
  }

  private int lastSpan(int block) {
    return pages.position(starts[block + 1] - 1) / span;
  }

  /** Copies the queries of a block, times the scale; returns how many. */
  private int open(long mine, int block, int kv) {
    int group = shape.group();
    int count = 0;
    for (int i = starts[block]; i < starts[block + 1]; i++) {
      for (int h = kv * group; h < (kv + 1) * group; h++) {
        VectorAttentionSweeps.scaled(
            qkv + i * stride + shape.q()[h] * 4L,
            mine + queries + count++ * headRow,
            dim,
            shape.scale());
      }
    }
    Memory.zero(mine + zeros, ROW);
    return count;
  }

  /** The softmax of every query of a block over span s, and its sum of values, into a share. */
  private void span(long mine, int block, int kv, int s, long share) {
    int from = starts[block];
    int n = starts[block + 1] - from;
    int group = shape.group();
    int count = n * group;
    int first = s * span;
    int begin = Math.max(low(from), first) / pages.size();
    int end = Math.min(pages.position(from + n - 1), first + span - 1) / pages.size();
    for (int p = begin; p <= end; p++) {
      score(mine, count, pages.page(from, p), kv, (p - s * spanPages) * pages.size());
    }
    VectorAttentionMerge.empty(share, count, headRow);
    long max = share + count * headRow;
    long sum = max + VectorAttentionMerge.whole(count);
    for (int r = 0; r < n; r++) {
      int low = Math.max(low(from + r), first) - first;
      int high = Math.min(pages.position(from + r), first + span - 1) - first;
      for (int g = 0; g < group && low <= high; g++) {
        int i = r * group + g;
        long at = mine + scores + i * scoresRow;
        if (shape.alibi().isPresent()) {
          float slope = shape.alibi().get()[kv * group + g];
          VectorAttentionMerge.alibi(at, low, high, first - pages.position(from + r), slope);
        }
        VectorAttentionMerge.softmax(at, low, high, max + i * 4L, sum + i * 4L, mine + room);
      }
    }
    for (int p = begin; p <= end; p++) {
      values(mine, block, kv, first, p, (p - s * spanPages) * pages.size(), share);
    }
  }

  /** The scores of all queries of a block against one page. */
  private void score(long mine, int count, int page, int kv, int place) {
    int size = pages.size();
    long keys = pages.keys(page, kv);
    int across = (size + COLUMNS - 1) / COLUMNS;
    boolean inPlace = size % COLUMNS == 0;
    if (!inPlace) {
      Packing.columns(dim, size, keys, pages.keysRow(), 4, mine + panels);
    }
    product.run(
        count,
        across,
        dim,
        mine + queries,
        headRow,
        4,
        inPlace ? keys : mine + panels,
        inPlace ? pages.keysRow() : ROW,
        inPlace ? ROW : dim * ROW,
        mine + zeros,
        0,
        0,
        mine + scores + place * 4L,
        scoresRow,
        ROW);
  }

  /** Adds the values of one page, weighted, to the sums of the queries that see some of it. */
  private void values(long mine, int block, int kv, int first, int p, int place, long share) {
    int from = starts[block];
    int n = starts[block + 1] - from;
    int group = shape.group();
    int size = pages.size();
    long values = pages.values(pages.page(from, p), kv);
    int at = p * size;
    boolean all = low(from + n - 1) <= at && pages.position(from) >= at + size - 1;
    long weights = mine + scores + place * 4L;
    if (all) {
      weigh(mine, n * group, size, weights, values, share);
      return;
    }
    for (int r = 0; r < n; r++) {
      int low = Math.max(low(from + r), at) - at;
      int seen = Math.min(pages.position(from + r), at + size - 1) - at - low + 1;
      if (seen > 0) {
        long to = share + (long) r * group * headRow;
        long w = weights + (long) r * group * scoresRow + low * 4L;
        weigh(mine, group, seen, w, values + (long) low * dim * 4, to);
      }
    }
  }

  /** to += weights·values for {@code seen} positions. */
  private void weigh(long mine, int count, int seen, long weights, long values, long to) {
    boolean inPlace = dim % COLUMNS == 0;
    if (!inPlace) {
      Packing.columns(seen, dim, values, dim * 4L, 4, mine + panels);
    }
    product.run(
        count,
        across,
        seen,
        weights,
        scoresRow,
        4,
        inPlace ? values : mine + panels,
        inPlace ? dim * 4L : ROW,
        inPlace ? ROW : seen * ROW,
        to,
        headRow,
        ROW,
        to,
        headRow,
        ROW);
  }

  private void store(long state, int block, int kv) {
    int group = shape.group();
    int count = (starts[block + 1] - starts[block]) * group;
    for (int i = 0; i < count; i++) {
      float sum = Memory.f32(state + count * headRow + VectorAttentionMerge.whole(count) + i * 4L);
      long row = starts[block] + i / group;
      long to = out + row * outStride + (long) (kv * group + i % group) * dim * 4;
      VectorAttentionSweeps.scaled(state + i * headRow, to, dim, 1 / sum);
    }
  }

  @Override
  public void close() {
    scratch.close();
    shares.close();
  }
}
