package dev.gamelan.tensor.spi;

import dev.gamelan.tensor.Tensor;
import java.util.Optional;

/**
 * What a product adds to its result: each element is accumulated over k first, then the bias is
 * added, then the addend.
 *
 * @param bias [out], added to every row
 * @param addend [rows, out], e.g. the residual; may be the output itself (then y += …)
 */
public record Epilogue(Optional<Tensor> bias, Optional<Tensor> addend) {
  /** Nothing is added. */
  public static final Epilogue NONE = new Epilogue(Optional.empty(), Optional.empty());
}
