package dev.gamelan.tensor.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.scalar.ScalarProvider;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Epilogue;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.ProductKernels.Use;
import dev.gamelan.tensor.spi.Routing;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Routing, sorting by expert, grouped products. */
public abstract class ExpertContract extends BackendContract {
  private static final Tolerance CLOSE = Tolerance.of(1e-5, 1e-5);

  @Test
  void routing_and_its_gradient_agree_for_every_number_of_rows_and_experts() {
    for (Routing routing : Routing.values()) {
      for (int n : new int[] {1, 7, 16, 33, 64}) {
        for (int experts : new int[] {1, 2, 7, 8, 33, 64, 207}) {
          for (int k : new int[] {1, 2, 8}) {
            if (k <= experts) {
              agrees(
                  "route %s %d×%d, %d chosen".formatted(routing, n, experts, k),
                  CLOSE,
                  (kernels, o) -> {
                    Tensor logits = o.input(n, experts, 4);
                    Tensor chosen = o.outputInts(n, k);
                    Tensor weights = o.output(n, k);
                    kernels.route(logits, routing, chosen, weights);
                    kernels.routeBackward(
                        o.input(n, k),
                        logits,
                        routing,
                        chosen,
                        weights,
                        n % 2 == 0,
                        o.output(n, experts));
                  });
            }
          }
        }
      }
    }
  }

  @Test
  void the_load_of_the_experts_and_its_gradient_agree_for_every_number_of_rows_and_experts() {
    for (int n : new int[] {1, 7, 33}) {
      for (int experts : new int[] {1, 2, 7, 8, 64, 207}) {
        for (int k : new int[] {1, 2}) {
          if (k <= experts) {
            boolean accumulate = n % 2 == 0 || experts == 8;
            agrees(
                "load %d×%d, %d chosen".formatted(n, experts, k),
                CLOSE,
                (kernels, o) -> {
                  Tensor logits = o.input(n, experts, 4);
                  Tensor chosen = o.outputInts(n, k);
                  Tensor load = o.output(2, experts);
                  kernels.route(logits, Routing.SOFTMAX_OF_ALL, chosen, o.output(n, k));
                  kernels.routerLoad(logits, chosen, accumulate, load);
                  kernels.routerLoadBackward(logits, load, 0.25f, accumulate, o.output(n, experts));
                });
          }
        }
      }
    }
  }

  @Test
  void the_load_counts_choices_and_sums_probabilities() {
    Tensor logits = Tensor.copyOf(new float[] {0, 0, 0, 0, (float) Math.log(3), 0}, 3, 2);
    Tensor chosen = Tensor.copyOf(new int[] {0, 1, 0}, 3, 1);
    Tensor load = Tensor.copyOf(new float[] {9, 9, 9, 9}, 2, 2);
    Tensor gradient = Tensor.zeros(3, 2);
    kernels.routerLoad(logits, chosen, false, load);
    kernels.routerLoadBackward(logits, load, 2, false, gradient);
    kernels.finish();
    assertThat(load.toFloats()).containsExactly(new float[] {2, 1, 1.75f, 1.25f}, within(1e-6f));
    // 2·p·(2 − (2p + (1 − p)))
    assertThat(gradient.toFloats())
        .containsExactly(new float[] {0.5f, -0.5f, 0.5f, -0.5f, 0.375f, -0.375f}, within(1e-6f));
  }

  @Test
  void the_lower_index_wins_among_equal_logits() {
    Tensor logits = Tensor.copyOf(new float[] {1, 3, 3, 3, 2, 0, 0, 0, 0, 0}, 2, 5);
    Tensor experts = Tensor.copyOf(new int[6], 2, 3);
    Tensor weights = Tensor.zeros(2, 3);
    kernels.route(logits, Routing.SOFTMAX_OF_CHOSEN, experts, weights);
    kernels.finish();
    assertThat(experts.toInts()).containsExactly(1, 2, 3, 0, 1, 2);
  }

  @Test
  void nan_logits_still_choose_experts_that_exist_and_differ() {
    Tensor logits = Tensor.zeros(1, 4);
    for (int e = 0; e < 4; e++) {
      logits.set(0, e, Float.NaN);
    }
    Tensor experts = Tensor.copyOf(new int[] {-9, -9, -9}, 1, 3);
    kernels.route(logits, Routing.SOFTMAX_OF_ALL, experts, Tensor.zeros(1, 3));
    kernels.finish();
    assertThat(experts.toInts()).doesNotHaveDuplicates();
    assertThat(Arrays.stream(experts.toInts()).allMatch(e -> e >= 0 && e < 4)).isTrue();
  }

  @Test
  void sorting_by_expert_is_stable_and_knows_experts_that_nobody_chose() {
    for (int n : SIZES) {
      for (int k : new int[] {1, 2, 3}) {
        agrees(
            "sortByExpert %d×%d".formatted(n, k),
            Tolerance.EXACT,
            (kernels, o) ->
                kernels.sortByExpert(
                    o.ints(n, k, i -> chosen(i)),
                    o.outputInts((long) n * k),
                    o.outputInts(n, k),
                    o.outputInts(9)));
      }
    }
    Tensor source = Tensor.copyOf(new int[6], 6);
    Tensor place = Tensor.copyOf(new int[6], 3, 2);
    Tensor offsets = Tensor.copyOf(new int[5], 5);
    kernels.sortByExpert(Tensor.copyOf(new int[] {2, 0, 0, 3, 2, 3}, 3, 2), source, place, offsets);
    kernels.finish();
    assertThat(source.toInts()).containsExactly(0, 1, 0, 2, 1, 2);
    assertThat(place.toInts()).containsExactly(2, 0, 1, 4, 3, 5);
    assertThat(offsets.toInts()).containsExactly(0, 2, 2, 4, 6);
  }

  @Test
  void grouped_products_agree_for_every_size_and_layout() {
    for (ComputeMode mode : modes()) {
      try (Kernels k = open(2, mode);
          Kernels scalar = new ScalarProvider().open(1, mode)) {
        for (WeightLayout layout : WeightLayout.values()) {
          for (int size : SIZES) {
            int in = size;
            int out = SIZES[(size * 7 + 3) % SIZES.length];
            agrees(
                "grouped %s %d→%d".formatted(layout, in, out),
                k,
                scalar,
                Tolerance.ofSum(Math.max(Math.max(in, out), 40)),
                grouped(layout, in, out));
          }
        }
      }
    }
  }

  @Test
  void a_row_among_its_expert_has_the_bits_of_the_plain_product() {
    Operands o = operands();
    Tensor x = o.input(40, 33);
    Tensor w = o.input(17, 33);
    Tensor other = o.input(17, 33);
    Packed packed = kernels.pack(w, WeightLayout.OUT_IN, Use.TRAINING);
    Packed packedOther = kernels.pack(other, WeightLayout.OUT_IN, Use.TRAINING);
    Tensor y = o.output(40, 17);
    Tensor alone = o.output(40, 17);
    kernels.groupedLinear(
        x, Tensor.copyOf(new int[] {0, 11, 11, 40}, 4), List.of(packedOther, packed, packed), y);
    kernels.linear(x, packed, Epilogue.NONE, alone);
    kernels.finish();
    assertSameBits("groupedLinear", y.rows(11, 40), alone.rows(11, 40));
  }

  @Test
  void combining_and_its_gradients_agree_for_every_size() {
    forPlanes(
        (n, d, variant) -> {
          int k = 1 + variant % 3;
          agrees(
              "combine %d×%d of %d".formatted(n, d, k),
              Tolerance.ofSum(k + 1),
              (kernels, o) ->
                  kernels.combine(
                      o.input((long) n * k, d),
                      places(o, n, k),
                      o.input(n, k),
                      variant % 2 == 0,
                      o.output(n, d)));
          agrees(
              "combineBackward %d×%d of %d".formatted(n, d, k),
              Tolerance.ofSum(d),
              (kernels, o) ->
                  kernels.combineBackward(
                      o.input(n, d),
                      o.input((long) n * k, d),
                      places(o, n, k),
                      o.input(n, k),
                      o.output((long) n * k, d),
                      o.output(n, k)));
        });
  }

  @Test
  void experts_have_the_same_bits_with_any_number_of_threads() {
    sameBitsWithAnyThreads("grouped", grouped(WeightLayout.OUT_IN, 64, 207));
    sameBitsWithAnyThreads("grouped", grouped(WeightLayout.IN_OUT, 207, 33));
    sameBitsWithAnyThreads(
        "route and combine",
        (kernels, o) -> {
          Tensor logits = o.input(300, 31);
          Tensor chosen = o.outputInts(300, 4);
          Tensor weights = o.output(300, 4);
          kernels.route(logits, Routing.SOFTMAX_OF_ALL, chosen, weights);
          kernels.routeBackward(
              o.input(300, 4),
              logits,
              Routing.SOFTMAX_OF_ALL,
              chosen,
              weights,
              false,
              o.output(300, 31));
          Tensor place = o.outputInts(300, 4);
          kernels.sortByExpert(chosen, o.outputInts(1200), place, o.outputInts(32));
          Tensor x = o.input(1200, 130);
          kernels.combine(x, place, weights, false, o.output(300, 130));
          kernels.combineBackward(
              o.input(300, 130), x, place, weights, o.output(1200, 130), o.output(300, 4));
        });
  }

  @Test
  void the_gradients_of_routing_are_those_of_finite_differences() {
    for (Routing routing : Routing.values()) {
      gradientsAgree(
          "route " + routing,
          (kernels, o) -> {
            // Logits a quarter apart: a step never changes the choice.
            Tensor logits = o.given(3, 5, 0.5, -0.25, 1, 0.25, 0, -0.5, 0.75);
            Tensor chosen = o.outputInts(3, 2);
            Tensor weights = o.output(3, 2);
            kernels.route(logits, routing, chosen, weights);
            kernels.routeBackward(
                o.cotangent(weights), logits, routing, chosen, weights, true, o.gradientOf(logits));
          });
    }
  }

  @Test
  void the_gradients_of_grouped_products_are_those_of_finite_differences() {
    gradientsAgree(
        "groupedLinear",
        (kernels, o) -> {
          Tensor x = o.input(6, 4);
          Tensor offsets = o.ints(4, i -> new int[] {0, 2, 2, 6}[i]);
          List<Tensor> weights = List.of(o.input(3, 4), o.input(3, 4), o.input(3, 4));
          List<Packed> packed =
              weights.stream()
                  .map(w -> kernels.pack(w, WeightLayout.OUT_IN, Use.TRAINING))
                  .toList();
          Tensor y = o.output(6, 3);
          kernels.groupedLinear(x, offsets, packed, y);
          Tensor dy = o.cotangent(y);
          kernels.groupedLinearBackwardInput(dy, offsets, packed, true, o.gradientOf(x));
          // Nobody chose expert 1: its gradient is 0, which the check of the others needn't see.
          List<Tensor> dweights =
              List.of(o.gradientOf(weights.get(0)), o.output(3, 4), o.gradientOf(weights.get(2)));
          kernels.groupedLinearBackwardWeight(dy, x, offsets, WeightLayout.OUT_IN, dweights);
        });
  }

  @Test
  void the_gradients_of_combining_are_those_of_finite_differences() {
    gradientsAgree(
        "combine",
        (kernels, o) -> {
          Tensor x = o.input(6, 4);
          Tensor place = places(o, 3, 2);
          Tensor weights = o.input(3, 2);
          Tensor y = o.output(3, 4);
          kernels.combine(x, place, weights, false, y);
          kernels.combineBackward(
              o.cotangent(y), x, place, weights, o.gradientOf(x), o.gradientOf(weights));
        });
  }

  private static int chosen(int i) {
    int expert = i * 5 % 8;
    return expert == 3 ? 7 : expert;
  }

  /** A permutation of n·k places. */
  private static Tensor places(Operands o, int n, int k) {
    return o.ints(n, k, i -> n * k - 1 - i);
  }

  private static Call grouped(WeightLayout layout, int in, int out) {
    return (kernels, o) -> {
      int[] at = {0, 1, 1, 34, 36, 67};
      Tensor offsets = o.ints(at.length, i -> at[i]);
      List<Packed> weights = new ArrayList<>();
      List<Tensor> dweights = new ArrayList<>();
      for (int e = 0; e < at.length - 1; e++) {
        boolean outIn = layout == WeightLayout.OUT_IN;
        Tensor w = outIn ? o.input(out, in) : o.input(in, out);
        weights.add(kernels.pack(w, layout, Use.TRAINING));
        dweights.add(outIn ? o.output(out, in) : o.output(in, out));
      }
      Tensor x = o.input(67, in);
      Tensor dy = o.input(67, out);
      kernels.groupedLinear(x, offsets, weights, o.output(67, out));
      kernels.groupedLinearBackwardInput(dy, offsets, weights, false, o.output(67, in));
      kernels.groupedLinearBackwardInput(dy, offsets, weights, true, o.output(67, in));
      kernels.groupedLinearBackwardWeight(dy, x, offsets, layout, dweights);
    };
  }
}
