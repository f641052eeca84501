package dev.gamelan.kernels.vector;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The whole address space as one segment, so that kernels work on absolute byte addresses.
 *
 * <p>Its scope is the global one and its length the largest there is, both constants to the
 * compiler: liveness checks vanish, and so do bounds checks for addresses masked with {@link
 * #ADDRESS}. Nothing is checked here: whoever passes an address has made sure that it is mapped,
 * lives and is aligned to 4 bytes.
 */
final class Memory {
  @SuppressWarnings("restricted")
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /**
   * Keeps the bits of a user-space address. Masking a loop-invariant base proves to the compiler
   * that base + offset lies within {@link #ALL}.
   */
  static final long ADDRESS = (1L << 57) - 1;

  /**
   * Keeps the bits of a byte stride. Strides are not negative and below 2 GiB, so that 2^31 of them
   * added to an address cannot overflow.
   */
  static final long STRIDE = (1L << 31) - 1;

  /** Keeps the bits of the distance between two panels, below 2^58 bytes. */
  static final long OFFSET = (1L << 58) - 1;

  /** Size of a cache line, and the alignment of all scratch memory. */
  static final long LINE = 64;

  private Memory() {}

  static float f32(long address) {
    return ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address);
  }

  static void f32(long address, float value) {
    ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address, value);
  }

  static void copy(long from, long to, long bytes) {
    MemorySegment.copy(ALL, from, ALL, to, bytes);
  }

  static void zero(long address, long bytes) {
    ALL.asSlice(address, bytes).fill((byte) 0);
  }

  /** Zeroed, aligned to a cache line, freed with the arena. */
  static long allocate(Arena arena, long bytes) {
    return arena.allocate(Math.max(bytes, 1), LINE).address();
  }

  static long roundUp(long value, long multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }
}
