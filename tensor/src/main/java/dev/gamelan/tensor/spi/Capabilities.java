package dev.gamelan.tensor.spi;

import java.util.Set;

/**
 * What a backend found on this machine.
 *
 * @param hardware what it runs on, e.g. {@code "256-bit vectors, 16 registers"}
 * @param modes the compute modes it offers
 * @param preference higher is chosen first among the usable ones
 */
public record Capabilities(String hardware, Set<ComputeMode> modes, int preference) {
  public Capabilities {
    modes = Set.copyOf(modes);
  }
}
