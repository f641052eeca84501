package dev.gamelan.tensor.tape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.op.Add;
import dev.gamelan.tensor.op.Attention;
import dev.gamelan.tensor.op.Elementwise;
import dev.gamelan.tensor.op.Embedding;
import dev.gamelan.tensor.op.Experts;
import dev.gamelan.tensor.op.Gated;
import dev.gamelan.tensor.op.HeadLogProbs;
import dev.gamelan.tensor.op.LayerNorm;
import dev.gamelan.tensor.op.Linear;
import dev.gamelan.tensor.op.RmsNorm;
import dev.gamelan.tensor.op.Rotary;
import dev.gamelan.tensor.op.SelectRows;
import dev.gamelan.tensor.op.SigmoidGate;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.AttentionShape;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.Routing;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How gradients flow through a step, end to end, against finite differences. */
class GradientFlowTest {
  private static final int D = 8;

  private static Value linear(Graph g, String name, Value x, int out, Optional<Value> addend) {
    return Linear.apply(
        g.tape(),
        x,
        g.matrix(name, out, x.columns()),
        WeightLayout.OUT_IN,
        Optional.of(g.vector(name + ".bias", out)),
        addend);
  }

  private static void check(Function<Graph, Value> record) {
    try (Graph g = Graph.training(record)) {
      g.assertGradients();
    }
  }

  @Test
  void through_residuals_that_products_add() {
    check(
        g -> {
          Value x = g.embedded("table", D);
          Value n = RmsNorm.apply(g.tape(), x, Optional.of(g.vector("norm", D)), 1, 1e-5f);
          Value y = linear(g, "a", n, D, Optional.of(x));
          Value m =
              LayerNorm.apply(
                  g.tape(),
                  y,
                  Optional.of(g.vector("ln", D)),
                  Optional.of(g.vector("ln.bias", D)),
                  1e-5f);
          return g.loss(linear(g, "b", m, D, Optional.of(y)), "head");
        });
  }

  @Test
  void through_rows_by_a_gate_a_scale_and_a_layer_norm_of_some_columns() {
    check(
        g -> {
          Value x = g.embedded("table", D);
          Value both = g.tape().activation("both", x.rows(), 2 * D);
          Optional<Value> weight = Optional.of(g.vector("ln", D));
          LayerNorm.apply(
              g.tape(),
              linear(g, "a", x, D, Optional.empty()),
              weight,
              Optional.empty(),
              1e-5f,
              both.columns(0, D));
          Elementwise.scale(
              g.tape(), 0.5f, linear(g, "b", x, D, Optional.empty()), both.columns(D, 2 * D));
          Value y = linear(g, "c", both, D, Optional.empty());
          Value gate = linear(g, "gate", x, 1, Optional.empty());
          return g.loss(SigmoidGate.apply(g.tape(), gate, y), "head");
        });
  }

  @Test
  void to_a_value_that_is_input_and_addend_of_one_product() {
    check(
        g -> {
          Value x = g.embedded("table", D);
          return g.loss(linear(g, "a", x, D, Optional.of(x)), "head");
        });
  }

  @Test
  void to_both_sides_of_a_sum_and_to_one_value_added_to_itself() {
    check(
        g -> {
          Value x = g.embedded("table", D);
          Value y = Add.apply(g.tape(), linear(g, "a", x, D, Optional.empty()), x);
          return g.loss(Add.apply(g.tape(), y, y), "head");
        });
  }

  @Test
  void to_a_value_with_three_consumers() {
    check(
        g -> {
          Value x = g.embedded("table", D);
          Value a = Elementwise.activation(g.tape(), Activation.GELU, x);
          Value b = linear(g, "b", x, D, Optional.of(a));
          Value c = Elementwise.activation(g.tape(), Activation.SILU, x);
          return g.loss(Add.apply(g.tape(), b, c), "head");
        });
  }

  @Test
  void to_a_parameter_that_is_embedding_and_head() {
    try (Graph g =
        Graph.training(
            graph -> {
              Value table = graph.matrix("tied", Graph.VOCABULARY, D);
              Value hidden =
                  Embedding.apply(
                      graph.tape(), graph.indices("tokens", 0, 6, 1, 3, 5, 2), 0, table);
              return graph.loss(linear(graph, "a", hidden, D, Optional.of(hidden)), "tied");
            })) {
      g.assertGradients();
      assertThat(g.gradients().keySet()).containsExactlyInAnyOrder("tied", "a", "a.bias");
    }
  }

  /** Queries, keys and values into columns of one value, turned in place, two sequences. */
  private static Value attention(Graph g, Value x) {
    Value qkv = g.tape().activation("qkv", Graph.ROWS, 4 * 4 + 4 * 4);
    int at = 0;
    for (String part : List.of("q", "k", "v")) {
      int columns = part.equals("q") ? 16 : 8;
      Linear.apply(
          g.tape(),
          x,
          g.matrix(part, columns, x.columns()),
          WeightLayout.OUT_IN,
          Optional.empty(),
          Optional.empty(),
          qkv.columns(at, at + columns));
      at += columns;
    }
    float[] cos = new float[6];
    float[] sin = new float[6];
    for (int i = 0; i < 6; i++) {
      cos[i] = (float) Math.cos(i * 0.3);
      sin[i] = (float) Math.sin(i * 0.3);
    }
    Value turned =
        Rotary.apply(
            g.tape(),
            qkv,
            new int[] {0, 4, 8, 12, 16, 20},
            RotaryStyle.HALF_SPLIT,
            g.indices("positions", 0, 1, 2, 0, 1, 2),
            g.numbers("cos", 3, 2, cos),
            g.numbers("sin", 3, 2, sin));
    AttentionShape shape =
        new AttentionShape(
            4,
            new int[] {0, 4, 8, 12},
            new int[] {16, 20},
            new int[] {24, 28},
            0.5f,
            0,
            Optional.empty());
    return Attention.apply(g.tape(), turned, shape, 2, 3);
  }

  @Test
  void through_views_in_place_rotary_and_attention() {
    check(
        g -> {
          Value x = g.embedded("table", D);
          return g.loss(linear(g, "out", attention(g, x), D, Optional.of(x)), "head");
        });
  }

  @Test
  void through_a_gate_whose_halves_are_views() {
    check(
        g -> {
          Value x = g.embedded("table", D);
          Value both = g.tape().activation("both", Graph.ROWS, 10);
          Value up = both.columns(0, 5);
          Value gate = both.columns(5, 10);
          for (Value part : List.of(up, gate)) {
            Linear.apply(
                g.tape(),
                x,
                g.matrix(part == up ? "up" : "gate", 5, D),
                WeightLayout.OUT_IN,
                Optional.empty(),
                Optional.empty(),
                part);
          }
          return g.loss(
              linear(
                  g, "down", Gated.apply(g.tape(), Activation.SILU, gate, up), D, Optional.of(x)),
              "head");
        });
  }

  @Test
  void through_experts_and_their_router() {
    check(
        g -> {
          Value x = g.embedded("table", D);
          Value logits = linear(g, "router", x, 3, Optional.empty());
          Experts.Assignment to = Experts.route(g.tape(), logits, 2, Routing.SOFTMAX_OF_CHOSEN);
          Value sorted = SelectRows.apply(g.tape(), x, to.source());
          Value y = g.tape().activation("y", sorted.rows(), D);
          Experts.linear(
              g.tape(),
              sorted,
              to.offsets(),
              List.of(g.matrix("e0", D, D), g.matrix("e1", D, D), g.matrix("e2", D, D)),
              WeightLayout.OUT_IN,
              y);
          return g.loss(Add.apply(g.tape(), x, Experts.combine(g.tape(), y, to)), "head");
        });
  }

  @Test
  void transposed_weights_learn_the_transposed_gradient() {
    check(
        g -> {
          Value x = g.embedded("table", D);
          Value y =
              Linear.apply(
                  g.tape(),
                  x,
                  g.matrix("w", D, 5),
                  WeightLayout.IN_OUT,
                  Optional.empty(),
                  Optional.empty());
          return g.loss(y, "head");
        });
  }

  private static Value block(Graph g) {
    Value x = g.embedded("table", D);
    Value n = RmsNorm.apply(g.tape(), x, Optional.of(g.vector("norm1", D)), 1, 1e-5f);
    Value a = linear(g, "out", attention(g, n), D, Optional.of(x));
    Value m = RmsNorm.apply(g.tape(), a, Optional.of(g.vector("norm2", D)), 1, 1e-5f);
    Value h =
        Elementwise.activation(g.tape(), Activation.GELU, linear(g, "up", m, 12, Optional.empty()));
    return g.loss(linear(g, "down", h, D, Optional.of(a)), "head");
  }

  @Test
  void through_a_whole_block() {
    check(GradientFlowTest::block);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "table",
        "norm1",
        "q",
        "v",
        "out.bias",
        "norm2",
        "up",
        "down",
        "head",
        "head norm2",
        "table down",
        "nothing at all"
      })
  void what_learns_gets_the_same_gradient_whatever_is_frozen(String names) {
    Predicate<String> some = Set.of(names.split(" "))::contains;
    try (Graph all = Graph.training(GradientFlowTest::block);
        Graph frozen = new Graph(Tape.Purpose.TRAINING, some, GradientFlowTest::block)) {
      all.run();
      frozen.run();

      assertThat(frozen.gradients().keySet()).allMatch(some);
      frozen
          .gradients()
          .forEach(
              (name, g) ->
                  assertThat(g.toFloats()).isEqualTo(all.gradients().get(name).toFloats()));
      if (!names.equals("table") && !names.startsWith("table ")) {
        assertThat(frozen.plan().bytes()).isLessThanOrEqualTo(all.plan().bytes());
      }
    }
  }

  @Test
  void gradients_add_up_over_runs() {
    try (Graph g = Graph.training(GradientFlowTest::block)) {
      g.run();
      float[] once = g.gradients().get("q").toFloats();
      g.run();

      float[] twice = g.gradients().get("q").toFloats();
      for (int i = 0; i < once.length; i++) {
        assertThat((double) twice[i])
            .isCloseTo(2.0 * once[i], within(1e-6 + 1e-5 * Math.abs(once[i])));
      }
    }
  }

  @Test
  void a_seeded_output_sends_back_the_gradient_that_the_host_gives() {
    float[] weights = {0.5f, 1, 0.25f, 1, 1, 0.75f};
    try (Graph loss = Graph.training(g -> g.loss(g.embedded("table", D), "head"));
        Graph seeded =
            Graph.training(
                g -> {
                  Value hidden = g.embedded("table", D);
                  return g.tape()
                      .seed(
                          HeadLogProbs.apply(
                              g.tape(),
                              hidden,
                              g.matrix("head", Graph.VOCABULARY, D),
                              g.indices("targets", 1, 6, 0, -1, 3, 3)));
                })) {
      loss.run();
      Tensor seed = seeded.step().seed(seeded.result());
      for (int i = 0; i < weights.length; i++) {
        seed.set(0, i, -weights[i]);
      }
      seeded.run();

      for (String name : List.of("table", "head")) {
        float[] expected = loss.gradients().get(name).toFloats();
        float[] got = seeded.gradients().get(name).toFloats();
        for (int i = 0; i < got.length; i++) {
          assertThat((double) got[i]).as(name).isCloseTo(expected[i], within(1e-5));
        }
      }
    }
  }

  @Test
  void a_seeded_value_that_others_read_gets_the_sum_of_both_gradients() {
    Value[] middle = new Value[1];
    Function<Graph, Value> record =
        g -> {
          Value x = g.embedded("table", D);
          middle[0] = g.tape().seed(linear(g, "a", x, D, Optional.empty()));
          return g.loss(middle[0], "head");
        };
    float[] plain;
    try (Graph g = Graph.training(record)) {
      g.kernels().fill(g.step().seed(middle[0]), 0);
      g.run();
      plain = g.gradients().get("a.bias").toFloats();
    }
    try (Graph g = Graph.training(record)) {
      g.kernels().fill(g.step().seed(middle[0]), 0.5f);
      g.run();
      float[] got = g.gradients().get("a.bias").toFloats();
      for (int i = 0; i < D; i++) {
        assertThat((double) got[i]).isCloseTo(plain[i] + 0.5 * Graph.ROWS, within(1e-5));
      }
    }
  }

  /** One value into two; the gradient is the sum of both. */
  private record Split(Value x, Value first, Value second) implements Op {
    @Override
    public String name() {
      return "split";
    }

    @Override
    public Effects effects() {
      return Effects.of(List.of(x), List.of(first, second))
          .backward(List.of(first, second), List.of(x), List.of());
    }

    @Override
    public Cost cost() {
      return Cost.NONE;
    }

    @Override
    public Runnable forward(Frame frame) {
      Tensor in = frame.tensor(x);
      Tensor a = frame.tensor(first);
      Tensor b = frame.tensor(second);
      return () -> {
        frame.kernels().copy(in, a);
        frame.kernels().copy(in, b);
      };
    }

    @Override
    public Runnable backward(Frame frame) {
      Tensor a = frame.gradientOf(first);
      Tensor b = frame.gradientOf(second);
      Frame.Gradient g = frame.gradientTo(x).orElseThrow();
      return () -> {
        if (g.accumulate()) {
          frame.kernels().addTo(a, g.tensor());
        } else {
          frame.kernels().copy(a, g.tensor());
        }
        frame.kernels().addTo(b, g.tensor());
      };
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void an_output_that_nobody_uses_has_a_zero_gradient(boolean both) {
    check(
        g -> {
          Value x = g.embedded("table", D);
          Value a = g.tape().activation("first", Graph.ROWS, D);
          Value b = g.tape().activation("second", Graph.ROWS, D);
          g.tape().record(new Split(x, a, b));
          Value y = both ? Add.apply(g.tape(), a, linear(g, "w", b, D, Optional.empty())) : a;
          return g.loss(y, "head");
        });
  }

  @Test
  void columns_of_which_only_some_are_used_are_a_clear_error() {
    assertThatThrownBy(
            () ->
                Graph.training(
                    g -> {
                      Value x = linear(g, "a", g.embedded("table", D), D, Optional.empty());
                      return g.loss(x.columns(0, 4), "head");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("linear(a) [6, 8]")
        .hasMessageContaining("either whole or in the same views");
  }

  @Test
  void a_view_cannot_be_seeded() {
    assertThatThrownBy(
            () ->
                Graph.training(
                    g ->
                        g.tape()
                            .seed(
                                linear(g, "a", g.embedded("t", D), D, Optional.empty())
                                    .columns(0, 4))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("seed its base");
  }
}
