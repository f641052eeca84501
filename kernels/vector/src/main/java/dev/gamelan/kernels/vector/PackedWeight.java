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
 * f16 and bf16 an f32 copy that is kept for it.
 *
 * @param arena owns the panels; they live as long as this
 * @param panels Wᵀ as the right operand B[in, out]
 * @param copy the source as f32, if it is needed and isn't f32
 */
record PackedWeight(
    Tensor source, WeightLayout layout, Use use, Arena arena, PackedB panels, Optional<Tensor> copy)
    implements Packed {
  /** The f32 matrix that the backward product reads. */
  Tensor floats() {
    return switch (use) {
      case TRAINING -> source.dtype() == DType.F32 ? source : copy.orElseThrow();
      case INFERENCE ->
          throw new IllegalArgumentException(
              "linear backward: the weight %s was packed for inference; pack it for training"
                  .formatted(source));
    };
  }
}
