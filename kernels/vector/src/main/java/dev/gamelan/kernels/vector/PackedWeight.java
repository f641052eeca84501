package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.WeightLayout;
import java.lang.foreign.Arena;
import java.util.Optional;

/**
 * A weight as panels for the forward product. The backward product reads the source itself, or for
 * f16 and bf16 an f32 copy, which is kept if the weight is packed for training.
 *
 * @param arena owns the panels; they live as long as this
 * @param panels Wᵀ as the right operand B[in, out]
 * @param copy the source as f32, kept for training if it isn't f32
 */
record PackedWeight(
    Tensor source, WeightLayout layout, Arena arena, PackedB panels, Optional<Tensor> copy)
    implements Packed {
  /** The f32 matrix, if there is one. */
  Optional<Tensor> floats() {
    return source.dtype() == DType.F32 ? Optional.of(source) : copy;
  }
}
