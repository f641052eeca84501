package dev.gamelan.tensor.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.tensor.spi.Backends.Candidate;
import dev.gamelan.tensor.spi.Backends.Choice;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BackendsTest {
  private static final Candidate SLOW = usable("slow", 1, ComputeMode.F32, ComputeMode.BF16);
  private static final Candidate FAST = usable("fast", 9, ComputeMode.F32);
  private static final Candidate ABSENT =
      new Candidate("gpu", new Availability.Unusable("no driver; install one"));

  @Test
  void the_usable_one_of_highest_preference_is_chosen_in_any_order() {
    assertThat(choose(Optional.empty(), ComputeMode.F32, SLOW, ABSENT, FAST).name())
        .isEqualTo("fast");
    assertThat(choose(Optional.empty(), ComputeMode.F32, FAST, SLOW, ABSENT).name())
        .isEqualTo("fast");
  }

  @Test
  void one_that_lacks_the_mode_is_passed_over() {
    assertThat(choose(Optional.empty(), ComputeMode.BF16, FAST, SLOW).name()).isEqualTo("slow");
  }

  @Test
  void the_named_one_is_chosen_whatever_is_preferred() {
    assertThat(choose(Optional.of("slow"), ComputeMode.F32, FAST, SLOW).name()).isEqualTo("slow");
  }

  @Test
  void the_choice_says_of_every_candidate_how_it_stands() {
    assertThat(choose(Optional.empty(), ComputeMode.BF16, FAST, SLOW, ABSENT).why())
        .containsExactly(
            "fast: usable (hardware of fast), but not in mode BF16",
            "slow: usable (hardware of slow)",
            "gpu: not usable: no driver; install one");
  }

  @Test
  void a_named_one_that_cannot_be_had_is_an_error_and_never_a_fallback() {
    assertThatThrownBy(() -> choose(Optional.of("gpu"), ComputeMode.F32, SLOW, ABSENT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "kernels: 'gpu' cannot be had in mode F32 here; slow: usable (hardware of slow); "
                + "gpu: not usable: no driver; install one");
    assertThatThrownBy(() -> choose(Optional.of("fast"), ComputeMode.BF16, FAST, SLOW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'fast' cannot be had in mode BF16");
    assertThatThrownBy(() -> choose(Optional.of("fats"), ComputeMode.F32, FAST, SLOW))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "kernels: there is no backend 'fats'; fast: usable (hardware of fast); slow: usable");
  }

  @Test
  void no_candidates_at_all_is_an_error_that_says_so() {
    assertThatThrownBy(() -> choose(Optional.empty(), ComputeMode.F32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "kernels: there is no backend on the class path; add one, such as"
                + " dev.gamelan:gamelan-kernels-vector");
  }

  @Test
  void a_mode_that_no_candidate_offers_is_an_error_that_says_how_each_stands() {
    assertThatThrownBy(() -> choose(Optional.empty(), ComputeMode.BF16, FAST, ABSENT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "kernels: no backend offers mode BF16 here; fast: usable (hardware of fast), but not"
                + " in mode BF16; gpu: not usable: no driver; install one");
  }

  @Test
  void candidates_stand_best_first_and_the_unusable_last() {
    Candidate alsoSlow = usable("also-slow", 1, ComputeMode.F32);
    assertThat(Backends.bestFirst(List.of(ABSENT, SLOW, alsoSlow, FAST)))
        .containsExactly(FAST, alsoSlow, SLOW, ABSENT);
  }

  @Test
  void the_scalar_backend_is_on_the_class_path_and_opens_by_name_in_every_mode() {
    assertThat(Backends.probe()).extracting(Candidate::name).contains("scalar");
    for (ComputeMode mode : ComputeMode.values()) {
      try (Kernels kernels = Backends.open(Optional.of("scalar"), 3, mode)) {
        assertThat(kernels.name()).isEqualTo("scalar");
        assertThat(kernels.mode()).isEqualTo(mode);
        assertThat(kernels.threads()).isEqualTo(3);
        assertThat(kernels.hardware()).contains("plain Java");
      }
    }
  }

  @Test
  void fewer_than_one_thread_is_refused() {
    assertThatThrownBy(() -> Backends.open(Optional.of("scalar"), 0, ComputeMode.F32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("kernels: threads is 0; at least 1 is needed");
  }

  private static Candidate usable(String name, int preference, ComputeMode... modes) {
    return new Candidate(
        name,
        new Availability.Usable(
            new Capabilities("hardware of " + name, Set.of(modes), preference)));
  }

  private static Choice choose(Optional<String> named, ComputeMode mode, Candidate... candidates) {
    return Backends.choose(List.of(candidates), named, mode);
  }
}
