package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.ProductKernels.Use;
import dev.gamelan.tensor.spi.WeightLayout;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;

/** The products of linear layers in terms of {@link Gemm}. */
final class VectorProducts {
  private record Compact(CompactKernels kernels, CompactProduct product) {}

  private final Gemm gemm;
  private final Workers workers;
  private final Optional<Compact> compact;
  private final Elementwise each;
  private final Unquantizing unquantizing;

  VectorProducts(Gemm gemm, Elementwise each, Workers workers, InnerLoops loops) {
    this.gemm = gemm;
    this.workers = workers;
    long cache = Capabilities.detect().l2() / 2;
    compact =
        loops.compact().map(k -> new Compact(k, new CompactProduct(workers, k, loops, cache)));
    this.each = each;
    this.unquantizing = new Unquantizing(workers);
  }

  Packed pack(Tensor weight, WeightLayout layout, Use use) {
    if (weight.dtype() == DType.I32) {
      throw new IllegalArgumentException(
          "pack: the weight is %s; it must be f32, f16, bf16 or quantized".formatted(weight));
    }
    PackedWeight packed = new PackedWeight(weight, layout, use);
    refresh(packed);
    switch (use) {
      case TRAINING -> {}
      case INFERENCE -> {
        if (staysCompact(packed)) {
          compact(packed);
        } else {
          panels(packed);
        }
      }
    }
    return packed;
  }

  void refresh(Packed weight) {
    PackedWeight packed = own("refresh", weight);
    if (packed.copy().isPresent()) {
      convert(packed.source(), packed.copy().get());
    }
    packed.fresh(false);
  }

  private boolean staysCompact(PackedWeight packed) {
    return packed.use() == Use.INFERENCE
        && compact.isPresent()
        && CompactWeight.suits(compact.get().kernels(), packed.source(), packed.layout());
  }

  private CompactWeight compact(PackedWeight packed) {
    CompactWeight panels = packed.compact(compact.orElseThrow().kernels());
    if (!packed.isFresh()) {
      panels.fill(workers);
      packed.fresh(true);
    }
    return panels;
  }

  void close() {
    compact.ifPresent(c -> c.product().close());
  }

  /** The panels of the weight as it was when last refreshed. */
  private PackedB panels(PackedWeight packed) {
    if (!packed.isFresh()) {
      if (packed.floats().isPresent()) {
        fill(packed, packed.floats().get());
      } else {
        try (Arena arena = Arena.ofShared()) {
          fill(packed, converted(packed.source(), arena));
        }
      }
      packed.fresh(true);
    }
    return packed.panels();
  }

  private Tensor converted(Tensor from, Arena arena) {
    Tensor floats = Tensor.allocate(arena, DType.F32, from.rows(), from.columns());
    convert(from, floats);
    return floats;
  }

  private void convert(Tensor from, Tensor to) {
    if (from.dtype().isQuantized()) {
      unquantizing.run(from, to);
      return;
    }
    each.begin(Conversions.of(from.dtype(), DType.F32)).in(from).out(to).run();
  }

  private void fill(PackedWeight packed, Tensor floats) {
    boolean rowsOut = packed.layout() == WeightLayout.OUT_IN;
    gemm.pack(
        floats.address(),
        rowsOut ? 1 : floats.rowStride(),
        rowsOut ? floats.rowStride() : 1,
        packed.panels());
  }

  /** y = x·Wᵀ (+ bias) (+ addend). */
  void linear(Tensor x, Packed weight, Optional<Tensor> bias, Optional<Tensor> addend, Tensor y) {
    forward(
        Math.toIntExact(x.rows()),
        x.address(),
        x.rowStride(),
        own("linear", weight),
        bias.isPresent() ? bias.get().address() : 0,
        addend.isPresent() ? addend.get().address() : 0,
        addend.isPresent() ? addend.get().rowStride() : 0,
        y.address(),
        y.rowStride());
  }

  private void forward(
      int rows,
      long x,
      long xStride,
      PackedWeight weight,
      long bias,
      long addend,
      long addendStride,
      long y,
      long yStride) {
    if (staysCompact(weight)) {
      compact
          .orElseThrow()
          .product()
          .run(
              compact(weight),
              rows,
              x,
              xStride * 4,
              bias,
              addend,
              addendStride * 4,
              y,
              yStride * 4);
      return;
    }
    gemm.product(
        rows, x, xStride, 1, panels(weight), y, yStride, false, bias, addend, addendStride);
  }

  /** dx (+)= dy·W. */
  void backwardInput(Tensor dy, Packed weight, boolean accumulate, Tensor dx) {
    backwardInput(
        Math.toIntExact(dy.rows()),
        dy.address(),
        dy.rowStride(),
        own("linear backward", weight),
        accumulate,
        dx.address(),
        dx.rowStride());
  }

  private void backwardInput(
      int rows,
      long dy,
      long dyStride,
      PackedWeight weight,
      boolean accumulate,
      long dx,
      long dxStride) {
    if (weight.floats().isPresent()) {
      backwardInput(rows, dy, dyStride, weight, weight.floats().get(), accumulate, dx, dxStride);
    } else {
      try (Arena arena = Arena.ofShared()) {
        Tensor floats = converted(weight.source(), arena);
        backwardInput(rows, dy, dyStride, weight, floats, accumulate, dx, dxStride);
      }
    }
  }

  private void backwardInput(
      int rows,
      long dy,
      long dyStride,
      PackedWeight weight,
      Tensor floats,
      boolean accumulate,
      long dx,
      long dxStride) {
    boolean rowsOut = weight.layout() == WeightLayout.OUT_IN;
    gemm.product(
        rows,
        Math.toIntExact(weight.in()),
        Math.toIntExact(weight.out()),
        dy,
        dyStride,
        1,
        floats.address(),
        rowsOut ? floats.rowStride() : 1,
        rowsOut ? 1 : floats.rowStride(),
        dx,
        dxStride,
        accumulate,
        0,
        0,
        0);
  }

  /** dW (+)= dyᵀ·x in the weight's layout. */
  void backwardWeight(
      Tensor dy, Tensor x, WeightLayout layout, boolean accumulate, Tensor dweight) {
    backwardWeight(
        Math.toIntExact(x.rows()), dy, dy.address(), x, x.address(), layout, accumulate, dweight);
  }

  private void backwardWeight(
      int rows,
      Tensor dy,
      long dyFrom,
      Tensor x,
      long xFrom,
      WeightLayout layout,
      boolean accumulate,
      Tensor dweight) {
    boolean rowsOut = layout == WeightLayout.OUT_IN;
    Tensor left = rowsOut ? dy : x;
    Tensor right = rowsOut ? x : dy;
    gemm.product(
        Math.toIntExact(left.columns()),
        Math.toIntExact(right.columns()),
        rows,
        rowsOut ? dyFrom : xFrom,
        1,
        left.rowStride(),
        rowsOut ? xFrom : dyFrom,
        right.rowStride(),
        1,
        dweight.address(),
        dweight.rowStride(),
        accumulate,
        0,
        0,
        0);
  }

  /** For each expert e: y[offsets[e]…] = x[offsets[e]…]·Wₑᵀ. */
  void grouped(Tensor x, Tensor offsets, List<Packed> weights, Tensor y) {
    for (int e = 0; e < weights.size(); e++) {
      long from = offset(offsets, e);
      int rows = (int) (offset(offsets, e + 1) - from);
      forward(
          rows,
          x.address() + 4 * from * x.rowStride(),
          x.rowStride(),
          own("grouped linear", weights.get(e)),
          0,
          0,
          0,
          y.address() + 4 * from * y.rowStride(),
          y.rowStride());
    }
  }

  /** For each expert e: dx[offsets[e]…] (+)= dy[offsets[e]…]·Wₑ. */
  void groupedBackwardInput(
      Tensor dy, Tensor offsets, List<Packed> weights, boolean accumulate, Tensor dx) {
    for (int e = 0; e < weights.size(); e++) {
      long from = offset(offsets, e);
      int rows = (int) (offset(offsets, e + 1) - from);
      backwardInput(
          rows,
          dy.address() + 4 * from * dy.rowStride(),
          dy.rowStride(),
          own("grouped linear backward", weights.get(e)),
          accumulate,
          dx.address() + 4 * from * dx.rowStride(),
          dx.rowStride());
    }
  }

  /** For each expert e: dWₑ += dy[offsets[e]…]ᵀ·x[offsets[e]…]. */
  void groupedBackwardWeight(
      Tensor dy, Tensor x, Tensor offsets, WeightLayout layout, List<Tensor> dweights) {
    for (int e = 0; e < dweights.size(); e++) {
      long from = offset(offsets, e);
      int rows = (int) (offset(offsets, e + 1) - from);
      backwardWeight(
          rows,
          dy,
          dy.address() + 4 * from * dy.rowStride(),
          x,
          x.address() + 4 * from * x.rowStride(),
          layout,
          true,
          dweights.get(e));
    }
  }

  private static int offset(Tensor offsets, int e) {
    return Gather.index(offsets.address() + e * Gather.step(offsets));
  }

  private static PackedWeight own(String operation, Packed weight) {
    if (weight instanceof PackedWeight packed) {
      return packed;
    }
    throw new IllegalArgumentException(
        "%s: the weight %s was packed by another backend; pack it with this one"
            .formatted(operation, weight.source()));
  }
}
