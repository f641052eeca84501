package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.ProductKernels.Use;
import dev.gamelan.tensor.spi.WeightLayout;
import java.lang.foreign.Arena;
import java.util.Optional;

/**
 * A weight as panels for the forward product. The backward product reads the source itself, or for
 * f16 and bf16 an f32 copy, which is kept if the weight is packed for training. For training panels
 * are made when a forward product first needs them: a head that only its fused loss uses, which
 * reads the source, takes neither their memory nor their time. A weight for inference stays compact
 * where the innermost loops can read it so.
 */
final class PackedWeight implements Packed {
  private final Tensor source;
  private final WeightLayout layout;
  private final Use use;

  /** Owns the copy and the panels, which live as long as this. */
  private final Arena arena = Arena.ofAuto();

  private final Optional<Tensor> copy;
  private Optional<PackedB> panels = Optional.empty();
  private Optional<CompactWeight> compact = Optional.empty();
  private boolean fresh;

  PackedWeight(Tensor source, WeightLayout layout, Use use) {
    this.source = source;
    this.layout = layout;
    this.use = use;
    copy =
        use == Use.TRAINING && source.dtype() != DType.F32
            ? Optional.of(Tensor.allocate(arena, DType.F32, source.rows(), source.columns()))
            : Optional.empty();
  }

  @Override
  public Tensor source() {
    return source;
  }

  @Override
  public WeightLayout layout() {
    return layout;
  }

  /** Where the source is kept as f32, if it is kept so and isn't f32 itself. */
  Optional<Tensor> copy() {
    return copy;
  }

  /** The f32 matrix, if there is one. */
  Optional<Tensor> floats() {
    return source.dtype() == DType.F32 ? Optional.of(source) : copy;
  }

  /** Wᵀ as the right operand B[in, out], as of the last packing. */
  PackedB panels() {
    if (panels.isEmpty()) {
      panels = Optional.of(PackedB.allocate(arena, Math.toIntExact(in()), Math.toIntExact(out())));
    }
    return panels.get();
  }

  /** The compact panels, made if they aren't there. */
  CompactWeight compact(CompactKernels kernels) {
    if (compact.isEmpty()) {
      compact = Optional.of(CompactWeight.allocate(kernels, source, layout, arena));
    }
    return compact.get();
  }

  Use use() {
    return use;
  }

  /** Whether the panels hold the source as it is. */
  boolean isFresh() {
    return fresh;
  }

  void fresh(boolean now) {
    fresh = now;
  }
}
