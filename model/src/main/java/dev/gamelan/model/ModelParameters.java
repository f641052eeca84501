package dev.gamelan.model;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.ProductKernels;
import dev.gamelan.tensor.spi.WeightLayout;
import dev.gamelan.tensor.tape.Parameters;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The parameters of a decoder as its steps need them: tensors by our names, packed weights made
 * once and shared by all steps, and gradients where there are any.
 */
public final class ModelParameters implements Parameters {
  private final Kernels kernels;
  private final ProductKernels.Use use;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Map<String, Tensor> gradients;
  private final Map<String, Packed> packed = new HashMap<>();

  private ModelParameters(
      Decoder decoder,
      Kernels kernels,
      ProductKernels.Use use,
      Map<String, Tensor> weights,
      Map<String, Tensor> gradients) {
    this.kernels = kernels;
    this.use = use;
    this.gradients = gradients;
    for (ParameterSpec p : decoder.parameters()) {
      Tensor tensor = weights.get(p.name());
      if (tensor == null || !tensor.shape().equals(p.shape())) {
        throw new IllegalArgumentException(
            "parameters: %s must be %s, it is %s"
                .formatted(p.name(), p.shape(), tensor == null ? "missing" : tensor.shape()));
      }
      tensors.put(p.name(), tensor);
    }
  }

  /**
   * For inference: matrices are used where they lie, in their dtype; vectors become f32, which
   * norms and biases want.
   */
  public static ModelParameters inPlace(
      Decoder decoder, Kernels kernels, Map<String, Tensor> weights) {
    Map<String, Tensor> usable = new HashMap<>();
    weights.forEach((name, t) -> usable.put(name, t.shape().rank() < 2 ? toF32(kernels, t) : t));
    return new ModelParameters(decoder, kernels, ProductKernels.Use.INFERENCE, usable, Map.of());
  }

  private static Tensor toF32(Kernels kernels, Tensor t) {
    if (t.dtype() == DType.F32) {
      return t;
    }
    Tensor copy = Tensor.zeros(t.shape().extents());
    kernels.copy(t, copy);
    return copy;
  }

  /**
   * For training: f32 weights that will change in place, and where their gradients go. Weights
   * without a gradient are frozen; those may be of any dtype.
   */
  public static ModelParameters trainable(
      Decoder decoder,
      Kernels kernels,
      Map<String, Tensor> weights,
      Map<String, Tensor> gradients) {
    Map<String, Tensor> usable = new HashMap<>();
    weights.forEach(
        (name, t) ->
            usable.put(
                name,
                t.shape().rank() < 2 && !gradients.containsKey(name) ? toF32(kernels, t) : t));
    return new ModelParameters(decoder, kernels, ProductKernels.Use.TRAINING, usable, gradients);
  }

  /** Brings packed weights up to date after the weights have changed. */
  public void refresh() {
    packed.values().forEach(kernels::refresh);
  }

  @Override
  public Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("parameters: there is no " + name);
    }
    return tensor;
  }

  @Override
  public Packed packed(String name, WeightLayout layout) {
    return packed.computeIfAbsent(name + layout, n -> kernels.pack(tensor(name), layout, use));
  }

  @Override
  public Optional<Tensor> gradient(String name) {
    return Optional.ofNullable(gradients.get(name));
  }
}
