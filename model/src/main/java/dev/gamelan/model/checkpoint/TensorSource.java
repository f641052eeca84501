package dev.gamelan.model.checkpoint;

import dev.gamelan.tensor.Tensor;
import java.util.Set;

/** Named tensors, in place where they lie. */
public interface TensorSource {
  /** The names, in the order of the file. */
  Set<String> names();

  /**
   * @throws IllegalArgumentException if there is none of this name
   */
  Tensor tensor(String name);
}
