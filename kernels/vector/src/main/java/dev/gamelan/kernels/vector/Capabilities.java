package dev.gamelan.kernels.vector;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * What the choice of tiles depends on.
 *
 * @param vectorRegisters vector registers of the machine: 16 (AVX2, SSE) or 32 (AVX-512, NEON)
 * @param l1 bytes of first-level data cache a core
 * @param l2 bytes of second-level cache a core
 * @param l3 bytes of last-level cache
 */
record Capabilities(int vectorRegisters, long l1, long l2, long l3) {
  private static final long DEFAULT_L1 = 32L << 10;
  private static final long DEFAULT_L2 = 512L << 10;
  private static final long DEFAULT_L3 = 16L << 20;

  Capabilities {
    if (vectorRegisters < 16 || l1 < 4096 || l2 < l1 || l3 < l2) {
      throw new IllegalArgumentException(
          "Capabilities: %d vector registers, caches of %d, %d and %d bytes; needs at least 16 registers and caches that grow outwards from 4096"
              .formatted(vectorRegisters, l1, l2, l3));
    }
  }

  /** This machine's, caches as Linux tells them, or common sizes where it does not. */
  static Capabilities detect() {
    return of(
        System.getProperty("os.arch", ""),
        Lanes.SPECIES.vectorBitSize(),
        Path.of("/sys/devices/system/cpu/cpu0/cache"));
  }

  static Capabilities of(String arch, int vectorBits, Path caches) {
    long l1 = size(caches.resolve("index0")).orElse(DEFAULT_L1);
    long l2 = Math.max(l1, size(caches.resolve("index2")).orElse(DEFAULT_L2));
    long l3 = Math.max(l2, size(caches.resolve("index3")).orElse(DEFAULT_L3));
    boolean manyRegisters = vectorBits >= 512 || arch.equals("aarch64");
    return new Capabilities(manyRegisters ? 32 : 16, Math.max(4096, l1), l2, l3);
  }

  private static OptionalLong size(Path cache) {
    Path file = cache.resolve("size");
    try {
      String text = Files.readString(file).strip();
      long unit =
          switch (text.isEmpty() ? ' ' : text.charAt(text.length() - 1)) {
            case 'K' -> 1L << 10;
            case 'M' -> 1L << 20;
            case 'G' -> 1L << 30;
            default -> 1;
          };
      String digits = unit == 1 ? text : text.substring(0, text.length() - 1);
      return OptionalLong.of(Long.parseLong(digits) * unit);
    } catch (IOException | NumberFormatException e) {
      // Not Linux, or a container that hides its caches: the defaults cost speed, not correctness.
      return OptionalLong.empty();
    }
  }
}
