package dev.gamelan.tensor.op;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.spi.AttentionShape;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.Routing;
import dev.gamelan.tensor.spi.WeightLayout;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What an op says of operands that don't fit: its name, their names and shapes, and the rule. */
class OpShapesTest {
  private final Tape tape = new Tape(Tape.Purpose.TRAINING);
  private final Value x = tape.input("x", DType.F32, 4, 8);
  private final Value other = tape.input("other", DType.F32, 4, 6);
  private final Value ids = tape.input("ids", DType.I32, 1, 4);
  private final Value few = tape.input("few", DType.I32, 1, 3);
  private final Value floats = tape.input("floats", DType.F32, 1, 4);
  private final Value weight = tape.parameter("weight", new Shape(5, 7), true);
  private final Value vector = tape.parameter("vector", new Shape(7), true);

  private static void assertRefused(ThrowingCallable call, String... parts) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).message().contains(parts);
  }

  @Test
  void a_product_names_both_shapes_and_the_layout() {
    assertRefused(
        () ->
            Linear.apply(tape, x, weight, WeightLayout.OUT_IN, Optional.empty(), Optional.empty()),
        "linear",
        "x [4, 8]",
        "weight [5, 7]",
        "OUT_IN",
        "7 columns");
    assertRefused(
        () ->
            Linear.apply(tape, x, weight, WeightLayout.IN_OUT, Optional.empty(), Optional.empty()),
        "IN_OUT",
        "5 columns");
  }

  @Test
  void a_bias_and_an_addend_must_fit_the_product() {
    Value square = tape.parameter("square", new Shape(8, 8), true);
    assertRefused(
        () ->
            Linear.apply(
                tape, x, square, WeightLayout.OUT_IN, Optional.of(vector), Optional.empty()),
        "linear bias",
        "vector [1, 7]",
        "8 elements");
    assertRefused(
        () ->
            Linear.apply(
                tape, x, square, WeightLayout.OUT_IN, Optional.empty(), Optional.of(other)),
        "linear addend",
        "other [4, 6]");
  }

  @Test
  void sums_gates_and_divergences_want_equal_shapes() {
    assertRefused(() -> Add.apply(tape, x, other), "add", "x [4, 8]", "other [4, 6]", "equal");
    assertRefused(
        () -> Gated.apply(tape, dev.gamelan.tensor.spi.Activation.SILU, x, other),
        "gated",
        "other [4, 6]");
    assertRefused(() -> Kl.apply(tape, x, other), "kl", "x [4, 8]", "other [4, 6]");
  }

  @Test
  void norms_want_weights_of_their_columns_and_whole_groups() {
    assertRefused(
        () -> RmsNorm.apply(tape, x, Optional.of(vector), 1, 1e-5f),
        "rms norm weight",
        "vector [1, 7]",
        "8 elements");
    assertRefused(
        () -> RmsNorm.apply(tape, x, Optional.empty(), 3, 1e-5f), "rms norm", "x [4, 8]", "3");
    assertRefused(() -> RmsNorm.apply(tape, x, Optional.empty(), 0, 1e-5f), "rms norm");
    assertRefused(
        () -> LayerNorm.apply(tape, x, Optional.empty(), Optional.of(vector), 1e-5f),
        "layer norm bias",
        "vector [1, 7]");
  }

  @Test
  void indices_must_be_integers_one_a_row() {
    assertRefused(
        () -> Embedding.apply(tape, floats, 0, weight), "embedding", "floats [1, 4] F32", "i32");
    assertRefused(
        () -> LogSoftmaxGather.apply(tape, x, few), "log-softmax targets", "few [1, 3]", "4 i32");
    assertRefused(() -> SelectRows.apply(tape, x, floats), "select rows", "floats");
    Value head = tape.parameter("head", new Shape(9, 8), true);
    assertRefused(() -> HeadLogProbs.apply(tape, x, head, few), "head log-probs targets", "4 i32");
    assertRefused(
        () -> HeadLoss.apply(tape, x, head, ids, tape.input("w", DType.F32, 1, 5)),
        "head loss weights",
        "w [1, 5]",
        "4 elements");
    assertRefused(
        () -> HeadLoss.apply(tape, x, weight, ids, floats), "head loss", "[vocabulary, 8]");
  }

  @Test
  void attention_wants_whole_sequences_and_heads_inside_the_row() {
    AttentionShape fits =
        new AttentionShape(4, new int[] {0}, new int[] {4}, new int[] {4}, 1, 0, Optional.empty());
    AttentionShape beyond =
        new AttentionShape(4, new int[] {0}, new int[] {4}, new int[] {5}, 1, 0, Optional.empty());
    assertRefused(
        () -> Attention.apply(tape, x, fits, 1, 3), "attention", "x [4, 8]", "1 sequences of 3");
    assertRefused(
        () -> Attention.apply(tape, x, beyond, 1, 4), "attention", "4 columns at column 5");
  }

  @Test
  void rotary_wants_a_position_a_row_equal_tables_and_heads_inside_the_row() {
    Value cos = tape.input("cos", DType.F32, 9, 2);
    Value sin = tape.input("sin", DType.F32, 9, 3);
    int[] heads = {0, 6};
    assertRefused(
        () -> Rotary.apply(tape, x, heads, RotaryStyle.HALF_SPLIT, few, cos, cos),
        "rotary positions",
        "few [1, 3]");
    assertRefused(
        () -> Rotary.apply(tape, x, heads, RotaryStyle.HALF_SPLIT, ids, cos, sin),
        "rotary tables",
        "sin [9, 3]");
    assertRefused(
        () -> Rotary.apply(tape, x, heads, RotaryStyle.HALF_SPLIT, ids, cos, cos),
        "rotary",
        "column 6 with 4 rotary dims");
  }

  @Test
  void experts_want_a_possible_choice_and_fitting_weights() {
    assertRefused(
        () -> Experts.route(tape, x, 9, Routing.SOFTMAX_OF_CHOSEN), "route", "9", "[1, experts]");
    Value y = tape.activation("y", 4, 5);
    assertRefused(
        () -> Experts.linear(tape, x, ids, List.of(weight), WeightLayout.OUT_IN, y),
        "grouped linear",
        "weight [5, 7]",
        "7 columns");
  }

  @Test
  void a_clamp_wants_a_positive_bound_and_a_view_columns_that_exist() {
    assertRefused(() -> Elementwise.clamp(tape, 0, x), "clamp", "positive");
    assertRefused(() -> Elementwise.clamp(tape, Float.NaN, x), "clamp", "positive");
    assertRefused(() -> x.columns(3, 9), "columns [3, 9) of x [4, 8]", "[0, 8]");
    assertRefused(() -> x.columns(-1, 2), "columns [-1, 2)");
  }
}
