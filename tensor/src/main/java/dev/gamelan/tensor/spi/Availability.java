package dev.gamelan.tensor.spi;

/** Whether a backend can run here. */
public sealed interface Availability {
  /** It can, with these capabilities. */
  record Usable(Capabilities capabilities) implements Availability {}

  /** It can't, and this is why, in a sentence that a user can act on. */
  record Unusable(String reason) implements Availability {}
}
