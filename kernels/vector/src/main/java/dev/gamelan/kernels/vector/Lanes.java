package dev.gamelan.kernels.vector;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width every kernel of this module is compiled for.
 *
 * <p>It is the widest the machine offers unless the system property {@code gamelan.vector.bits}
 * (128, 256 or 512) asks for another. A width that the machine has no registers for works, slowly.
 */
final class Lanes {
  static final VectorSpecies<Float> SPECIES = chosen(System.getProperty("gamelan.vector.bits"));

  /** Floats in a vector. */
  static final int COUNT = SPECIES.length();

  /** Bytes in a vector. */
  static final long BYTES = COUNT * 4L;

  static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private Lanes() {}

  static VectorSpecies<Float> chosen(String bits) {
    return switch (bits) {
      case null -> FloatVector.SPECIES_PREFERRED;
      case "128" -> FloatVector.SPECIES_128;
      case "256" -> FloatVector.SPECIES_256;
      case "512" -> FloatVector.SPECIES_512;
      default ->
          throw new IllegalArgumentException(
              "gamelan.vector.bits is \""
                  + bits
                  + "\", but must be 128, 256 or 512; leave it out to take the machine's own width");
    };
  }

  static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(SPECIES, Memory.ALL, address, ORDER);
  }

  static void store(FloatVector vector, long address) {
    vector.intoMemorySegment(Memory.ALL, address, ORDER);
  }

  /** Every lane the float at the address. */
  static FloatVector splat(long address) {
    return FloatVector.broadcast(
        SPECIES, Memory.ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address));
  }

  /** The first {@code count} floats at the address, the other lanes 0; nothing beyond is read. */
  static FloatVector loadFirst(long address, int count) {
    return FloatVector.fromMemorySegment(SPECIES, Memory.ALL, address, ORDER, first(count));
  }

  /** Stores the first {@code count} lanes; nothing beyond is written. */
  static void storeFirst(FloatVector vector, long address, int count) {
    vector.intoMemorySegment(Memory.ALL, address, ORDER, first(count));
  }

  /** The mask of the first {@code count} lanes, 0 ≤ count ≤ {@link #COUNT}. */
  static VectorMask<Float> first(int count) {
    return SPECIES.indexInRange(0, count);
  }

  static FloatVector all(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }
}
