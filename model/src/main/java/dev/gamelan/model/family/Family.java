package dev.gamelan.model.family;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * One model family with one configuration of it: everything that is particular to the family stands
 * in its file.
 */
public interface Family {
  /** What the decoder needs to know. */
  DecoderSpec spec();

  /** The names of the parameters in a Hugging Face checkpoint. */
  TensorNames names();

  /**
   * Other names that published files use for a parameter, ours as the value, e.g. a head that newer
   * libraries renamed.
   */
  default Map<String, String> aliases() {
    return Map.of();
  }

  /**
   * The shape that a Hugging Face checkpoint keeps a parameter in, where it isn't ours: of as many
   * elements in the same order, e.g. a convolution's.
   *
   * @param name ours
   * @param shape ours
   */
  default Shape publishedShape(String name, Shape shape) {
    return shape;
  }

  /** Endings of tensors in published files that carry no weights and are passed over. */
  default List<String> ignored() {
    return List.of(".attention.bias", ".attention.masked_bias", ".rotary_emb.inv_freq");
  }

  /** The token that ends a text, as the configuration names it. */
  Optional<Integer> eos();

  /** The token that begins a text, as the configuration names it. */
  Optional<Integer> bos();

  /** The configuration as a Hugging Face {@code config.json}. */
  ObjectNode config();
}
