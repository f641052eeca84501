package dev.gamelan.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.scalar.ScalarProvider;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.ProductKernels.Use;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Head and loss in one, and the reductions of post-training. */
public abstract class LossContract extends BackendContract {
  private static final double NEGATIVE_INFINITY = Double.NEGATIVE_INFINITY;

  @Test
  void head_and_loss_and_their_gradients_agree_for_every_size() {
    for (ComputeMode mode : modes()) {
      try (Kernels k = open(2, mode);
          Kernels scalar = new ScalarProvider().open(1, mode)) {
        forSizes(
            (n, d, vocabulary, variant) ->
                agrees(
                    "head %d×%d→%d, variant %d, %s".formatted(n, d, vocabulary, variant, mode),
                    k,
                    scalar,
                    tolerance(mode, n, d),
                    head(n, d, vocabulary, variant)));
      }
    }
  }

  @Test
  void the_loss_alone_has_the_bits_of_the_loss_with_gradients() {
    Operands o = operands();
    Tensor hidden = o.input(37, 33);
    Packed head = kernels.pack(o.input(207, 33), WeightLayout.OUT_IN, Use.TRAINING);
    Tensor targets = o.ints(37, i -> i * 31 % 207);
    Tensor weights = o.vector(37);
    Tensor alone = o.output(37);
    Tensor together = o.output(37);
    kernels.headLoss(hidden, head, targets, weights, alone);
    kernels.headLossBackward(
        hidden,
        head,
        targets,
        weights,
        together,
        false,
        o.output(37, 33),
        Optional.of(o.output(207, 33)));
    kernels.finish();
    assertSameBits("losses", together, alone);
  }

  @Test
  void an_ignored_target_has_no_loss_and_no_gradient() {
    Operands o = operands();
    Tensor hidden = o.input(5, 7);
    Packed head = kernels.pack(o.input(13, 7), WeightLayout.OUT_IN, Use.TRAINING);
    Tensor targets = o.ints(5, i -> -1);
    Tensor losses = o.output(5);
    Tensor logProbs = o.output(5);
    Tensor lse = o.output(5);
    Tensor dhidden = o.output(5, 7);
    Tensor again = o.output(5, 7);
    Tensor dhead = o.output(13, 7);
    float[] before = dhead.toFloats();
    kernels.headLossBackward(
        hidden, head, targets, o.vector(5), losses, false, dhidden, Optional.of(dhead));
    kernels.headLogProbs(hidden, head, targets, logProbs, lse);
    kernels.headLogProbsBackward(
        o.vector(5), hidden, head, targets, lse, false, again, Optional.of(dhead));
    kernels.finish();
    assertThat(losses.toFloats()).containsOnly(0);
    assertThat(logProbs.toFloats()).containsOnly(0);
    assertThat(dhidden.toFloats()).containsOnly(0);
    assertThat(again.toFloats()).containsOnly(0);
    assertThat(dhead.toFloats()).isEqualTo(before);
  }

  @Test
  void a_frozen_head_passes_on_the_gradient_that_a_trained_one_passes_on() {
    Operands o = operands();
    Tensor hidden = o.input(37, 33);
    Packed head = kernels.pack(o.input(207, 33), WeightLayout.OUT_IN, Use.TRAINING);
    Tensor targets = o.ints(37, i -> i * 31 % 207);
    Tensor weights = o.vector(37);
    Tensor lse = o.output(37);
    kernels.headLogProbs(hidden, head, targets, o.output(37), lse);
    Tensor dhead = o.output(207, 33);
    Tensor[] trained = {o.output(37, 33), o.output(37, 33)};
    Tensor[] frozen = {o.output(37, 33), o.output(37, 33)};
    Optional<Tensor> none = Optional.empty();
    kernels.headLossBackward(
        hidden, head, targets, weights, o.output(37), false, trained[0], Optional.of(dhead));
    kernels.headLossBackward(hidden, head, targets, weights, o.output(37), false, frozen[0], none);
    kernels.headLogProbsBackward(
        weights, hidden, head, targets, lse, false, trained[1], Optional.of(dhead));
    kernels.headLogProbsBackward(weights, hidden, head, targets, lse, false, frozen[1], none);
    kernels.finish();
    assertSameBits("headLossBackward", frozen[0], trained[0]);
    assertSameBits("headLogProbsBackward", frozen[1], trained[1]);
  }

  @Test
  void logits_of_thousands_neither_overflow_nor_lose_the_loss() {
    agrees(
        "head with large logits",
        Tolerance.of(1e-5, 0.05),
        (k, o) -> {
          Packed head = k.pack(o.input(33, 64), WeightLayout.OUT_IN, Use.TRAINING);
          Tensor targets = o.ints(7, i -> i);
          k.headLoss(o.input(7, 64, 1000), head, targets, o.given(1, 7, 1).reshape(7), o.output(7));
        });
  }

  @Test
  void no_rows_lose_nothing() {
    agrees("head 0×7→13", Tolerance.EXACT, head(0, 7, 13, 0));
  }

  @Test
  void a_row_has_the_same_loss_alone_and_among_others() {
    Operands o = operands();
    int n = 131;
    Tensor hidden = o.input(n, 64);
    Packed head = kernels.pack(o.input(1030, 64), WeightLayout.OUT_IN, Use.TRAINING);
    Tensor targets = o.ints(n, i -> i * 7 % 1030);
    Tensor weights = o.vector(n);
    Tensor losses = o.output(n);
    Tensor logProbs = o.output(n);
    Tensor lse = o.output(n);
    Tensor dhidden = o.output(n, 64);
    kernels.headLossBackward(
        hidden, head, targets, weights, losses, false, dhidden, Optional.of(o.output(1030, 64)));
    kernels.headLogProbs(hidden, head, targets, logProbs, lse);
    for (int[] range : new int[][] {{0, 1}, {130, 131}, {63, 68}}) {
      int from = range[0];
      int to = range[1];
      Tensor some = o.output(to - from);
      Tensor someLse = o.output(to - from);
      Tensor someHidden = o.output(to - from, 64);
      kernels.headLossBackward(
          hidden.rows(from, to),
          head,
          slice(targets, from, to),
          slice(weights, from, to),
          some,
          false,
          someHidden,
          Optional.of(o.output(1030, 64)));
      kernels.finish();
      assertSameBits("losses", some, slice(losses, from, to));
      assertSameBits("dhidden", someHidden, dhidden.rows(from, to));
      kernels.headLogProbs(hidden.rows(from, to), head, slice(targets, from, to), some, someLse);
      kernels.finish();
      assertSameBits("logProbs", some, slice(logProbs, from, to));
      assertSameBits("lse", someLse, slice(lse, from, to));
    }
  }

  @Test
  void losses_have_the_same_bits_with_any_number_of_threads() {
    for (int variant : new int[] {0, 3}) {
      sameBitsWithAnyThreads("head 131×64→1030", head(131, 64, 1030, variant));
      sameBitsWithAnyThreads("head 5×33→4098", head(5, 33, 4098, variant));
    }
    sameBitsWithAnyThreads("reductions", reductions(300, 1030, 0));
    sameBitsWithAnyThreads("reductions", reductions(2, 4098, 1));
  }

  @Test
  void reductions_of_logits_and_their_gradients_agree_for_every_size() {
    forPlanes(
        (n, vocabulary, variant) ->
            agrees(
                "reductions %d×%d".formatted(n, vocabulary),
                Tolerance.of(1e-5, 1e-5),
                reductions(n, vocabulary, variant)));
  }

  @Test
  void a_word_of_probability_zero_adds_nothing() {
    double[] logits = {1, NEGATIVE_INFINITY, 2, 0.5, 3, -1, NEGATIVE_INFINITY};
    double[] reference = {0.5, NEGATIVE_INFINITY, 1, 2, -1, 0, NEGATIVE_INFINITY};
    agrees(
        "masked words",
        Tolerance.of(1e-5, 1e-6),
        (k, o) -> {
          Tensor x = o.given(2, 7, logits);
          Tensor r = o.given(2, 7, reference);
          Tensor targets = o.ints(2, i -> 2 + i);
          k.logSoftmaxGather(x, targets, o.output(2));
          k.logSoftmaxGatherBackward(o.vector(2), x, targets, false, o.output(2, 7));
          k.kl(x, r, o.output(2));
          k.klBackward(o.vector(2), x, r, false, o.output(2, 7));
        });
    Tensor kl = Tensor.zeros(1);
    kernels.kl(operands().given(1, 7, logits), operands().given(1, 7, reference), kl);
    kernels.finish();
    assertThat(kl.get(0, 0)).isFinite().isPositive();
  }

  @Test
  void log_sigmoid_holds_from_minus_infinity_to_infinity() {
    double[] x = {
      0,
      -0.0,
      1e-8,
      -1e-8,
      1,
      -1,
      20,
      -20,
      90,
      -90,
      104,
      -104,
      1e10,
      -1e10,
      Double.POSITIVE_INFINITY,
      NEGATIVE_INFINITY,
      Double.NaN
    };
    agrees(
        "logSigmoid",
        Tolerance.of(1e-5, 1e-6),
        (k, o) -> {
          k.logSigmoid(o.given(1, x.length, x), o.output(1, x.length));
          k.logSigmoidBackward(
              o.given(1, x.length, x), o.given(1, x.length, 1), false, o.output(1, x.length));
        });
  }

  @Test
  void the_gradients_of_head_and_loss_are_those_of_finite_differences() {
    for (WeightLayout layout : WeightLayout.values()) {
      gradientsAgree(
          "headLoss " + layout,
          (k, o) -> {
            Tensor hidden = o.input(4, 5);
            Tensor w = layout == WeightLayout.OUT_IN ? o.input(7, 5) : o.input(5, 7);
            Packed head = k.pack(w, layout, Use.TRAINING);
            Tensor targets = o.ints(4, i -> i == 2 ? -1 : i * 5 % 7);
            Tensor losses = o.output(4);
            // The gradient is that of Σ losses: the weights carry what a cotangent would.
            Tensor weights = o.vector(4);
            Tensor dhidden = o.gradientOf(hidden);
            Tensor dw = o.gradientOf(w);
            k.headLossBackward(
                hidden, head, targets, weights, losses, true, dhidden, Optional.of(dw));
            o.sum(losses);
          });
      gradientsAgree(
          "headLogProbs " + layout,
          (k, o) -> {
            Tensor hidden = o.input(4, 5);
            Tensor w = layout == WeightLayout.OUT_IN ? o.input(7, 5) : o.input(5, 7);
            Packed head = k.pack(w, layout, Use.TRAINING);
            Tensor targets = o.ints(4, i -> i == 2 ? -1 : i * 5 % 7);
            Tensor logProbs = o.output(4);
            Tensor lse = o.output(4);
            k.headLogProbs(hidden, head, targets, logProbs, lse);
            k.headLogProbsBackward(
                o.cotangent(logProbs),
                hidden,
                head,
                targets,
                lse,
                true,
                o.gradientOf(hidden),
                Optional.of(o.gradientOf(w)));
          });
    }
  }

  @Test
  void the_gradients_of_reductions_are_those_of_finite_differences() {
    gradientsAgree(
        "logSoftmaxGather",
        (k, o) -> {
          Tensor logits = o.input(4, 7);
          Tensor targets = o.ints(4, i -> i == 2 ? -1 : i * 5 % 7);
          Tensor y = o.output(4);
          k.logSoftmaxGather(logits, targets, y);
          k.logSoftmaxGatherBackward(o.cotangent(y), logits, targets, true, o.gradientOf(logits));
        });
    gradientsAgree(
        "kl",
        (k, o) -> {
          Tensor logits = o.input(4, 7);
          Tensor reference = o.input(4, 7);
          Tensor y = o.output(4);
          k.kl(logits, reference, y);
          k.klBackward(o.cotangent(y), logits, reference, true, o.gradientOf(logits));
        });
    gradientsAgree(
        "logSigmoid",
        (k, o) -> {
          Tensor x = o.input(2, 17);
          Tensor y = o.output(2, 17);
          k.logSigmoid(x, y);
          k.logSigmoidBackward(x, o.cotangent(y), true, o.gradientOf(x));
        });
  }

  /** bf16 rounds dlogits, which may tip either way when they differ in their last bit. */
  private static Tolerance tolerance(ComputeMode mode, int n, int d) {
    return switch (mode) {
      case F32 -> Tolerance.of(2e-5, 2e-5 + 1e-7 * d + 1e-7 * n);
      case BF16 -> Tolerance.of(1e-2, 1e-2);
    };
  }

  /** Even variants have a head [vocabulary, d]; every fifth target is ignored. */
  private static Call head(int n, int d, int vocabulary, int variant) {
    WeightLayout layout = variant % 2 == 0 ? WeightLayout.OUT_IN : WeightLayout.IN_OUT;
    boolean accumulate = variant / 2 % 2 == 0;
    return (k, o) -> {
      Tensor hidden = o.input(n, d);
      Tensor w = layout == WeightLayout.OUT_IN ? o.input(vocabulary, d) : o.input(d, vocabulary);
      Packed head = k.pack(w, layout, Use.TRAINING);
      Tensor targets = o.ints(n, i -> i % 5 == 3 ? -1 : (i * 31 + 5) % vocabulary);
      Tensor weights = o.vector(n);
      k.headLoss(hidden, head, targets, weights, o.output(n));
      k.headLossBackward(
          hidden,
          head,
          targets,
          weights,
          o.output(n),
          accumulate,
          o.output(n, d),
          Optional.of(o.output(w.rows(), w.columns())));
      Tensor lse = o.output(n);
      k.headLogProbs(hidden, head, targets, o.output(n), lse);
      k.headLogProbsBackward(
          weights,
          hidden,
          head,
          targets,
          lse,
          accumulate,
          o.output(n, d),
          Optional.of(o.output(w.rows(), w.columns())));
    };
  }

  private static Call reductions(int n, int vocabulary, int variant) {
    return (k, o) -> {
      Tensor logits = o.input(n, vocabulary, 5);
      Tensor reference = o.input(n, vocabulary, 5);
      Tensor targets = o.ints(n, i -> i % 5 == 3 ? -1 : (i * 31 + 5) % vocabulary);
      Tensor d = o.vector(n);
      boolean accumulate = variant % 2 == 0;
      k.logSoftmaxGather(logits, targets, o.output(n));
      k.logSoftmaxGatherBackward(d, logits, targets, accumulate, o.output(n, vocabulary));
      k.kl(logits, reference, o.output(n));
      k.klBackward(d, logits, reference, accumulate, o.output(n, vocabulary));
      k.logSigmoid(logits, o.output(n, vocabulary));
      k.logSigmoidBackward(logits, reference, accumulate, o.output(n, vocabulary));
    };
  }
}
