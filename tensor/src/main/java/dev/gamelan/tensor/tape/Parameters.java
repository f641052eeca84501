package dev.gamelan.tensor.tape;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Optional;

/** The parameters of a model by name, as a step needs them. */
public interface Parameters {
  /**
   * @throws IllegalArgumentException if there is none of this name
   */
  Tensor tensor(String name);

  /** The parameter as products take it; made once and shared by all steps. */
  Packed packed(String name, WeightLayout layout);

  /** Where its gradient is added up; empty for frozen parameters. */
  Optional<Tensor> gradient(String name);
}
