package dev.gamelan.model;

import dev.gamelan.tensor.Shape;

/**
 * One parameter of a decoder.
 *
 * @param name Gamelan's own, e.g. {@code layers.3.attention.out.weight}; families translate it
 * @param shape as the checkpoint keeps it
 */
public record ParameterSpec(String name, Shape shape, Role role) {
  /** What a parameter does, which decides how it begins and whether it decays. */
  public enum Role {
    /** Token or position embedding. */
    EMBEDDING,
    /** A matrix that reads the residual stream. */
    INPUT,
    /** A matrix that writes to the residual stream. */
    OUTPUT,
    /** The language-model head, where it isn't the embedding. */
    HEAD,
    /** What reads the input of an adapter's side path. */
    LOW_RANK_IN,
    /** What writes its output: begins at 0. */
    LOW_RANK_OUT,
    /** The weight of a norm: begins at 1. */
    NORM,
    /** Begins at 0. */
    BIAS
  }

  /** Whether weight decay applies: to all but norms and biases. */
  public boolean decays() {
    return switch (role) {
      case EMBEDDING, INPUT, OUTPUT, HEAD, LOW_RANK_IN, LOW_RANK_OUT -> true;
      case NORM, BIAS -> false;
    };
  }
}
