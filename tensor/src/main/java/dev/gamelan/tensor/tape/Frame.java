package dev.gamelan.tensor.tape;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Optional;

/** Where an op finds its operands while its step is made. */
public interface Frame {
  Kernels kernels();

  /** Whether a backward pass follows. */
  boolean training();

  Tensor tensor(Value value);

  default Optional<Tensor> tensor(Optional<Value> value) {
    return value.map(this::tensor);
  }

  /** A parameter as products take it. */
  Packed packed(Value parameter, WeightLayout layout);

  /** The gradient of an output, which the backward pass reads. */
  Tensor gradientOf(Value output);

  /** Where the gradient of an input goes; empty if nobody needs it. */
  Optional<Gradient> gradientTo(Value input);

  /** {@link #gradientTo(Value)} where the input itself may be absent. */
  default Optional<Gradient> gradientTo(Optional<Value> input) {
    return input.flatMap(this::gradientTo);
  }

  /**
   * A gradient to be written.
   *
   * @param accumulate whether something is there already, to be added to
   */
  record Gradient(Tensor tensor, boolean accumulate) {}
}
