package dev.gamelan.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.random.CounterRandom;
import dev.gamelan.tensor.spi.Activation;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** Elementwise operations, embeddings, gathers. */
public abstract class ElementContract extends BackendContract {
  /** A few units in the last place of an exponential or an error function in f32. */
  private static final Tolerance TRANSCENDENTAL = Tolerance.of(5e-6, 3e-6);

  private static final Tolerance ONE_ROUNDING = Tolerance.of(0x1p-23, 1e-38);

  @Test
  void fill_copy_add_scale_and_clamp_agree_for_every_size() {
    forPlanes(
        (rows, columns, variant) -> {
          String size = " %d×%d".formatted(rows, columns);
          agrees("fill" + size, Tolerance.EXACT, (k, o) -> k.fill(o.output(rows, columns), -1.5f));
          agrees(
              "copy" + size,
              Tolerance.EXACT,
              (k, o) -> k.copy(o.input(rows, columns), o.output(rows, columns)));
          agrees(
              "addTo" + size,
              ONE_ROUNDING,
              (k, o) -> k.addTo(o.input(rows, columns), o.output(rows, columns)));
          agrees(
              "add" + size,
              ONE_ROUNDING,
              (k, o) ->
                  k.add(o.input(rows, columns), o.input(rows, columns), o.output(rows, columns)));
          agrees(
              "scale" + size,
              ONE_ROUNDING,
              (k, o) -> k.scale(o.input(rows, columns), 0.7f, o.output(rows, columns)));
          agrees(
              "clamp" + size,
              Tolerance.EXACT,
              (k, o) -> k.clamp(o.input(rows, columns), 0.3f, o.output(rows, columns)));
          agrees(
              "clampBackward" + size,
              ONE_ROUNDING,
              (k, o) ->
                  k.clampBackward(
                      o.input(rows, columns),
                      0.3f,
                      o.input(rows, columns),
                      variant % 2 == 0,
                      o.output(rows, columns)));
        });
  }

  @Test
  void a_result_may_be_its_own_operand_where_the_spi_says_so() {
    agrees(
        "in place",
        ONE_ROUNDING,
        (k, o) -> {
          Tensor a = o.output(13, 33);
          k.add(a, o.input(13, 33), a);
          Tensor b = o.output(13, 33);
          k.add(o.input(13, 33), b, b);
          Tensor c = o.output(13, 33);
          k.scale(c, -3, c);
          Tensor d = o.output(13, 33);
          k.clamp(d, 0.5f, d);
        });
  }

  @Test
  void copy_converts_between_every_two_float_types_to_nearest_even() {
    DType[] floats = {DType.F32, DType.F16, DType.BF16};
    for (DType from : floats) {
      for (DType to : floats) {
        agrees(
            "copy " + from + " to " + to,
            Tolerance.EXACT,
            (k, o) -> k.copy(o.weight(from, 7, 207), o.output(to, 7, 207)));
      }
    }
  }

  @Test
  void copy_rounds_halfway_denormal_overflowing_infinite_and_nan_values_as_ieee_says() {
    int n = 4096;
    Tensor x = Tensor.zeros(1, n);
    CounterRandom random = new CounterRandom(3, 3);
    for (int i = 0; i < n; i++) {
      // Halves of the last kept bit of both types, at every exponent.
      int bits = (int) random.bits(i) & 0xFFFFF000;
      x.set(0, i, Float.intBitsToFloat(bits));
    }
    float[] corners = {
      0f,
      -0f,
      65504f,
      65519.996f,
      65520f,
      -1e10f,
      0x1p-24f,
      0x1p-25f,
      0x1.8p-25f,
      0x1p-149f,
      Float.MAX_VALUE,
      Float.NEGATIVE_INFINITY,
      Float.NaN
    };
    for (int i = 0; i < corners.length; i++) {
      x.set(0, i, corners[i]);
    }
    for (DType to : new DType[] {DType.F16, DType.BF16}) {
      Tensor y = Tensor.allocate(Arena.ofAuto(), to, 1, n);
      kernels.copy(x, y);
      kernels.finish();
      for (int i = 0; i < n; i++) {
        float v = x.get(0, i);
        float expected =
            to == DType.F16
                ? Float.float16ToFloat(Float.floatToFloat16(v))
                : DType.fromBf16(DType.toBf16(v));
        assertThat(Float.floatToIntBits(y.get(0, i)))
            .as("%s of %s", to, v)
            .isEqualTo(Float.floatToIntBits(expected));
      }
    }
  }

  @Test
  void rows_by_the_sigmoid_of_their_gate_and_their_gradients_agree_for_every_size() {
    forPlanes(
        (rows, columns, variant) -> {
          String size = " %d×%d".formatted(rows, columns);
          agrees(
              "gateRows" + size,
              TRANSCENDENTAL,
              (k, o) ->
                  k.gateRows(o.input(rows, 1, 8), o.input(rows, columns), o.output(rows, columns)));
          agrees(
              "gateRowsBackward" + size,
              Tolerance.of(1e-5 * (1 + Math.sqrt(columns)), 1e-5),
              (k, o) ->
                  k.gateRowsBackward(
                      o.input(rows, 1, 8),
                      o.input(rows, columns),
                      o.input(rows, columns),
                      o.output(rows, 1),
                      o.output(rows, columns)));
        });
  }

  @Test
  void activations_and_their_gradients_agree_for_every_size() {
    forPlanes(
        (rows, columns, variant) -> {
          Activation f = Activation.values()[variant % Activation.values().length];
          String what = " %s %d×%d".formatted(f, rows, columns);
          agrees(
              "activation" + what,
              TRANSCENDENTAL,
              (k, o) -> k.activation(f, o.input(rows, columns, 8), o.output(rows, columns)));
          agrees(
              "activationBackward" + what,
              TRANSCENDENTAL,
              (k, o) ->
                  k.activationBackward(
                      f,
                      o.input(rows, columns, 8),
                      o.input(rows, columns),
                      variant % 2 == 0,
                      o.output(rows, columns)));
          agrees(
              "gated" + what,
              TRANSCENDENTAL,
              (k, o) ->
                  k.gated(
                      f,
                      o.input(rows, columns, 8),
                      o.input(rows, columns),
                      o.output(rows, columns)));
          agrees(
              "gatedBackward" + what,
              TRANSCENDENTAL,
              (k, o) ->
                  k.gatedBackward(
                      f,
                      o.input(rows, columns, 8),
                      o.input(rows, columns),
                      o.input(rows, columns),
                      o.output(rows, columns),
                      o.output(rows, columns)));
        });
  }

  @Test
  void activations_hold_for_zeros_tiny_large_infinite_and_nan_values() {
    double[] x = {
      0,
      -0.0,
      1e-30,
      -1e-30,
      1e-7,
      -1e-7,
      0.5,
      5,
      -5,
      20,
      -20,
      87,
      -87,
      89,
      -89,
      104,
      -104,
      3000,
      -3000,
      1e10,
      -1e10,
      Double.POSITIVE_INFINITY,
      Double.NaN
    };
    for (Activation f : Activation.values()) {
      agrees(
          "activation " + f,
          TRANSCENDENTAL,
          (k, o) -> k.activation(f, o.given(1, x.length, x), o.output(1, x.length)));
      int finite = x.length - 2;
      agrees(
          "activationBackward " + f,
          TRANSCENDENTAL,
          (k, o) ->
              k.activationBackward(
                  f, o.given(1, finite, x), o.given(1, finite, 1), false, o.output(1, finite)));
    }
  }

  @Test
  void clamp_keeps_nan_and_bounds_infinity() {
    agrees(
        "clamp",
        Tolerance.EXACT,
        (k, o) ->
            k.clamp(
                o.given(2, 9, Double.NaN, 1e30, Double.NEGATIVE_INFINITY, 0.25, -0.25, 0.2),
                0.25f,
                o.output(2, 9)));
  }

  @Test
  void embeddings_of_any_storage_type_agree_with_offsets_and_repeats() {
    DType[] storage = {DType.F32, DType.F16, DType.BF16};
    forPlanes(
        (n, d, variant) -> {
          DType dtype = storage[variant % 3];
          agrees(
              "embedding %s %d×%d".formatted(dtype, n, d),
              ONE_ROUNDING,
              (k, o) ->
                  k.embedding(
                      o.ints(n, i -> i * 5 % 9 - 2),
                      2,
                      o.weight(dtype, 9, d),
                      variant % 2 == 0,
                      o.output(n, d)));
          agrees(
              "embeddingBackward %d×%d".formatted(n, d),
              Tolerance.of(1e-5, 1e-5 * Math.max(1, n / 100)),
              (k, o) ->
                  k.embeddingBackward(
                      o.ints(n, i -> i * 5 % 9 - 2), 2, o.input(n, d), o.output(9, d)));
          agrees(
              "selectRows %d×%d".formatted(n, d),
              Tolerance.EXACT,
              (k, o) -> k.selectRows(o.input(7, d), o.ints(n, i -> i * 3 % 7), o.output(n, d)));
          agrees(
              "selectRowsBackward %d×%d".formatted(n, d),
              Tolerance.of(1e-5, 1e-5 * Math.max(1, n / 100)),
              (k, o) ->
                  k.selectRowsBackward(o.input(n, d), o.ints(n, i -> i * 3 % 7), o.output(7, d)));
        });
  }

  @Test
  void a_negative_index_gives_zeros_and_takes_no_gradient() {
    forPlanes(
        (n, d, variant) -> {
          DType[] storage = {DType.F32, DType.F16, DType.BF16};
          agrees(
              "embedding %d×%d".formatted(n, d),
              ONE_ROUNDING,
              (k, o) ->
                  k.embedding(
                      o.ints(n, i -> i * 5 % 9 - 3),
                      1,
                      o.weight(storage[variant % 3], 9, d),
                      variant % 2 == 0,
                      o.output(n, d)));
          agrees(
              "embeddingBackward %d×%d".formatted(n, d),
              Tolerance.of(1e-5, 1e-5 * Math.max(1, n / 100)),
              (k, o) ->
                  k.embeddingBackward(
                      o.ints(n, i -> i * 5 % 9 - 3), 1, o.input(n, d), o.output(9, d)));
          agrees(
              "selectRows %d×%d".formatted(n, d),
              Tolerance.EXACT,
              (k, o) -> k.selectRows(o.input(7, d), o.ints(n, i -> i * 3 % 7 - 1), o.output(n, d)));
          agrees(
              "selectRowsBackward %d×%d".formatted(n, d),
              Tolerance.of(1e-5, 1e-5 * Math.max(1, n / 100)),
              (k, o) ->
                  k.selectRowsBackward(
                      o.input(n, d), o.ints(n, i -> i * 3 % 7 - 1), o.output(7, d)));
        });
  }

  @Test
  void operations_on_no_rows_write_nothing() {
    agrees(
        "0×7",
        Tolerance.EXACT,
        (k, o) -> {
          k.activation(Activation.SILU, o.input(0, 7), o.output(0, 7));
          k.add(o.input(0, 7), o.input(0, 7), o.output(0, 7));
          k.embedding(o.ints(0, i -> 0), 0, o.input(3, 7), false, o.output(0, 7));
          k.embeddingBackward(o.ints(0, i -> 0), 0, o.input(0, 7), o.output(3, 7));
        });
  }

  @Test
  void elements_have_the_same_bits_with_any_number_of_threads_wherever_they_lie() {
    for (Activation f : Activation.values()) {
      sameBitsWithAnyThreads(
          "elements " + f,
          (k, o) -> {
            Tensor x = o.input(300, 207, 8);
            Tensor dy = o.input(300, 207);
            k.activation(f, x, o.output(300, 207));
            k.activationBackward(f, x, dy, true, o.output(300, 207));
            k.gated(f, x, dy, o.output(300, 207));
            k.gatedBackward(f, x, dy, dy, o.output(300, 207), o.output(300, 207));
            k.clamp(x, 1, o.output(300, 207));
            k.add(x, dy, o.output(300, 207));
          });
    }
    sameBitsWithAnyThreads(
        "embeddings",
        (k, o) -> {
          Tensor ids = o.ints(1000, i -> i * i % 31);
          k.embeddingBackward(ids, 0, o.input(1000, 207), o.output(31, 207));
          k.selectRowsBackward(o.input(1000, 33), ids, o.output(31, 33));
        });
  }

  @Test
  void the_gradients_of_elements_are_those_of_finite_differences() {
    for (Activation f : Activation.values()) {
      gradientsAgree(
          "activation " + f,
          (k, o) -> {
            Tensor x = o.stepped(3, 17);
            Tensor y = o.output(3, 17);
            k.activation(f, x, y);
            k.activationBackward(f, x, o.cotangent(y), true, o.gradientOf(x));
          });
      gradientsAgree(
          "gated " + f,
          (k, o) -> {
            Tensor gate = o.stepped(3, 17);
            Tensor up = o.input(3, 17);
            Tensor y = o.output(3, 17);
            k.gated(f, gate, up, y);
            k.gatedBackward(f, gate, up, o.cotangent(y), o.gradientOf(gate), o.gradientOf(up));
          });
    }
    gradientsAgree(
        "clamp",
        (k, o) -> {
          Tensor x = o.stepped(3, 17);
          Tensor y = o.output(3, 17);
          k.clamp(x, 0.5f, y);
          k.clampBackward(x, 0.5f, o.cotangent(y), true, o.gradientOf(x));
        });
    gradientsAgree(
        "embedding",
        (k, o) -> {
          Tensor ids = o.ints(7, i -> i * 3 % 4);
          Tensor table = o.input(5, 6);
          Tensor y = o.output(7, 6);
          k.embedding(ids, 1, table, false, y);
          k.embeddingBackward(ids, 1, o.cotangent(y), o.gradientOf(table));
        });
    gradientsAgree(
        "selectRows",
        (k, o) -> {
          Tensor rows = o.ints(4, i -> i * 3 % 5);
          Tensor x = o.input(5, 6);
          Tensor y = o.output(4, 6);
          k.selectRows(x, rows, y);
          k.selectRowsBackward(o.cotangent(y), rows, o.gradientOf(x));
        });
  }
}
