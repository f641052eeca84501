package dev.gamelan.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class DTypeTest {
  @Test
  void bytes_are_elements_times_the_size_of_one() {
    assertThat(DType.F32.bytes(7)).isEqualTo(28);
    assertThat(DType.I32.bytes(7)).isEqualTo(28);
    assertThat(DType.F16.bytes(7)).isEqualTo(14);
    assertThat(DType.BF16.bytes(0)).isZero();
  }

  @Test
  void every_bf16_survives_a_round_trip() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float x = DType.fromBf16((short) bits);
      if (Float.isNaN(x)) {
        assertThat(DType.fromBf16(DType.toBf16(x))).isNaN();
      } else {
        assertThat(DType.toBf16(x)).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void every_f16_survives_a_round_trip_through_a_tensor() {
    Tensor tensor = Tensor.allocate(Arena.ofAuto(), DType.F16, 1, 1);
    for (int bits = 0; bits < 1 << 16; bits++) {
      float x = Float.float16ToFloat((short) bits);
      tensor.set(0, 0, x);
      assertThat(Float.floatToIntBits(tensor.get(0, 0))).isEqualTo(Float.floatToIntBits(x));
    }
  }

  @Test
  void halves_round_to_even_and_overflow_to_infinity() {
    assertThat(DType.fromBf16(DType.toBf16(1 + 0x1p-8f))).isEqualTo(1);
    assertThat(DType.fromBf16(DType.toBf16(1 + 0x3p-8f))).isEqualTo(1 + 0x1p-6f);
    assertThat(DType.fromBf16(DType.toBf16(Math.nextUp(1 + 0x1p-8f)))).isEqualTo(1 + 0x1p-7f);
    assertThat(DType.fromBf16(DType.toBf16(Float.MAX_VALUE))).isInfinite();
    assertThat(DType.fromBf16(DType.toBf16(-Float.MAX_VALUE))).isEqualTo(Float.NEGATIVE_INFINITY);
  }

  @Test
  void a_nan_whose_payload_lies_in_the_lower_half_stays_nan() {
    assertThat(DType.fromBf16(DType.toBf16(Float.intBitsToFloat(0x7F800001)))).isNaN();
    assertThat(DType.fromBf16(DType.toBf16(Float.intBitsToFloat(0xFF80FFFF)))).isNaN();
    assertThat(DType.fromBf16(DType.toBf16(Float.intBitsToFloat(0x7FFFFFFF)))).isNaN();
  }

  @Property
  void rounding_to_bf16_takes_the_nearest_of_the_neighbours(@ForAll float x) {
    float rounded = DType.fromBf16(DType.toBf16(x));
    if (Float.isInfinite(rounded) || Float.isInfinite(x)) {
      // Half a step beyond the largest bf16, 0x7F7F.
      assertThat(Math.abs(x)).isGreaterThanOrEqualTo(Float.intBitsToFloat(0x7F7F8000));
      return;
    }
    int towardsZero = Float.floatToRawIntBits(x) & 0xFFFF0000;
    double near = Math.abs((double) x - Float.intBitsToFloat(towardsZero));
    double far = Math.abs((double) x - Float.intBitsToFloat(towardsZero + 0x10000));
    assertThat(Math.abs((double) rounded - x)).isEqualTo(Math.min(near, far));
  }
}
