package dev.gamelan.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.scalar.ScalarProvider;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Epilogue;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.ProductKernels.Use;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Matrix products: values, epilogues, bits. */
public abstract class ProductContract extends BackendContract {
  private static final DType[] STORAGE = {DType.F32, DType.F16, DType.BF16};

  @Test
  void linear_agrees_for_every_size_layout_storage_and_epilogue() {
    inEveryMode(
        (kernels, reference) ->
            forSizes(
                (n, in, out, variant) ->
                    agrees(
                        "linear %d×%d→%d, variant %d".formatted(n, in, out, variant),
                        kernels,
                        reference,
                        Tolerance.ofSum(in),
                        linear(n, in, out, variant))));
  }

  @Test
  void the_gradient_of_the_input_agrees_for_every_size() {
    inEveryMode(
        (kernels, reference) ->
            forSizes(
                (n, in, out, variant) ->
                    agrees(
                        "linearBackwardInput %d×%d→%d, variant %d".formatted(n, in, out, variant),
                        kernels,
                        reference,
                        Tolerance.ofSum(out),
                        backwardInput(n, in, out, variant))));
  }

  @Test
  void the_gradient_of_the_weight_agrees_for_every_size() {
    inEveryMode(
        (kernels, reference) ->
            forSizes(
                (n, in, out, variant) ->
                    agrees(
                        "linearBackwardWeight %d×%d→%d, variant %d".formatted(n, in, out, variant),
                        kernels,
                        reference,
                        Tolerance.ofSum(n),
                        backwardWeight(n, in, out, variant))));
  }

  @Test
  void the_sum_of_rows_agrees_for_every_size() {
    forPlanes(
        (rows, columns, variant) ->
            agrees(
                "sumRows %d×%d".formatted(rows, columns),
                Tolerance.ofSum(rows),
                sumRows(rows, columns, variant)));
  }

  @Test
  void linear_without_rows_writes_nothing() {
    agrees("linear 0×7→13", Tolerance.EXACT, linear(0, 7, 13, 0));
    agrees("linearBackwardInput 0×7→13", Tolerance.EXACT, backwardInput(0, 7, 13, 0));
  }

  @Test
  void the_gradient_of_a_weight_without_rows_is_zero_or_stays() {
    for (int variant = 0; variant < 4; variant++) {
      agrees("linearBackwardWeight 0×7→13", Tolerance.EXACT, backwardWeight(0, 7, 13, variant));
      agrees("sumRows 0×7", Tolerance.EXACT, sumRows(0, 7, variant));
    }
  }

  @Test
  void a_refreshed_weight_multiplies_as_its_source_is_now() {
    for (WeightLayout layout : WeightLayout.values()) {
      agrees(
          "refresh " + layout,
          Tolerance.ofSum(33),
          (k, o) -> {
            Tensor w =
                o.output(
                    layout == WeightLayout.OUT_IN ? 17 : 33,
                    layout == WeightLayout.OUT_IN ? 33 : 17);
            Packed packed = k.pack(w, layout, Use.TRAINING);
            Tensor x = o.input(7, 33);
            k.scale(w, 0.5f, w);
            k.refresh(packed);
            k.linear(x, packed, Epilogue.NONE, o.output(7, 17));
            k.linearBackwardInput(o.input(7, 17), packed, false, o.output(7, 33));
          });
    }
  }

  @Test
  void a_packed_weight_knows_its_source_and_extents() {
    for (Use use : Use.values()) {
      Tensor w = Tensor.zeros(5, 3);
      Packed outIn = kernels.pack(w, WeightLayout.OUT_IN, use);
      assertThat(outIn.source()).isSameAs(w);
      assertThat(outIn.in()).isEqualTo(3);
      assertThat(outIn.out()).isEqualTo(5);
      Packed inOut = kernels.pack(w, WeightLayout.IN_OUT, use);
      assertThat(inOut.layout()).isEqualTo(WeightLayout.IN_OUT);
      assertThat(inOut.in()).isEqualTo(5);
      assertThat(inOut.out()).isEqualTo(3);
    }
  }

  @Test
  void nan_in_a_row_spoils_that_row_alone() {
    Operands o = operands();
    int n = 17;
    Tensor x = o.input(n, 33);
    Packed w = kernels.pack(o.input(31, 33), WeightLayout.OUT_IN, Use.TRAINING);
    Tensor clean = o.output(n, 31);
    kernels.linear(x, w, Epilogue.NONE, clean);
    kernels.finish();
    x.set(4, 32, Float.NaN);
    Tensor spoilt = o.output(n, 31);
    kernels.linear(x, w, Epilogue.NONE, spoilt);
    kernels.finish();
    for (int c = 0; c < 31; c++) {
      assertThat(spoilt.get(4, c)).isNaN();
    }
    assertSameBits("rows before", spoilt.rows(0, 4), clean.rows(0, 4));
    assertSameBits("rows after", spoilt.rows(5, n), clean.rows(5, n));
  }

  @Test
  void an_infinite_weight_gives_infinity_and_nan_where_it_meets_zero() {
    Operands o = operands();
    Tensor x = Tensor.zeros(3, 16);
    x.set(0, 5, 2);
    x.set(1, 5, -1);
    Tensor w = o.input(13, 16);
    w.set(6, 5, Float.POSITIVE_INFINITY);
    Tensor y = o.output(3, 13);
    kernels.linear(x, kernels.pack(w, WeightLayout.OUT_IN, Use.TRAINING), Epilogue.NONE, y);
    kernels.finish();
    assertThat(y.get(0, 6)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(y.get(1, 6)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(y.get(2, 6)).isNaN();
    assertThat(y.get(2, 7)).isZero();
  }

  @Test
  void products_have_the_same_bits_with_any_number_of_threads() {
    int[][] sizes = {{1, 207, 257}, {5, 64, 512}, {64, 207, 130}, {300, 64, 96}, {33, 1030, 7}};
    for (int[] s : sizes) {
      // Both layouts, all storage types, with and without accumulation.
      for (int variant : new int[] {0, 1, 2}) {
        String what = "%d×%d→%d, variant %d".formatted(s[0], s[1], s[2], variant);
        sameBitsWithAnyThreads("linear " + what, linear(s[0], s[1], s[2], variant));
        sameBitsWithAnyThreads(
            "linearBackwardInput " + what, backwardInput(s[0], s[1], s[2], variant));
        sameBitsWithAnyThreads(
            "linearBackwardWeight " + what, backwardWeight(s[0], s[1], s[2], variant));
        sameBitsWithAnyThreads("sumRows " + what, sumRows(s[0], s[1], variant));
      }
    }
  }

  @Test
  void a_row_computed_alone_has_the_bits_that_it_has_among_512() {
    for (ComputeMode mode : modes()) {
      try (Kernels k = open(2, mode)) {
        for (Use use : Use.values()) {
          for (int[] size : new int[][] {{207, 33}, {64, 130}, {1030, 17}}) {
            Operands o = operands();
            int n = 512;
            Tensor x = o.input(n, size[0]);
            Packed w =
                k.pack(o.weight(STORAGE[size[1] % 3], size[1], size[0]), WeightLayout.OUT_IN, use);
            Epilogue bias = new Epilogue(Optional.of(o.vector(size[1])), Optional.empty());
            Tensor dy = o.input(n, size[1]);
            Tensor y = o.output(n, size[1]);
            Tensor dx = o.output(n, size[0]);
            k.linear(x, w, bias, y);
            k.linearBackwardInput(dy, w, false, dx);
            for (int[] range :
                new int[][] {{0, 1}, {1, 2}, {13, 18}, {511, 512}, {100, 116}, {200, 331}}) {
              String rows = "%s %s, rows %d to %d".formatted(mode, use, range[0], range[1]);
              Tensor some = o.output(range[1] - range[0], size[1]);
              k.linear(x.rows(range[0], range[1]), w, bias, some);
              Tensor back = o.output(range[1] - range[0], size[0]);
              k.linearBackwardInput(dy.rows(range[0], range[1]), w, false, back);
              k.finish();
              assertSameBits("linear " + rows, some, y.rows(range[0], range[1]));
              assertSameBits("linearBackwardInput " + rows, back, dx.rows(range[0], range[1]));
            }
          }
        }
      }
    }
  }

  @Test
  void a_column_computed_alone_has_the_bits_that_it_has_among_all() {
    Operands o = operands();
    int n = 33;
    Tensor x = o.input(n, 207);
    Tensor w = o.input(130, 207);
    Tensor dy = o.input(n, 130);
    Tensor y = o.output(n, 130);
    Tensor dw = o.output(130, 207);
    kernels.linear(x, kernels.pack(w, WeightLayout.OUT_IN, Use.TRAINING), Epilogue.NONE, y);
    kernels.linearBackwardWeight(dy, x, WeightLayout.OUT_IN, false, dw);
    for (int[] range : new int[][] {{0, 1}, {5, 12}, {17, 50}, {129, 130}}) {
      int count = range[1] - range[0];
      Tensor some = o.output(n, count);
      kernels.linear(
          x,
          kernels.pack(w.rows(range[0], range[1]), WeightLayout.OUT_IN, Use.TRAINING),
          Epilogue.NONE,
          some);
      Tensor someWeights = o.output(count, 207);
      kernels.linearBackwardWeight(
          dy.columns(range[0], range[1]), x, WeightLayout.OUT_IN, false, someWeights);
      kernels.finish();
      assertSameBits("linear", some, y.columns(range[0], range[1]));
      assertSameBits("linearBackwardWeight", someWeights, dw.rows(range[0], range[1]));
    }
  }

  @Test
  void the_gradients_of_linear_are_those_of_finite_differences() {
    for (WeightLayout layout : WeightLayout.values()) {
      gradientsAgree(
          "linear " + layout,
          (k, o) -> {
            Tensor x = o.input(5, 7);
            Tensor w = layout == WeightLayout.OUT_IN ? o.input(3, 7) : o.input(7, 3);
            Tensor bias = o.vector(3);
            Tensor y = o.output(5, 3);
            Packed packed = k.pack(w, layout, Use.TRAINING);
            k.linear(x, packed, new Epilogue(Optional.of(bias), Optional.empty()), y);
            Tensor dy = o.cotangent(y);
            k.linearBackwardInput(dy, packed, true, o.gradientOf(x));
            k.linearBackwardWeight(dy, x, layout, true, o.gradientOf(w));
            k.sumRows(dy, true, o.gradientOf(bias));
          });
    }
  }

  /** Even variants have weights [out, in]; storage, use and epilogue follow the variant too. */
  private static Call linear(int n, int in, int out, int variant) {
    return (k, o) -> {
      Tensor x = o.input(n, in);
      Packed w = weight(k, o, in, out, variant);
      Tensor y = o.output(n, out);
      Optional<Tensor> bias =
          variant % 5 == 1 || variant % 5 == 3 ? Optional.of(o.vector(out)) : Optional.empty();
      Optional<Tensor> addend =
          switch (variant % 5) {
            case 2, 3 -> Optional.of(o.input(n, out));
            case 4 -> Optional.of(y);
            default -> Optional.empty();
          };
      k.linear(x, w, new Epilogue(bias, addend), y);
    };
  }

  private static Call backwardInput(int n, int in, int out, int variant) {
    return (k, o) -> {
      Packed w = weight(k, o, in, out, variant);
      k.linearBackwardInput(o.input(n, out), w, variant / 2 % 2 == 0, o.output(n, in));
    };
  }

  private static Call backwardWeight(int n, int in, int out, int variant) {
    WeightLayout layout = layout(variant);
    return (k, o) ->
        k.linearBackwardWeight(
            o.input(n, out),
            o.input(n, in),
            layout,
            variant / 2 % 2 == 0,
            layout == WeightLayout.OUT_IN ? o.output(out, in) : o.output(in, out));
  }

  private static Call sumRows(int rows, int columns, int variant) {
    return (k, o) -> k.sumRows(o.input(rows, columns), variant % 2 == 0, o.output(columns));
  }

  private static WeightLayout layout(int variant) {
    return variant % 2 == 0 ? WeightLayout.OUT_IN : WeightLayout.IN_OUT;
  }

  private static Packed weight(Kernels k, Operands o, int in, int out, int variant) {
    WeightLayout layout = layout(variant);
    DType dtype = STORAGE[variant % 3];
    Tensor w = layout == WeightLayout.OUT_IN ? o.weight(dtype, out, in) : o.weight(dtype, in, out);
    return k.pack(w, layout, variant / 2 % 2 == 0 ? Use.TRAINING : Use.INFERENCE);
  }

  private interface InMode {
    void test(Kernels kernels, Kernels reference);
  }

  private void inEveryMode(InMode test) {
    for (ComputeMode mode : modes()) {
      try (Kernels kernels = open(2, mode);
          Kernels scalar = new ScalarProvider().open(1, mode)) {
        test.test(kernels, scalar);
      }
    }
  }
}
