package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.AttentionShape;
import dev.gamelan.tensor.spi.CacheRows;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Epilogue;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.KvPages;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.Routing;
import dev.gamelan.tensor.spi.WeightLayout;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Optional;

/**
 * The operations of the SPI, each handed to the class that does it. Those work on addresses, so
 * every call here ends by keeping its operands reachable: an operand whose last use is the call
 * would otherwise be free to have its memory collected in the middle of it.
 */
final class VectorKernels implements Kernels {
  private final InnerLoops loops;
  private final Workers workers;
  private final Scratch scratch;
  private final Constants constants = new Constants();
  private final Partials partials = new Partials();
  private final Gemm gemm;
  private final Elementwise each;
  private final VectorProducts products;
  private final ColumnSums columnSums;
  private final Gather gather;
  private final LayerNorms layerNorms;
  private final RmsNorms rmsNorms;
  private final Routes routes = new Routes();
  private final Combine combine;
  private final RowGates rowGates;
  private final RowLosses losses;
  private final Optimizers optimizers;
  private final VectorRotary rotary;
  private final VectorAttention attention;
  private final VectorAttentionBackward attentionBackward;
  private final VectorAttentionCache cache;
  private final VectorHeadLoss heads;
  private boolean closed;

  VectorKernels(int threads) {
    this(threads, InnerLoops.ofVectors(Tiling.of(Capabilities.detect())));
  }

  VectorKernels(int threads, InnerLoops loops) {
    this.loops = loops;
    PanelKernel kernel = loops.products();
    workers = new Workers(threads);
    scratch = new Scratch(threads);
    gemm = new Gemm(workers, Tiling.of(Capabilities.detect(), loops.rows()), kernel);
    each = new Elementwise(workers, scratch);
    products = new VectorProducts(gemm, each, workers, loops);
    columnSums = new ColumnSums(workers, partials);
    gather = new Gather(workers, scratch);
    RowSweeps sweeps = new RowSweeps(scratch);
    layerNorms = new LayerNorms(workers, sweeps, constants, partials);
    rmsNorms = new RmsNorms(workers, sweeps, constants, partials);
    combine = new Combine(workers, sweeps);
    rowGates = new RowGates(workers, sweeps);
    losses = new RowLosses(workers, scratch, sweeps);
    optimizers = new Optimizers(workers, scratch);
    rotary = new VectorRotary(workers);
    attention = new VectorAttention(workers, kernel);
    attentionBackward = new VectorAttentionBackward(workers, kernel);
    cache = new VectorAttentionCache(workers, kernel);
    heads = new VectorHeadLoss(workers, kernel);
  }

  /** What the lanes are, for logs and manifests. */
  static String vectors() {
    return Lanes.SPECIES.vectorBitSize() + "-bit vectors";
  }

  @Override
  public String name() {
    return loops.name();
  }

  @Override
  public String hardware() {
    return "%s, %d threads".formatted(loops.hardware(), threads());
  }

  @Override
  public ComputeMode mode() {
    return ComputeMode.F32;
  }

  @Override
  public int threads() {
    return workers.threads();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    workers.close();
    products.close();
    gemm.close();
    attention.close();
    attentionBackward.close();
    cache.close();
    heads.close();
    layerNorms.close();
    rmsNorms.close();
    partials.close();
    constants.close();
    scratch.close();
  }

  private static void keep(Object a) {
    Reference.reachabilityFence(a);
  }

  private static void keep(Object a, Object b) {
    Reference.reachabilityFence(a);
    Reference.reachabilityFence(b);
  }

  private static void keep(Object a, Object b, Object c) {
    keep(a);
    keep(b, c);
  }

  private static void keep(Object a, Object b, Object c, Object d) {
    keep(a, b);
    keep(c, d);
  }

  @Override
  public Packed pack(Tensor weight, WeightLayout layout, Use use) {
    Packed packed = products.pack(weight, layout, use);
    keep(weight);
    return packed;
  }

  @Override
  public void refresh(Packed weight) {
    products.refresh(weight);
    keep(weight);
  }

  @Override
  public void linear(Tensor x, Packed weight, Epilogue epilogue, Tensor y) {
    products.linear(x, weight, epilogue.bias(), epilogue.addend(), y);
    keep(x, weight, epilogue, y);
  }

  @Override
  public void linearBackwardInput(Tensor dy, Packed weight, boolean accumulate, Tensor dx) {
    products.backwardInput(dy, weight, accumulate, dx);
    keep(dy, weight, dx);
  }

  @Override
  public void linearBackwardWeight(
      Tensor dy, Tensor x, WeightLayout layout, boolean accumulate, Tensor dweight) {
    products.backwardWeight(dy, x, layout, accumulate, dweight);
    keep(dy, x, dweight);
  }

  @Override
  public void sumRows(Tensor x, boolean accumulate, Tensor sum) {
    columnSums.sumRows(x, accumulate, sum);
    keep(x, sum);
  }

  @Override
  public void fill(Tensor x, float value) {
    switch (x.dtype()) {
      case F32 -> each.begin(Arithmetic::fill, value).out(x).run();
      case F16 -> each.begin(Conversions::fillShorts, Float.floatToFloat16(value)).out(x).run();
      case BF16 -> each.begin(Conversions::fillShorts, DType.toBf16(value)).out(x).run();
      case I32 -> each.begin(Arithmetic::fill, Float.intBitsToFloat((int) value)).out(x).run();
      case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL ->
          throw new IllegalArgumentException(
              "fill: " + x + " is quantized; only plain types are filled");
    }
    keep(x);
  }

  @Override
  public void copy(Tensor x, Tensor y) {
    each.begin(Conversions.of(x.dtype(), y.dtype())).in(x).out(y).run();
    keep(x, y);
  }

  @Override
  public void addTo(Tensor x, Tensor y) {
    each.begin(Arithmetic::addTo).in(x).out(y).run();
    keep(x, y);
  }

  @Override
  public void add(Tensor a, Tensor b, Tensor y) {
    each.begin(Arithmetic::add).in(a).in(b).out(y).run();
    keep(a, b, y);
  }

  @Override
  public void scale(Tensor x, float scale, Tensor y) {
    each.begin(Arithmetic::scale, scale).in(x).out(y).run();
    keep(x, y);
  }

  @Override
  public void clamp(Tensor x, float bound, Tensor y) {
    each.begin(Arithmetic::clamp, bound).in(x).out(y).run();
    keep(x, y);
  }

  @Override
  public void clampBackward(Tensor x, float bound, Tensor dy, boolean accumulate, Tensor dx) {
    each.begin(Arithmetic::clampBackward, bound).in(x).in(dy).out(dx, accumulate).run();
    keep(x, dy, dx);
  }

  @Override
  public void activation(Activation f, Tensor x, Tensor y) {
    each.begin(Activations.forward(f)).in(x).out(y).run();
    keep(x, y);
  }

  @Override
  public void activationBackward(Activation f, Tensor x, Tensor dy, boolean accumulate, Tensor dx) {
    each.begin(Activations.backward(f)).in(x).in(dy).out(dx, accumulate).run();
    keep(x, dy, dx);
  }

  @Override
  public void gated(Activation f, Tensor gate, Tensor up, Tensor y) {
    each.begin(Gates.forward(f)).in(gate).in(up).out(y).run();
    keep(gate, up, y);
  }

  @Override
  public void gatedBackward(
      Activation f, Tensor gate, Tensor up, Tensor dy, Tensor dgate, Tensor dup) {
    each.begin(Gates.backward(f))
        .then(Gates::products)
        .in(gate)
        .in(up)
        .in(dy)
        .out(dgate)
        .out(dup)
        .run();
    keep(gate, up, dy, dgate);
    keep(dup);
  }

  @Override
  public void gateRows(Tensor gate, Tensor x, Tensor y) {
    rowGates.forward(gate, x, y);
    keep(gate, x, y);
  }

  @Override
  public void gateRowsBackward(Tensor gate, Tensor x, Tensor dy, Tensor dgate, Tensor dx) {
    rowGates.backward(gate, x, dy, dgate, dx);
    keep(gate, x, dy, dgate);
    keep(dx);
  }

  @Override
  public void embedding(Tensor ids, int offset, Tensor table, boolean accumulate, Tensor y) {
    gather.pick(ids, offset, table, accumulate, y);
    keep(ids, table, y);
  }

  @Override
  public void embeddingBackward(Tensor ids, int offset, Tensor dy, Tensor dtable) {
    gather.put(dy, ids, offset, dtable);
    keep(ids, dy, dtable);
  }

  @Override
  public void selectRows(Tensor x, Tensor rows, Tensor y) {
    gather.pick(rows, 0, x, false, y);
    keep(x, rows, y);
  }

  @Override
  public void selectRowsBackward(Tensor dy, Tensor rows, Tensor dx) {
    gather.put(dy, rows, 0, dx);
    keep(dy, rows, dx);
  }

  @Override
  public void layerNorm(
      Tensor x,
      Optional<Tensor> weight,
      Optional<Tensor> bias,
      float eps,
      Tensor y,
      Tensor mean,
      Tensor rstd) {
    layerNorms.forward(x, weight, bias, eps, y, mean, rstd);
    keep(x, weight, bias, y);
    keep(mean, rstd);
  }

  @Override
  public void layerNormBackward(
      Tensor dy,
      Tensor x,
      Optional<Tensor> weight,
      Tensor mean,
      Tensor rstd,
      boolean accumulate,
      Tensor dx,
      Optional<Tensor> dweight,
      Optional<Tensor> dbias) {
    layerNorms.backward(dy, x, weight, mean, rstd, accumulate, dx, dweight, dbias);
    keep(dy, x, weight, mean);
    keep(rstd, dx, dweight, dbias);
  }

  @Override
  public void rmsNorm(
      Tensor x, Optional<Tensor> weight, int groups, float eps, Tensor y, Tensor rstd) {
    rmsNorms.forward(x, weight, groups, eps, y, rstd);
    keep(x, weight, y, rstd);
  }

  @Override
  public void rmsNormBackward(
      Tensor dy,
      Tensor x,
      Optional<Tensor> weight,
      int groups,
      Tensor rstd,
      boolean accumulate,
      Tensor dx,
      Optional<Tensor> dweight) {
    rmsNorms.backward(dy, x, weight, groups, rstd, accumulate, dx, dweight);
    keep(dy, x, weight, rstd);
    keep(dx, dweight);
  }

  @Override
  public void route(Tensor logits, Routing routing, Tensor experts, Tensor weights) {
    routes.route(logits, routing, experts, weights);
    keep(logits, experts, weights);
  }

  @Override
  public void routeBackward(
      Tensor dweights,
      Tensor logits,
      Routing routing,
      Tensor experts,
      Tensor weights,
      boolean accumulate,
      Tensor dlogits) {
    routes.backward(dweights, logits, routing, experts, weights, accumulate, dlogits);
    keep(dweights, logits, experts, weights);
    keep(dlogits);
  }

  @Override
  public void routerLoad(Tensor logits, Tensor experts, boolean accumulate, Tensor load) {
    routes.load(logits, experts, accumulate, load);
    keep(logits, experts, load);
  }

  @Override
  public void routerLoadBackward(
      Tensor logits, Tensor load, float scale, boolean accumulate, Tensor dlogits) {
    routes.loadBackward(logits, load, scale, accumulate, dlogits);
    keep(logits, load, dlogits);
  }

  @Override
  public void sortByExpert(Tensor experts, Tensor source, Tensor place, Tensor offsets) {
    routes.sortByExpert(experts, source, place, offsets);
    keep(experts, source, place, offsets);
  }

  @Override
  public void groupedLinear(Tensor x, Tensor offsets, List<Packed> weights, Tensor y) {
    products.grouped(x, offsets, weights, y);
    keep(x, offsets, weights, y);
  }

  @Override
  public void groupedLinearBackwardInput(
      Tensor dy, Tensor offsets, List<Packed> weights, boolean accumulate, Tensor dx) {
    products.groupedBackwardInput(dy, offsets, weights, accumulate, dx);
    keep(dy, offsets, weights, dx);
  }

  @Override
  public void groupedLinearBackwardWeight(
      Tensor dy, Tensor x, Tensor offsets, WeightLayout layout, List<Tensor> dweights) {
    products.groupedBackwardWeight(dy, x, offsets, layout, dweights);
    keep(dy, x, offsets, dweights);
  }

  @Override
  public void combine(Tensor x, Tensor place, Tensor weights, boolean accumulate, Tensor y) {
    combine.forward(x, place, weights, accumulate, y);
    keep(x, place, weights, y);
  }

  @Override
  public void combineBackward(
      Tensor dy, Tensor x, Tensor place, Tensor weights, Tensor dx, Tensor dweights) {
    combine.backward(dy, x, place, weights, dx, dweights);
    keep(dy, x, place, weights);
    keep(dx, dweights);
  }

  @Override
  public void headLoss(Tensor hidden, Packed head, Tensor targets, Tensor weights, Tensor losses) {
    heads.headLoss(hidden, head, targets, weights, losses);
    keep(hidden, head, targets, weights);
    keep(losses);
  }

  @Override
  public void headLossBackward(
      Tensor hidden,
      Packed head,
      Tensor targets,
      Tensor weights,
      Tensor losses,
      boolean accumulate,
      Tensor dhidden,
      Optional<Tensor> dhead) {
    heads.headLossBackward(hidden, head, targets, weights, losses, accumulate, dhidden, dhead);
    keep(hidden, head, targets, weights);
    keep(losses, dhidden, dhead);
  }

  @Override
  public void headLogProbs(
      Tensor hidden, Packed head, Tensor targets, Tensor logProbs, Tensor lse) {
    heads.headLogProbs(hidden, head, targets, logProbs, lse);
    keep(hidden, head, targets, logProbs);
    keep(lse);
  }

  @Override
  public void headLogProbsBackward(
      Tensor dlogProbs,
      Tensor hidden,
      Packed head,
      Tensor targets,
      Tensor lse,
      boolean accumulate,
      Tensor dhidden,
      Optional<Tensor> dhead) {
    heads.headLogProbsBackward(dlogProbs, hidden, head, targets, lse, accumulate, dhidden, dhead);
    keep(dlogProbs, hidden, head, targets);
    keep(lse, dhidden, dhead);
  }

  @Override
  public void logSoftmaxGather(Tensor logits, Tensor targets, Tensor logProbs) {
    losses.logSoftmaxGather(logits, targets, logProbs);
    keep(logits, targets, logProbs);
  }

  @Override
  public void logSoftmaxGatherBackward(
      Tensor dlogProbs, Tensor logits, Tensor targets, boolean accumulate, Tensor dlogits) {
    losses.logSoftmaxGatherBackward(dlogProbs, logits, targets, accumulate, dlogits);
    keep(dlogProbs, logits, targets, dlogits);
  }

  @Override
  public void kl(Tensor logits, Tensor reference, Tensor kl) {
    losses.kl(logits, reference, kl);
    keep(logits, reference, kl);
  }

  @Override
  public void klBackward(
      Tensor dkl, Tensor logits, Tensor reference, boolean accumulate, Tensor dlogits) {
    losses.klBackward(dkl, logits, reference, accumulate, dlogits);
    keep(dkl, logits, reference, dlogits);
  }

  @Override
  public void logSigmoid(Tensor x, Tensor y) {
    RowLosses.logSigmoid(x, y);
    keep(x, y);
  }

  @Override
  public void logSigmoidBackward(Tensor x, Tensor dy, boolean accumulate, Tensor dx) {
    RowLosses.logSigmoidBackward(x, dy, accumulate, dx);
    keep(x, dy, dx);
  }

  @Override
  public void rotary(
      Tensor x,
      int[] heads,
      RotaryStyle style,
      Tensor positions,
      Tensor cos,
      Tensor sin,
      boolean inverse) {
    rotary.rotary(x, heads, style, positions, cos, sin, inverse);
    keep(x, positions, cos, sin);
  }

  @Override
  public void attention(
      Tensor qkv, AttentionShape shape, int sequences, int length, Tensor out, Tensor lse) {
    attention.attention(qkv, shape, sequences, length, out, lse);
    keep(qkv, out, lse);
  }

  @Override
  public void attentionBackward(
      Tensor dout,
      Tensor qkv,
      Tensor out,
      Tensor lse,
      AttentionShape shape,
      int sequences,
      int length,
      Tensor dqkv) {
    attentionBackward.attentionBackward(dout, qkv, out, lse, shape, sequences, length, dqkv);
    keep(dout, qkv, out, lse);
    keep(dqkv);
  }

  @Override
  public void cacheWrite(Tensor qkv, AttentionShape shape, CacheRows rows, KvPages pages) {
    cache.cacheWrite(qkv, shape, rows, pages);
    keep(qkv, rows, pages);
  }

  @Override
  public void cachedAttention(
      Tensor qkv, AttentionShape shape, CacheRows rows, KvPages pages, Tensor out) {
    cache.cachedAttention(qkv, shape, rows, pages, out);
    keep(qkv, rows, pages, out);
  }

  @Override
  public double sumOfSquares(Tensor x) {
    double sum = optimizers.sumOfSquares(x);
    keep(x);
    return sum;
  }

  @Override
  public void adamW(Tensor parameters, Tensor gradients, Tensor m, Tensor v, AdamW settings) {
    optimizers.adamW(parameters, gradients, m, v, settings);
    keep(parameters, gradients, m, v);
  }
}
