package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Packed;
import java.util.Optional;

/**
 * Head and loss in one, a chunk of rows at a time.
 *
 * <p>Logits lie [words][rows]: then all three products find their operands in the order in which
 * kernels read them, the head is never packed for the forward product, and a lane of the softmax is
 * a row. A block of words is exponentiated against its own maximum while it lies in the first level
 * of cache (Milakov and Gimelshein, 2018); the factor that corrects it to the maximum of all words
 * and the row's weight are applied when the block is next read, for the gradients.
 *
 * <p>Rows whose target is −1 or whose weight is 0 are left out of every product.
 */
final class VectorHeadLoss implements AutoCloseable {
  private static final long ROW = PanelProduct.ROW;

  private final Workers workers;
  private final PanelProduct product;

  private final GrowingScratch hiddenRows = new GrowingScratch();
  private final GrowingScratch hiddenColumns = new GrowingScratch();
  private final GrowingScratch hiddenPanels = new GrowingScratch();
  private final GrowingScratch logits = new GrowingScratch();
  private final GrowingScratch maxima = new GrowingScratch();
  private final GrowingScratch sums = new GrowingScratch();
  private final GrowingScratch rowValues = new GrowingScratch();
  private final GrowingScratch partials = new GrowingScratch();
  private final GrowingScratch rooms = new GrowingScratch();
  private final GrowingScratch wordPanels = new GrowingScratch();
  private final GrowingScratch zeroRow = new GrowingScratch();

  private final Workers.Task packing = this::pack;
  private final Workers.Task forward = this::forward;
  private final Workers.Task merging = this::merge;
  private final Workers.Task backward = this::backward;
  private final Workers.Task summing = this::sumHidden;

  // The call in progress.
  private VectorHeadLossPlan plan;
  private VectorHeadLossHead head;
  private Optional<VectorHeadLossGradient> gradient = Optional.empty();
  private long hidden;
  private long hiddenStride;
  private long targets;
  private long weights;
  private long dhidden;
  private long dhiddenStride;
  private boolean accumulate;
  private boolean keepLogits;
  private boolean givenLse;
  private int[] active = new int[0];

  // The chunk in progress: rows active[first] to active[first + count - 1].
  private int first;
  private int count;
  private long maximum;
  private long total;
  private long targetLogit;
  private long factor;
  private long lse;
  private long zeros;

  VectorHeadLoss(Workers workers, PanelKernel kernel) {
    this.workers = workers;
    product = new PanelProduct(kernel);
  }

  void headLoss(Tensor x, Packed w, Tensor target, Tensor weight, Tensor losses) {
    targets = target.address();
    weights = weight.address();
    begin(x, w, true);
    prepare(false, false);
    long out = losses.address();
    Memory.zero(out, x.rows() * 4);
    for (first = 0; first < plan.rows(); first += plan.chunk()) {
      softmax();
      storeLosses(out);
    }
  }

  void headLossBackward(
      Tensor x,
      Packed w,
      Tensor target,
      Tensor weight,
      Tensor losses,
      boolean add,
      Tensor dx,
      Optional<Tensor> dw) {
    targets = target.address();
    weights = weight.address();
    begin(x, w, true);
    gradients(w, add, dx, dw);
    prepare(true, false);
    long out = losses.address();
    Memory.zero(out, x.rows() * 4);
    for (first = 0; first < plan.rows(); first += plan.chunk()) {
      softmax();
      storeLosses(out);
      workers.run(plan.groups(), backward);
      workers.run(panels(), summing);
    }
  }

  void headLogProbs(Tensor x, Packed w, Tensor target, Tensor logProbs, Tensor lseOut) {
    targets = target.address();
    weights = 0;
    begin(x, w, false);
    prepare(false, false);
    for (first = 0; first < plan.rows(); first += plan.chunk()) {
      softmax();
      for (int r = 0; r < count; r++) {
        long at = active[first + r] * 4L;
        boolean ignored = target(r) < 0;
        double log = Math.log(Memory.f32(total + r * 4L));
        double max = Memory.f32(maximum + r * 4L);
        Memory.f32(lseOut.address() + at, (float) (max + log));
        double logProb = Memory.f32(targetLogit + r * 4L) - max - log;
        Memory.f32(logProbs.address() + at, ignored ? 0 : (float) logProb);
      }
    }
  }

  void headLogProbsBackward(
      Tensor dlogProbs,
      Tensor x,
      Packed w,
      Tensor target,
      Tensor lseIn,
      boolean add,
      Tensor dx,
      Optional<Tensor> dw) {
    targets = target.address();
    weights = dlogProbs.address();
    begin(x, w, true);
    gradients(w, add, dx, dw);
    prepare(false, true);
    for (first = 0; first < plan.rows(); first += plan.chunk()) {
      openChunk();
      for (int r = 0; r < count; r++) {
        long at = active[first + r] * 4L;
        Memory.f32(lse + r * 4L, Memory.f32(lseIn.address() + at));
        Memory.f32(factor + r * 4L, -Memory.f32(weights + at));
      }
      workers.run(panels(), packing);
      workers.run(plan.groups(), backward);
      workers.run(panels(), summing);
    }
  }

  /** Lists the rows to compute: all, or those that have a target and a weight. */
  private void begin(Tensor x, Packed w, boolean weighted) {
    int n = Math.toIntExact(x.rows());
    if (active.length < n) {
      active = new int[n];
    }
    int rows = 0;
    for (int i = 0; i < n; i++) {
      if (!weighted || (Integers.at(targets, i) >= 0 && Memory.f32(weights + i * 4L) != 0)) {
        active[rows++] = i;
      }
    }
    hidden = x.address();
    hiddenStride = x.rowStride() * 4;
    plan = VectorHeadLossPlan.of(rows, x.columns(), w.out());
    head = new VectorHeadLossHead(w, plan);
  }

  private void gradients(Packed w, boolean add, Tensor dx, Optional<Tensor> dw) {
    gradient = dw.map(g -> new VectorHeadLossGradient(g, w.layout(), plan));
    dhidden = dx.address();
    dhiddenStride = dx.rowStride() * 4;
    accumulate = add;
    if (!add && plan.rows() < dx.rows()) {
      for (long i = 0; i < dx.rows(); i++) {
        Memory.zero(dhidden + i * dhiddenStride, dx.columns() * 4);
      }
    }
  }

  private void prepare(boolean kept, boolean lseGiven) {
    keepLogits = kept;
    givenLse = lseGiven;
    int threads = workers.threads();
    long chunkRow = plan.chunk() * 4L;
    hiddenRows.reserve(plan.chunk() * plan.dRow());
    hiddenColumns.reserve(plan.d() * chunkRow);
    hiddenPanels.reserve(plan.chunk() * plan.dRow());
    maxima.reserve(plan.blocks() * chunkRow);
    sums.reserve(plan.blocks() * chunkRow);
    rooms.reserve(threads * VectorHeadLossHead.roomBytes(plan));
    zeros = zeroRow.reserve(ROW);
    maximum = rowValues.reserve(5 * chunkRow);
    total = maximum + chunkRow;
    targetLogit = total + chunkRow;
    factor = targetLogit + chunkRow;
    lse = factor + chunkRow;
    if (kept) {
      logits.reserve(plan.vocabulary() * plan.logitsRow());
    } else {
      long row = lseGiven ? plan.logitsRow() : ROW;
      logits.reserve(threads * plan.block() * row);
    }
    if (kept || lseGiven) {
      partials.reserve(plan.groups() * plan.chunk() * plan.dRow());
      wordPanels.reserve(threads * VectorHeadLossHead.roomBytes(plan));
    }
  }

  private int panels() {
    return (count + Tiling.columns() - 1) / Tiling.columns();
  }

  private int target(int r) {
    return Integers.at(targets, active[first + r]);
  }

  private void openChunk() {
    count = Math.min(plan.chunk(), plan.rows() - first);
    Memory.zero(maximum, 5 * plan.chunk() * 4L);
  }

  private void softmax() {
    openChunk();
    workers.run(panels(), packing);
    workers.run(plan.blocks(), forward);
    workers.run(panels(), merging);
  }

  private void storeLosses(long out) {
    for (int r = 0; r < count; r++) {
      long at = active[first + r] * 4L;
      double log = Math.log(Memory.f32(total + r * 4L));
      double max = Memory.f32(maximum + r * 4L);
      double loss = log + (max - Memory.f32(targetLogit + r * 4L));
      Memory.f32(out + at, (float) (Memory.f32(weights + at) * loss));
    }
  }

  /** One panel's rows of hidden states as rows, as columns and as part of panels across d. */
  private void pack(int panel, int worker) {
    int columns = Tiling.columns();
    int from = panel * columns;
    long row = plan.dRow();
    long rows = hiddenRows.address() + from * row;
    Memory.zero(rows, columns * row);
    for (int r = 0; r < columns && from + r < count; r++) {
      Memory.copy(hidden + active[first + from + r] * hiddenStride, rows + r * row, plan.d() * 4L);
    }
    Packing.columns(
        plan.d(), columns, rows, 4, row, hiddenColumns.address() + panel * plan.d() * ROW);
    long to = hiddenPanels.address() + from * ROW;
    long step = count * ROW;
    for (int r = 0; r < columns && from + r < count; r++) {
      for (int p = 0; p < plan.dPanels(); p++) {
        Memory.copy(rows + r * row + p * ROW, to + p * step + r * ROW, ROW);
      }
    }
  }

  /** The logits of block b for one panel of rows. */
  private void logits(int b, int panel, long words, long to, long row) {
    product.run(
        plan.wordsOf(b),
        1,
        plan.d(),
        words,
        head.rowBytes(),
        4,
        hiddenColumns.address() + panel * plan.d() * ROW,
        ROW,
        0,
        zeros,
        0,
        0,
        to,
        row,
        0);
  }

  private void forward(int b, int worker) {
    long words = head.rows(b, rooms.address() + worker * VectorHeadLossHead.roomBytes(plan));
    int v0 = b * plan.block();
    long row = keepLogits ? plan.logitsRow() : ROW;
    long block = logits.address() + (keepLogits ? v0 * row : (long) worker * plan.block() * row);
    for (int p = 0; p < panels(); p++) {
      long at = block + (keepLogits ? p * ROW : 0);
      logits(b, p, words, at, row);
      int from = p * Tiling.columns();
      for (int r = from; r < from + Tiling.columns() && r < count; r++) {
        int v = target(r) - v0;
        if (v >= 0 && v < plan.wordsOf(b)) {
          Memory.f32(targetLogit + r * 4L, Memory.f32(at + v * row + (r - from) * 4L));
        }
      }
      long place = b * (plan.chunk() * 4L) + p * ROW;
      VectorHeadLossSweeps.exponentials(
          at, row, plan.wordsOf(b), maxima.address() + place, sums.address() + place);
    }
  }

  private void merge(int panel, int worker) {
    long step = plan.chunk() * 4L;
    long place = panel * ROW;
    VectorHeadLossSweeps.merge(
        plan.blocks(),
        maxima.address() + place,
        sums.address() + place,
        step,
        maximum + place,
        total + place);
    if (keepLogits) {
      int from = panel * Tiling.columns();
      for (int r = from; r < from + Tiling.columns() && r < count; r++) {
        float weight = Memory.f32(weights + active[first + r] * 4L);
        Memory.f32(factor + r * 4L, weight / Memory.f32(total + r * 4L));
      }
      VectorHeadLossSweeps.scaleFactors(
          plan.blocks(), maxima.address() + place, step, factor + place);
    }
  }

  /** One group of blocks: its gradients of the head, and its share of the hidden states'. */
  private void backward(int group, int worker) {
    long roomBytes = VectorHeadLossHead.roomBytes(plan);
    long room = rooms.address() + worker * roomBytes;
    long panelsOfWords = wordPanels.address() + worker * roomBytes;
    long row = plan.logitsRow();
    long share = partials.address() + (long) group * plan.chunk() * plan.dRow();
    int begin = plan.firstBlock(group);
    for (int b = begin; b < plan.firstBlock(group + 1); b++) {
      int count = plan.wordsOf(b);
      long words = head.rows(b, room);
      long block =
          logits.address()
              + (keepLogits ? (long) b * plan.block() * row : (long) worker * plan.block() * row);
      dlogits(b, words, block);
      Packing.columns(count, plan.d(), words, head.rowBytes(), 4, panelsOfWords);
      if (gradient.isPresent()) {
        gradient.get().add(product, b, this.count, block, hiddenPanels.address(), room, zeros);
      }
      boolean opening = b == begin;
      product.run(
          this.count,
          plan.dPanels(),
          count,
          block,
          4,
          row,
          panelsOfWords,
          ROW,
          count * ROW,
          opening ? zeros : share,
          opening ? 0 : plan.dRow(),
          opening ? 0 : ROW,
          share,
          plan.dRow(),
          ROW);
    }
  }

  private void dlogits(int b, long words, long block) {
    long row = plan.logitsRow();
    int v0 = b * plan.block();
    if (givenLse) {
      for (int p = 0; p < panels(); p++) {
        logits(b, p, words, block + p * ROW, row);
        VectorHeadLossSweeps.probabilities(
            block + p * ROW, row, plan.wordsOf(b), lse + p * ROW, factor + p * ROW);
      }
    } else {
      VectorHeadLossSweeps.scale(
          block, row, plan.wordsOf(b), panels(), maxima.address() + b * (plan.chunk() * 4L));
    }
    for (int r = 0; r < count; r++) {
      int v = target(r) - v0;
      if (v >= 0 && v < plan.wordsOf(b)) {
        long at = block + v * row + r * 4L;
        float weight = Memory.f32(weights + active[first + r] * 4L);
        Memory.f32(at, Memory.f32(at) + (givenLse ? weight : -weight));
      }
    }
  }

  private void sumHidden(int panel, int worker) {
    int from = panel * Tiling.columns();
    long step = plan.chunk() * plan.dRow();
    for (int r = from; r < from + Tiling.columns() && r < count; r++) {
      VectorHeadLossSweeps.sum(
          plan.groups(),
          partials.address() + r * plan.dRow(),
          step,
          plan.d(),
          accumulate,
          dhidden + active[first + r] * dhiddenStride);
    }
  }

  @Override
  public void close() {
    hiddenRows.close();
    hiddenColumns.close();
    hiddenPanels.close();
    logits.close();
    maxima.close();
    sums.close();
    rowValues.close();
    partials.close();
    rooms.close();
    wordPanels.close();
    zeroRow.close();
  }
}
