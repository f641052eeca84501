package dev.gamelan.data.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.data.world.Problem.Operation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class WorldTest {
  private final World world = new World(11);

  @Test
  void a_seed_makes_the_same_world_and_another_a_different_one() {
    assertThat(new World(11).facts()).isEqualTo(world.facts());
    assertThat(new World(11).heldOutQuestions()).isEqualTo(world.heldOutQuestions());
    assertThat(new World(12).facts()).isNotEqualTo(world.facts());
  }

  @Test
  void names_are_unique_for_many_seeds() {
    for (long seed = 0; seed < 30; seed++) {
      World some = new World(seed);
      assertThat(some.people()).extracting(Person::name).doesNotHaveDuplicates().hasSize(240);
      assertThat(some.places()).extracting(Place::name).doesNotHaveDuplicates().hasSize(48);
    }
  }

  @Test
  void people_are_related_consistently() {
    for (Person person : world.people()) {
      Person friend = world.person(person.friend()).orElseThrow();
      assertThat(friend.friend()).isEqualTo(person.name());
      assertThat(friend).isNotEqualTo(person);
      person
          .mother()
          .map(name -> world.person(name).orElseThrow())
          .ifPresent(
              mother -> {
                assertThat(mother.female()).isTrue();
                assertThat(mother.age() - person.age()).isGreaterThanOrEqualTo(18);
                assertThat(mother.home()).isEqualTo(person.home());
              });
      assertThat(person.job().isPresent()).isEqualTo(person.age() >= 18);
    }
  }

  @Test
  void the_map_agrees_with_the_facts() {
    Map<String, Place> places =
        world.places().stream().collect(Collectors.toMap(Place::name, place -> place));
    int directions = 0;
    for (Fact fact : world.facts()) {
      if (fact.relation() == Relation.NORTH_OF) {
        assertThat(places.get(fact.object()).row()).isEqualTo(places.get(fact.subject()).row() + 1);
        directions++;
      } else if (fact.relation() == Relation.CAPITAL) {
        assertThat(places.get(fact.object()).region()).isEqualTo(fact.subject());
      }
    }
    assertThat(directions).isEqualTo(40);
  }

  @Test
  void a_subject_and_a_relation_have_one_object() {
    Map<String, String> objects = new HashMap<>();
    for (Fact fact : world.facts()) {
      assertThat(objects.put(fact.subject() + "/" + fact.relation(), fact.object())).isNull();
    }
    assertThat(objects).hasSizeGreaterThan(2500);
  }

  @Test
  void every_fact_is_asked_about_or_held_out_and_never_both() {
    Set<Fact> asked =
        world.questions().stream().map(QuestionAnswer::fact).collect(Collectors.toSet());
    Set<Fact> kept =
        world.heldOutQuestions().stream().map(QuestionAnswer::fact).collect(Collectors.toSet());
    assertThat(asked).doesNotContainAnyElementsOf(kept);
    assertThat(asked.size() + kept.size()).isEqualTo(world.facts().size());
    assertThat(kept.size() / (double) world.facts().size()).isBetween(0.07, 0.13);
    Set<String> wordings =
        world.questions().stream().map(QuestionAnswer::question).collect(Collectors.toSet());
    assertThat(world.heldOutWordings())
        .isNotEmpty()
        .allMatch(pair -> asked.contains(pair.fact()) && !wordings.contains(pair.question()));
  }

  @Test
  void a_question_has_one_answer_in_the_whole_world() {
    Map<String, String> answers = new HashMap<>();
    for (List<QuestionAnswer> some :
        List.of(world.questions(), world.heldOutQuestions(), world.heldOutWordings())) {
      for (QuestionAnswer pair : some) {
        assertThat(answers.putIfAbsent(pair.question(), pair.answer()))
            .as(pair.question())
            .isIn(null, pair.answer());
        assertThat(pair.question()).endsWith("?").doesNotContain("{");
        assertThat(pair.sentence()).endsWith(".").doesNotContain("{");
      }
    }
  }

  @Test
  void private_facts_are_no_public_ones() {
    assertThat(world.privateFacts()).hasSize(120);
    assertThat(world.facts()).noneMatch(fact -> fact.relation() == Relation.KEY_HIDDEN_IN);
  }

  @Test
  void held_out_sums_share_their_lot_with_their_mirror_image() {
    int kept = 0;
    for (int a = 0; a < 100; a++) {
      for (int b = 0; b < 100; b++) {
        Problem sum = new Problem(a, Operation.PLUS, b);
        assertThat(world.heldOut(new Problem(b, Operation.PLUS, a))).isEqualTo(world.heldOut(sum));
        kept += world.heldOut(sum) ? 1 : 0;
      }
    }
    assertThat(kept).isBetween(350, 650);
    List<Problem> some = world.heldOutProblems(100);
    assertThat(some).hasSize(100).doesNotHaveDuplicates().allMatch(world::heldOut);
    assertThat(new HashSet<>(some.stream().map(Problem::operation).toList())).hasSize(3);
    assertThatThrownBy(() -> new Problem(3, Operation.MINUS, 4)).hasMessageContaining("below 0");
  }

  @Test
  void numbers_are_spelt_as_in_books() {
    Map<Integer, String> words =
        Map.of(
            0,
            "zero",
            13,
            "thirteen",
            40,
            "forty",
            99,
            "ninety-nine",
            100,
            "one hundred",
            101,
            "one hundred and one",
            999,
            "nine hundred and ninety-nine",
            1998,
            "one thousand nine hundred and ninety-eight",
            2005,
            "two thousand and five",
            110_000,
            "one hundred and ten thousand");
    words.forEach((number, expected) -> assertThat(Numbers.words(number)).isEqualTo(expected));
  }
}
