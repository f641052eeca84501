package dev.gamelan.tensor.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.AttentionShape;
import dev.gamelan.tensor.spi.CacheRows;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Epilogue;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.KvPages;
import dev.gamelan.tensor.spi.OptimizerKernels.AdamW;
import dev.gamelan.tensor.spi.Packed;
import dev.gamelan.tensor.spi.ProductKernels.Use;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.Routing;
import dev.gamelan.tensor.spi.WeightLayout;
import java.lang.foreign.Arena;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Answers worked out by hand: what the other backends are compared with is right itself. */
class ScalarDefinitionsTest {
  private static final float LN3 = (float) Math.log(3);
  private static final float LN4 = (float) Math.log(4);

  private final Kernels k = new ScalarProvider().open(1, ComputeMode.F32);

  @Test
  void linear_multiplies_by_the_weight_of_either_layout_and_adds_bias_and_addend() {
    Tensor x = row(1, 2, 3);
    Tensor outIn = Tensor.copyOf(new float[] {1, 0, -1, 2, 2, 2}, 2, 3);
    Tensor inOut = Tensor.copyOf(new float[] {1, 2, 0, 2, -1, 2}, 3, 2);
    Tensor y = row(100, 200);
    k.linear(
        x,
        k.pack(outIn, WeightLayout.OUT_IN, Use.TRAINING),
        new Epilogue(Optional.of(Tensor.copyOf(new float[] {10, 20}, 2)), Optional.of(y)),
        y);
    assertThat(y.toFloats()).containsExactly(108, 232);
    Packed packed = k.pack(inOut, WeightLayout.IN_OUT, Use.TRAINING);
    k.linear(x, packed, Epilogue.NONE, y);
    assertThat(y.toFloats()).containsExactly(-2, 12);
    Tensor dx = row(1, 1, 1);
    k.linearBackwardInput(row(3, 1), packed, true, dx);
    assertThat(dx.toFloats()).containsExactly(6, 3, 0);
    k.linearBackwardWeight(row(3, 1), x, WeightLayout.IN_OUT, false, inOut);
    assertThat(inOut.toFloats()).containsExactly(3, 1, 6, 2, 9, 3);
    k.linearBackwardWeight(row(3, 1), x, WeightLayout.OUT_IN, false, outIn);
    assertThat(outIn.toFloats()).containsExactly(3, 6, 9, 1, 2, 3);
  }

  @Test
  void sums_are_kept_in_double_and_operands_rounded_in_mode_bf16_only() {
    Tensor y = row(0);
    Packed ones = k.pack(row(1, 1, 1), WeightLayout.OUT_IN, Use.INFERENCE);
    k.linear(row(1e8f, 1, -1e8f), ones, Epilogue.NONE, y);
    assertThat(y.get(0, 0)).isEqualTo(1);
    Tensor x = row(1 + 0x1p-9f, 0, 0);
    k.linear(x, ones, Epilogue.NONE, y);
    assertThat(y.get(0, 0)).isEqualTo(1 + 0x1p-9f);
    Kernels bf16 = new ScalarProvider().open(1, ComputeMode.BF16);
    bf16.linear(x, ones, Epilogue.NONE, y);
    assertThat(y.get(0, 0)).isEqualTo(1);
  }

  @Test
  void an_integer_weight_is_refused() {
    assertThatThrownBy(
            () -> k.pack(Tensor.copyOf(new int[] {1}, 1, 1), WeightLayout.OUT_IN, Use.TRAINING))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pack: the weight is I32[1, 1]; it must be F32, F16, BF16 or quantized");
  }

  @Test
  void layer_norm_centres_and_scales_by_the_population() {
    Tensor y = row(0, 0, 0, 0);
    Tensor mean = Tensor.zeros(1);
    Tensor rstd = Tensor.zeros(1);
    k.layerNorm(
        row(1, 2, 3, 6),
        Optional.of(Tensor.copyOf(new float[] {1, 2, 3, 2}, 4)),
        Optional.of(Tensor.copyOf(new float[] {0, 0, 7, 1}, 4)),
        0.5f,
        y,
        mean,
        rstd);
    assertThat(y.toFloats()).containsExactly(-1, -1, 7, 4);
    assertThat(mean.get(0, 0)).isEqualTo(3);
    assertThat(rstd.get(0, 0)).isEqualTo(0.5f);
  }

  @Test
  void rms_norm_scales_every_group_by_itself() {
    Tensor y = row(0, 0, 0, 0);
    Tensor rstd = Tensor.zeros(1, 2);
    k.rmsNorm(
        row(3, 4, 0.5f, 0.5f), Optional.of(Tensor.copyOf(new float[] {1, 2}, 2)), 2, 0, y, rstd);
    float r = (float) Math.sqrt(2 / 25.0);
    assertThat(y.toFloats()).containsExactly(3 * r, 8 * r, 1, 2);
    assertThat(rstd.toFloats()).containsExactly(r, 2);
  }

  @Test
  void activations_have_the_published_values() {
    // Computed with Python's math.erf, math.erfc, math.tanh and math.exp.
    assertThat(values(Activation.RELU, 2, -2)).containsExactly(2, 0);
    assertThat(values(Activation.GELU, 1, -2, 3.6f, -3.7f, -5, -8))
        .containsExactly(
            new float[] {
              0.84134475f, -0.04550026f, 3.5994272f, -3.9885901e-4f, -1.4332579e-6f, -4.9767685e-15f
            },
            within(2e-7f));
    assertThat(values(Activation.GELU, -8)[0] / -4.9767685e-15f).isCloseTo(1, within(1e-5f));
    assertThat(values(Activation.GELU_TANH, 1, -2))
        .containsExactly(new float[] {0.84119199f, -0.04540231f}, within(1e-7f));
    assertThat(values(Activation.QUICK_GELU, 1, -2))
        .containsExactly(new float[] {0.84579577f, -0.06434138f}, within(1e-7f));
    assertThat(values(Activation.SILU, 1, -2))
        .containsExactly(new float[] {0.73105858f, -0.23840584f}, within(1e-7f));
  }

  @Test
  void attention_weighs_values_by_the_softmax_of_what_a_query_sees() {
    // Columns q, k, v; the second query scores ln 1 and ln 3.
    Tensor qkv = Tensor.copyOf(new float[] {5, 0, 4, 1, LN3, 8}, 2, 3);
    Tensor out = Tensor.zeros(2, 1);
    Tensor lse = Tensor.zeros(2, 1);
    k.attention(qkv, shape(0, Optional.empty()), 1, 2, out, lse);
    assertThat(out.toFloats()).containsExactly(new float[] {4, 7}, within(1e-6f));
    assertThat(lse.toFloats()).containsExactly(new float[] {0, LN4}, within(1e-6f));
    k.attention(qkv, shape(1, Optional.empty()), 1, 2, out, lse);
    assertThat(out.toFloats()).containsExactly(4, 8);
    k.attention(qkv, shape(0, Optional.empty()), 2, 1, out, lse);
    assertThat(out.toFloats()).containsExactly(4, 8);
    // The slope takes ln 3 from the score of the position before.
    Tensor equal = Tensor.copyOf(new float[] {1, 0, 4, 1, 0, 8}, 2, 3);
    k.attention(equal, shape(0, Optional.of(new float[] {LN3})), 1, 2, out, lse);
    assertThat(out.toFloats()).containsExactly(new float[] {4, 7}, within(1e-6f));
    assertThat(lse.toFloats()).containsExactly(new float[] {0, LN4 - LN3}, within(1e-6f));
  }

  @Test
  void query_heads_share_key_heads_in_runs() {
    AttentionShape shape =
        new AttentionShape(
            1, new int[] {0, 1, 2, 3}, new int[] {4, 5}, new int[] {6, 7}, 1, 0, Optional.empty());
    Tensor out = Tensor.zeros(1, 4);
    k.attention(row(1, 1, 1, 1, 1, 1, 10, 20), shape, 1, 1, out, Tensor.zeros(1, 4));
    assertThat(out.toFloats()).containsExactly(10, 10, 20, 20);
  }

  @Test
  void the_cache_keeps_keys_with_positions_contiguous_and_values_with_columns_contiguous() {
    AttentionShape shape =
        new AttentionShape(2, new int[] {0}, new int[] {2}, new int[] {4}, 1, 0, Optional.empty());
    KvPages pages = new KvPages(Tensor.zeros(3, 1, 2, 4), Tensor.zeros(3, 1, 4, 2), 4);
    CacheRows rows =
        new CacheRows(
            Tensor.copyOf(new int[] {5}, 1),
            Tensor.copyOf(new int[] {0}, 1),
            Tensor.copyOf(new int[] {1, 2}, 1, 2));
    k.cacheWrite(row(0, 0, 3, 4, 5, 6), shape, rows, pages);
    // Position 5 is slot 1 of the second page, which the table calls 2.
    assertThat(pages.keys().toFloats())
        .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0);
    assertThat(pages.values().toFloats())
        .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 6, 0, 0, 0, 0);
  }

  @Test
  void rotary_turns_pairs_a_quarter_when_the_cosine_is_0() {
    Tensor position = Tensor.copyOf(new int[] {0}, 1);
    Tensor x = row(1, 2, 3, 4, 9);
    k.rotary(x, new int[] {0}, RotaryStyle.HALF_SPLIT, position, row(0, 0), row(1, 1), false);
    assertThat(x.toFloats()).containsExactly(-3, -4, 1, 2, 9);
    k.rotary(x, new int[] {0}, RotaryStyle.HALF_SPLIT, position, row(0, 0), row(1, 1), true);
    assertThat(x.toFloats()).containsExactly(1, 2, 3, 4, 9);
    k.rotary(x, new int[] {0}, RotaryStyle.INTERLEAVED, position, row(0, 0), row(1, 1), false);
    assertThat(x.toFloats()).containsExactly(-2, 1, -4, 3, 9);
  }

  @Test
  void routing_takes_the_softmax_of_the_chosen_or_of_all() {
    Tensor logits = row(0, LN3, LN4);
    Tensor experts = Tensor.copyOf(new int[2], 1, 2);
    Tensor weights = row(0, 0);
    k.route(logits, Routing.SOFTMAX_OF_CHOSEN, experts, weights);
    assertThat(experts.toInts()).containsExactly(2, 1);
    assertThat(weights.toFloats()).containsExactly(new float[] {4 / 7f, 3 / 7f}, within(1e-6f));
    k.route(logits, Routing.SOFTMAX_OF_ALL, experts, weights);
    assertThat(weights.toFloats()).containsExactly(new float[] {0.5f, 3 / 8f}, within(1e-6f));
  }

  @Test
  void combining_weighs_the_rows_at_the_places_of_the_choices() {
    Tensor x = Tensor.copyOf(new float[] {1, 2, 3, 4}, 4, 1);
    Tensor place = Tensor.copyOf(new int[] {3, 0, 1, 2}, 2, 2);
    Tensor y = Tensor.copyOf(new float[] {100, 100}, 2, 1);
    k.combine(x, place, Tensor.copyOf(new float[] {1, 10, 2, 20}, 2, 2), true, y);
    assertThat(y.toFloats()).containsExactly(114, 164);
  }

  @Test
  void embeddings_add_the_offset_to_the_id() {
    Tensor table = Tensor.copyOf(new float[] {1, 2, 3, 4}, 4, 1);
    Tensor y = Tensor.zeros(2, 1);
    k.embedding(Tensor.copyOf(new int[] {-1, 1}, 2), 2, table, false, y);
    assertThat(y.toFloats()).containsExactly(2, 4);
    k.embeddingBackward(Tensor.copyOf(new int[] {1, 1}, 2), 2, y, table);
    assertThat(table.toFloats()).containsExactly(1, 2, 3, 10);
  }

  @Test
  void the_loss_of_a_head_is_the_surprise_of_its_target_times_its_weight() {
    Packed head =
        k.pack(Tensor.copyOf(new float[] {0, LN3}, 2, 1), WeightLayout.OUT_IN, Use.TRAINING);
    Tensor hidden = Tensor.copyOf(new float[] {1, 1, 1}, 3, 1);
    Tensor targets = Tensor.copyOf(new int[] {0, 1, -1}, 3);
    Tensor losses = Tensor.zeros(3);
    Tensor dhidden = Tensor.zeros(3, 1);
    Tensor dhead = Tensor.zeros(2, 1);
    k.headLossBackward(
        hidden,
        head,
        targets,
        Tensor.copyOf(new float[] {2, 1, 1}, 3),
        losses,
        false,
        dhidden,
        Optional.of(dhead));
    // Probabilities 1/4 and 3/4: surprises ln 4 and ln 4/3.
    assertThat(losses.toFloats())
        .containsExactly(new float[] {2 * LN4, LN4 - LN3, 0}, within(1e-6f));
    assertThat(dhidden.toFloats())
        .containsExactly(new float[] {2 * 0.75f * LN3, -0.25f * LN3, 0}, within(1e-6f));
    assertThat(dhead.toFloats())
        .containsExactly(new float[] {-1.5f + 0.25f, 1.5f - 0.25f}, within(1e-6f));
    Tensor lse = Tensor.zeros(3);
    k.headLogProbs(hidden, head, targets, losses, lse);
    assertThat(losses.toFloats()).containsExactly(new float[] {-LN4, LN3 - LN4, 0}, within(1e-6f));
    assertThat(lse.get(0, 0)).isCloseTo(LN4, within(1e-6f));
    Tensor logits = Tensor.copyOf(new float[] {0, LN3, 7, 7 + LN3, 1, 1}, 3, 2);
    k.logSoftmaxGather(logits, targets, losses);
    assertThat(losses.toFloats()).containsExactly(new float[] {-LN4, LN3 - LN4, 0}, within(1e-6f));
  }

  @Test
  void kl_is_that_of_the_logits_from_the_reference() {
    Tensor kl = Tensor.zeros(1);
    k.kl(row(5, 5), row(0, LN3), kl);
    assertThat(kl.get(0, 0))
        .isCloseTo((float) (0.5 * Math.log(2) + 0.5 * Math.log(2 / 3.0)), within(1e-6f));
  }

  @Test
  void log_sigmoid_is_the_log_of_the_sigmoid() {
    Tensor y = row(0, 0, 0);
    k.logSigmoid(row(0.5f, -3, -200), y);
    assertThat(y.toFloats())
        .containsExactly(new float[] {-0.47407698f, -3.0485873f, -200}, within(1e-6f));
  }

  @Test
  void two_steps_of_adamw_end_where_arithmetic_by_hand_ends() {
    Tensor p = Tensor.copyOf(new float[] {1}, 1);
    Tensor m = Tensor.zeros(1);
    Tensor v = Tensor.zeros(1);
    float[] gradients = {0.5f, -1};
    for (int step = 1; step <= 2; step++) {
      k.adamW(
          p,
          Tensor.copyOf(new float[] {gradients[step - 1]}, 1),
          m,
          v,
          new AdamW(0.1, 0.9, 0.99, 1e-8, 0.01, step, 0.5));
    }
    // The same formula in Python, in double.
    assertThat(p.get(0, 0)).isCloseTo(0.93466177f, within(1e-6f));
    assertThat(m.get(0, 0)).isCloseTo(-0.0275f, within(1e-7f));
    assertThat(v.get(0, 0)).isCloseTo(0.00311875f, within(1e-8f));
  }

  @Test
  void copy_converts_to_every_float_type() {
    Tensor y = Tensor.allocate(Arena.ofAuto(), DType.BF16, 1, 2);
    k.copy(row(1 + 0x1p-8f, 1 + 0x3p-8f), y);
    assertThat(y.toFloats()).containsExactly(1, 1 + 0x1p-6f);
  }

  private static AttentionShape shape(int window, Optional<float[]> alibi) {
    return new AttentionShape(1, new int[] {0}, new int[] {1}, new int[] {2}, 1, window, alibi);
  }

  private float[] values(Activation f, float... x) {
    Tensor y = Tensor.zeros(1, x.length);
    k.activation(f, row(x), y);
    return y.toFloats();
  }

  private static Tensor row(float... values) {
    return Tensor.copyOf(values, 1, values.length);
  }
}
