package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.DType;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sweeps from one storage type to another, rounding to nearest even; each is a {@link Pass} from a
 * to b.
 */
final class Conversions {
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, Lanes.SPECIES.vectorShape());

  /** As many shorts as {@link Lanes#SPECIES} has floats. */
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(
          short.class, VectorShape.forBitSize(Lanes.SPECIES.vectorShape().vectorBitSize() / 2));

  /** 2¹¹²: from the exponents of a half, moved to those of a single, to the right ones. */
  private static final float HALF_REBIAS = 0x1p112f;

  private Conversions() {}

  /** The sweep between two types, neither i32 unless both are. */
  static Pass of(DType from, DType to) {
    if (from == to && !from.isQuantized()) {
      return from.bytesPerBlock() == 4 ? Conversions::copyWords : Conversions::copyShorts;
    }
    return switch (from) {
      case F32 ->
          switch (to) {
            case BF16 -> Conversions::f32ToBf16;
            case F16 -> Conversions::f32ToF16;
            case F32, I32, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL ->
                throw unsupported(from, to);
          };
      case F16 ->
          switch (to) {
            case F32 -> Conversions::f16ToF32;
            case BF16 -> Conversions::f16ToBf16;
            case F16, I32, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL ->
                throw unsupported(from, to);
          };
      case BF16 ->
          switch (to) {
            case F32 -> Conversions::bf16ToF32;
            case F16 -> Conversions::bf16ToF16;
            case BF16, I32, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL ->
                throw unsupported(from, to);
          };
      case I32, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL ->
          throw unsupported(from, to);
    };
  }

  private static IllegalArgumentException unsupported(DType from, DType to) {
    return new IllegalArgumentException(
        "copy: %s to %s is no conversion; f32, f16 and bf16 convert into each other"
            .formatted(from, to));
  }

  static void copyWords(long a, long b, long c, long d, long e, int n, float p) {
    Memory.copy(a, b, 4L * n);
  }

  static void copyShorts(long a, long b, long c, long d, long e, int n, float p) {
    Memory.copy(a, b, 2L * n);
  }

  /** a = the short p, for halves and bfloats. */
  static void fillShorts(long a, long b, long c, long d, long e, int n, float p) {
    long y = a & Memory.ADDRESS;
    ShortVector value = ShortVector.broadcast(SHORTS, (short) p);
    for (int i = 0; i < n; i += Lanes.COUNT) {
      value.intoMemorySegment(Memory.ALL, y + 2L * i, ORDER);
    }
  }

  static void f32ToBf16(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      storeShorts(bf16Bits(Lanes.load(x + 4L * i)), y + 2L * i);
    }
  }

  static void f32ToF16(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      storeShorts(halfBits(Lanes.load(x + 4L * i)), y + 2L * i);
    }
  }

  static void bf16ToF32(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      Lanes.store(loadBf16(x + 2L * i), y + 4L * i);
    }
  }

  static void f16ToF32(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      Lanes.store(loadHalf(x + 2L * i), y + 4L * i);
    }
  }

  static void f16ToBf16(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      storeShorts(bf16Bits(loadHalf(x + 2L * i)), y + 2L * i);
    }
  }

  static void bf16ToF16(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      storeShorts(halfBits(loadBf16(x + 2L * i)), y + 2L * i);
    }
  }

  /** b += a, from bfloats to floats. */
  static void addBf16(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      Lanes.store(Lanes.load(y + 4L * i).add(loadBf16(x + 2L * i)), y + 4L * i);
    }
  }

  /** b += a, from halves to floats. */
  static void addF16(long a, long b, long c, long d, long e, int n, float p) {
    long x = a & Memory.ADDRESS;
    long y = b & Memory.ADDRESS;
    for (int i = 0; i < n; i += Lanes.COUNT) {
      Lanes.store(Lanes.load(y + 4L * i).add(loadHalf(x + 2L * i)), y + 4L * i);
    }
  }

  private static IntVector loadShorts(long address) {
    return (IntVector)
        ShortVector.fromMemorySegment(SHORTS, Memory.ALL, address, ORDER)
            .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
  }

  private static void storeShorts(IntVector bits, long address) {
    ((ShortVector) bits.convertShape(VectorOperators.I2S, SHORTS, 0))
        .intoMemorySegment(Memory.ALL, address, ORDER);
  }

  private static FloatVector loadBf16(long address) {
    return loadShorts(address).lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  private static FloatVector loadHalf(long address) {
    IntVector half = loadShorts(address);
    IntVector sign = half.and(0x8000).lanewise(VectorOperators.LSHL, 16);
    IntVector rest = half.and(0x7FFF).lanewise(VectorOperators.LSHL, 13);
    VectorMask<Integer> special = rest.compare(VectorOperators.GE, 0x0F800000);
    IntVector scaled = rest.reinterpretAsFloats().mul(HALF_REBIAS).reinterpretAsInts();
    return scaled.blend(rest.or(0x7F800000), special).or(sign).reinterpretAsFloats();
  }

  private static IntVector bf16Bits(FloatVector x) {
    IntVector bits = x.reinterpretAsInts();
    IntVector upper = bits.lanewise(VectorOperators.LSHR, 16);
    IntVector rounded = bits.add(upper.and(1).add(0x7FFF)).lanewise(VectorOperators.LSHR, 16);
    VectorMask<Integer> nan = bits.and(0x7FFFFFFF).compare(VectorOperators.GT, 0x7F800000);
    return rounded.blend(upper.or(0x40), nan);
  }

  private static IntVector halfBits(FloatVector x) {
    IntVector bits = x.reinterpretAsInts();
    IntVector magnitude = bits.and(0x7FFFFFFF);
    IntVector sign = bits.lanewise(VectorOperators.LSHR, 16).and(0x8000);
    // Normal: round the 13 lower bits off and move the exponent down by 112.
    IntVector odd = magnitude.lanewise(VectorOperators.LSHR, 13).and(1);
    IntVector normal =
        magnitude.add(odd.add(0xFFF - (112 << 23))).lanewise(VectorOperators.LSHR, 13);
    // Below 2⁻¹⁴: adding 1/2 leaves the rounded multiple of 2⁻²⁴ in the lowest bits.
    IntVector subnormal =
        magnitude.reinterpretAsFloats().add(0.5f).reinterpretAsInts().sub(0x3F000000);
    IntVector nan = magnitude.lanewise(VectorOperators.LSHR, 13).and(0x3FF).or(0x7E00);
    return normal
        .blend(subnormal, magnitude.compare(VectorOperators.LT, 0x38800000))
        .blend(0x7C00, magnitude.compare(VectorOperators.GE, 0x47800000))
        .blend(nan, magnitude.compare(VectorOperators.GT, 0x7F800000))
        .or(sign);
  }
}
