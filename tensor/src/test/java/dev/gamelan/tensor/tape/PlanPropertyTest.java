package dev.gamelan.tensor.tape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.op.Add;
import dev.gamelan.tensor.op.Elementwise;
import dev.gamelan.tensor.op.Gated;
import dev.gamelan.tensor.op.LayerNorm;
import dev.gamelan.tensor.op.Linear;
import dev.gamelan.tensor.op.RmsNorm;
import dev.gamelan.tensor.random.CounterRandom;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class PlanPropertyTest {
  private static final String SEED = "20261123";
  private static final int D = 8;

  @Property(tries = 60, seed = SEED)
  void reused_memory_changes_no_bit_of_a_random_graph(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 14) int ops) {
    try (Graph reused = Graph.training(g -> random(g, seed, ops));
        Graph kept =
            Graph.training(
                g -> {
                  Value result = random(g, seed, ops);
                  // A value that is kept shares its memory with nobody after it was written.
                  List.copyOf(g.tape().values()).forEach(g.tape()::keep);
                  return result;
                })) {
      float[] losses = reused.run();

      assertThat(losses).isEqualTo(kept.run());
      for (Map.Entry<String, Tensor> e : reused.gradients().entrySet()) {
        assertThat(e.getValue().toFloats())
            .as(e.getKey())
            .isEqualTo(kept.gradients().get(e.getKey()).toFloats())
            .doesNotContain(Float.NaN);
      }
      assertThat(reused.plan().bytes()).isLessThanOrEqualTo(kept.plan().bytes());
    }
  }

  @Property(tries = 25, seed = SEED)
  void gradients_of_a_random_graph_are_those_of_finite_differences(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int ops) {
    try (Graph g = Graph.training(graph -> random(graph, seed, ops))) {
      g.assertGradients();
    }
  }

  @Property(tries = 40, seed = SEED)
  void inference_gives_the_losses_of_training_in_no_more_memory(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 14) int ops) {
    try (Graph training = Graph.training(g -> random(g, seed, ops));
        Graph inference =
            new Graph(Tape.Purpose.INFERENCE, name -> false, g -> random(g, seed, ops))) {
      float[] losses = training.run();
      float[] forward = inference.run();
      for (int i = 0; i < losses.length; i++) {
        assertThat(forward[i]).isCloseTo(losses[i], org.assertj.core.api.Assertions.within(1e-5f));
      }
      assertThat(inference.plan().bytes()).isLessThanOrEqualTo(training.plan().bytes());
    }
  }

  @Property(tries = 40, seed = SEED)
  void no_two_values_that_live_at_one_time_overlap(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 14) int ops) {
    try (Graph g = new Graph(Tape.Purpose.INFERENCE, name -> false, x -> random(x, seed, ops))) {
      List<Op> all = g.tape().ops();
      for (int i = 0; i < all.size(); i++) {
        Set<Value> live = liveAfter(g, all, i);
        all.get(i).effects().writes().forEach(v -> live.add(v.root()));
        for (Value a : live) {
          for (Value b : live) {
            boolean apart =
                a == b
                    || end(g.plan(), a) <= g.plan().place(b)
                    || end(g.plan(), b) <= g.plan().place(a);
            assertThat(apart).as("%s and %s at op %d", a, b, i).isTrue();
          }
        }
      }
    }
  }

  private static long end(Plan plan, Value v) {
    return plan.place(v) + v.dtype().bytes(v.rows() * v.columns());
  }

  /** What was written up to op {@code i} or came from outside, and is read by it or later. */
  private static Set<Value> liveAfter(Graph g, List<Op> all, int i) {
    Set<Value> written = new HashSet<>();
    for (Value v : g.tape().values()) {
      if (v.kind() == Value.Kind.INPUT) {
        written.add(v.root());
      }
    }
    for (int k = 0; k <= i; k++) {
      all.get(k).effects().writes().forEach(v -> written.add(v.root()));
    }
    Set<Value> wanted = new HashSet<>();
    g.tape().kept().forEach(v -> wanted.add(v.root()));
    for (int k = i; k < all.size(); k++) {
      all.get(k).effects().reads().forEach(v -> wanted.add(v.root()));
    }
    written.removeIf(v -> v.kind() == Value.Kind.PARAMETER || !wanted.contains(v));
    return written;
  }

  /** Ops on values drawn among those before; some have many readers, some none. */
  static Value random(Graph g, long seed, int ops) {
    CounterRandom random = new CounterRandom(seed, 3);
    Tape tape = g.tape();
    List<Value> values = new ArrayList<>();
    values.add(g.embedded("table", D));
    for (int i = 0; i < ops; i++) {
      Value x = draw(values, random, 3L * i);
      Value z = draw(values, random, 3L * i + 1);
      values.add(
          switch ((int) random.below(6, 3L * i + 2)) {
            case 0 -> Add.apply(tape, x, z);
            case 1 -> Elementwise.activation(tape, Activation.GELU, x);
            case 2 -> RmsNorm.apply(tape, x, Optional.of(g.vector("rms" + i % 3, D)), 1, 1e-5f);
            case 3 ->
                LayerNorm.apply(
                    tape, x, Optional.of(g.vector("ln" + i, D)), Optional.empty(), 1e-5f);
            case 4 -> linear(g, "w" + i % 4, x, D, Optional.of(z));
            default -> gated(g, i, x);
          });
    }
    return g.loss(values.getLast(), "head");
  }

  private static Value draw(List<Value> values, CounterRandom random, long index) {
    return values.get((int) random.below(values.size(), index));
  }

  private static Value linear(Graph g, String name, Value x, int out, Optional<Value> addend) {
    return Linear.apply(
        g.tape(), x, g.matrix(name, out, D), WeightLayout.OUT_IN, Optional.empty(), addend);
  }

  private static Value gated(Graph g, int i, Value x) {
    Value both = g.tape().activation("both", Graph.ROWS, 2 * D);
    for (int half = 0; half < 2; half++) {
      Linear.apply(
          g.tape(),
          x,
          g.matrix("half" + half + "." + i, D, D),
          WeightLayout.OUT_IN,
          Optional.empty(),
          Optional.empty(),
          both.columns((long) half * D, (half + 1L) * D));
    }
    return Gated.apply(g.tape(), Activation.SILU, both.columns(D, 2 * D), both.columns(0, D));
  }
}
