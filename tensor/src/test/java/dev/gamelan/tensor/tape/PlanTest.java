package dev.gamelan.tensor.tape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.op.Elementwise;
import dev.gamelan.tensor.op.Linear;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.WeightLayout;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PlanTest {
  /** A chain of activations on an input of 16 × 16, that is of 1024 bytes. */
  private static Tape chain(Tape.Purpose purpose, int length) {
    Tape tape = new Tape(purpose);
    Value x = tape.input("x", DType.F32, 16, 16);
    for (int i = 0; i < length; i++) {
      x = Elementwise.activation(tape, Activation.SILU, x);
    }
    tape.keep(x);
    return tape;
  }

  @Test
  void a_chain_of_inference_needs_two_buffers_beside_its_input() {
    assertThat(Plan.of(chain(Tape.Purpose.INFERENCE, 50)).bytes()).isEqualTo(3 * 1024);
  }

  @Test
  void a_plan_is_a_function_of_the_shapes() {
    assertThat(Plan.of(chain(Tape.Purpose.INFERENCE, 9)).bytes())
        .isEqualTo(Plan.of(chain(Tape.Purpose.INFERENCE, 30)).bytes());
    List<Long> bytes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      try (Graph g = Graph.training(graph -> PlanPropertyTest.random(graph, 4, 12))) {
        bytes.add(g.plan().bytes());
      }
    }
    assertThat(bytes.get(0)).isEqualTo(bytes.get(1));
  }

  @Test
  void a_plan_allocates_nothing_however_large_it_is() {
    Tape tape = new Tape(Tape.Purpose.INFERENCE);
    Value x = tape.input("x", DType.F32, 1L << 24, 1L << 24);
    tape.keep(Elementwise.activation(tape, Activation.SILU, x));

    assertThat(Plan.of(tape).bytes()).isEqualTo(2L << 50);
  }

  @Test
  void values_begin_at_cache_lines() {
    Tape tape = new Tape(Tape.Purpose.INFERENCE);
    Value x = tape.input("x", DType.F32, 1, 3);
    Value y = tape.keep(Elementwise.activation(tape, Activation.SILU, x));
    Plan plan = Plan.of(tape);

    assertThat(plan.place(x) % Tensor.ALIGNMENT).isZero();
    assertThat(plan.place(y) % Tensor.ALIGNMENT).isZero();
    assertThat(plan.bytes()).isEqualTo(128);
  }

  @Test
  void work_is_two_operations_a_product_forward_and_four_backward() {
    try (Graph g =
        Graph.training(
            graph ->
                graph
                    .tape()
                    .seed(
                        Linear.apply(
                            graph.tape(),
                            graph.embedded("t", 8),
                            graph.matrix("w", 5, 8),
                            WeightLayout.OUT_IN,
                            Optional.empty(),
                            Optional.empty())))) {
      assertThat(g.plan().cost().forward()).isEqualTo(2 * 6 * 8 * 5);
      assertThat(g.plan().cost().backward()).isEqualTo(4 * 6 * 8 * 5 + 6 * 8);
    }
    assertThat(Plan.of(chain(Tape.Purpose.INFERENCE, 3)).cost().backward()).isZero();
  }

  @Test
  void an_arena_that_is_too_small_is_refused() {
    try (Graph g = Graph.training(graph -> graph.loss(graph.embedded("t", 8), "head"));
        Arena arena = Arena.ofConfined()) {
      long bytes = g.plan().bytes();
      assertThatThrownBy(() -> new Step(g.plan(), g.kernels(), g, arena.allocate(bytes - 1, 64)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the plan needs");
    }
  }

  @Test
  void a_profiled_run_reports_every_op_of_both_directions() {
    try (Graph g = Graph.training(graph -> graph.loss(graph.embedded("t", 8), "head"))) {
      g.run();
      List<String> ran = new ArrayList<>();
      g.step().run((op, backward, nanos) -> ran.add(op + (backward ? " back" : "")));

      assertThat(ran).containsExactly("embedding", "head loss", "head loss back", "embedding back");
    }
  }
}
