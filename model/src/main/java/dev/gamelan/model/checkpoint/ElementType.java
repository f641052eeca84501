package dev.gamelan.model.checkpoint;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/** The types of the elements of tensors, as safetensors calls them. */
enum ElementType {
  F64(8),
  F32(4),
  F16(2),
  BF16(2),
  /** 4 bits of exponent (bias 7), 3 of mantissa; no infinities. */
  F8_E4M3(1),
  /** 5 bits of exponent (bias 15), 2 of mantissa: the upper half of an F16. */
  F8_E5M2(1),
  I64(8),
  I32(4),
  I16(2),
  I8(1),
  U64(8),
  U32(4),
  U16(2),
  U8(1),
  BOOL(1);

  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /** The bytes of so many elements. */
  long bytes(long elements) {
    return Math.multiplyExact(elements, bytes);
  }

  /** The type under which tensors are used in place, if they can be. */
  Optional<DType> dtype() {
    return switch (this) {
      case F32 -> Optional.of(DType.F32);
      case F16 -> Optional.of(DType.F16);
      case BF16 -> Optional.of(DType.BF16);
      case I32 -> Optional.of(DType.I32);
      case F64, F8_E4M3, F8_E5M2, I64, I16, I8, U64, U32, U16, U8, BOOL -> Optional.empty();
    };
  }

  /**
   * The tensor at the beginning of a segment: in place, or a copy in f32.
   *
   * @throws IllegalArgumentException if the type is no weight's
   */
  Tensor tensor(MemorySegment data, Shape shape) {
    Optional<DType> inPlace = dtype();
    if (inPlace.isPresent()) {
      return Tensor.of(data, inPlace.get(), shape);
    }
    switch (this) {
      case F64, F8_E4M3, F8_E5M2 -> {}
      case F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL ->
          throw new IllegalArgumentException("it is " + this + ", which weights cannot be");
    }
    Tensor copy = Tensor.allocate(Arena.ofAuto(), DType.F32, shape.extents());
    long n = shape.elements();
    for (long i = 0; i < n; i++) {
      copy.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, element(data, i));
    }
    return copy;
  }

  private float element(MemorySegment data, long i) {
    return switch (this) {
      case F64 -> (float) data.getAtIndex(DOUBLE, i);
      case F8_E4M3 -> e4m3(data.get(ValueLayout.JAVA_BYTE, i));
      case F8_E5M2 -> Float.float16ToFloat((short) (data.get(ValueLayout.JAVA_BYTE, i) << 8));
      case F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8, BOOL ->
          throw new IllegalStateException("used in place, or refused before");
    };
  }

  /** What a byte of E4M3 stands for (OCP 8-bit floating point, revision 1.0). */
  static float e4m3(byte b) {
    int exponent = b >> 3 & 0xF;
    int mantissa = b & 7;
    if (exponent == 0xF && mantissa == 7) {
      return Float.NaN;
    }
    float magnitude =
        exponent == 0 ? Math.scalb((float) mantissa, -9) : Math.scalb(8f + mantissa, exponent - 10);
    return b < 0 ? -magnitude : magnitude;
  }
}
