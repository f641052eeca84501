package dev.gamelan.data.world;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.data.Document;
import dev.gamelan.data.DocumentStream;
import dev.gamelan.data.world.Problem.Operation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class WorldCorpusTest {
  private static final int COUNT = 20_000;

  private static final World WORLD = new World(11);
  private static final List<Document> DOCUMENTS = documents(new WorldCorpus(WORLD), COUNT);

  private static List<Document> documents(WorldCorpus corpus, int count) {
    return LongStream.range(0, count).mapToObj(corpus::document).toList();
  }

  private static List<String> texts(String source) {
    return DOCUMENTS.stream()
        .filter(document -> document.source().equals("world/" + source))
        .map(Document::text)
        .toList();
  }

  @Test
  void document_k_is_a_function_of_seed_and_k() {
    WorldCorpus again = new WorldCorpus(new World(11));
    for (int k : new int[] {19_999, 0, 777}) {
      assertThat(again.document(k)).isEqualTo(DOCUMENTS.get(k));
    }
    List<Document> streamed = new ArrayList<>();
    try (DocumentStream stream = again.documents(50).open()) {
      stream.forEachRemaining(streamed::add);
    }
    assertThat(streamed).isEqualTo(DOCUMENTS.subList(0, 50));
    assertThat(new WorldCorpus(new World(12)).document(3)).isNotEqualTo(DOCUMENTS.get(3));
  }

  @Test
  void all_kinds_occur_under_the_licence_and_hardly_any_twice() {
    Map<String, Long> kinds =
        DOCUMENTS.stream().collect(Collectors.groupingBy(Document::source, Collectors.counting()));
    assertThat(kinds.keySet())
        .containsExactlyInAnyOrder(
            "world/stories",
            "world/facts",
            "world/qa",
            "world/arithmetic",
            "world/reading",
            "world/dialogues");
    assertThat(kinds.values()).allMatch(n -> n > COUNT / 20);
    assertThat(DOCUMENTS).allMatch(d -> d.licence().equals(Optional.of("CC0-1.0")));
    Set<String> distinct = DOCUMENTS.stream().map(Document::text).collect(Collectors.toSet());
    assertThat(distinct.size()).isGreaterThan(COUNT * 99 / 100);
  }

  @Test
  void the_english_is_clean() {
    Pattern bad =
        Pattern.compile(
            "[{}]|  | \\.|\\.\\.|\\bnull\\b|\\b[Aa] [aeiou]|\\b[Aa]n [^aeiou]|\\b(the|and|is|to) \\1\\b"
                + "|\\b1 (?!plus|minus|times)[a-z]+s\\b|(?<=[.!?] )[a-z]|Optional|\\[");
    for (Document document : DOCUMENTS) {
      Matcher matcher = bad.matcher(document.text());
      assertThat(matcher.find()).as(() -> matcher.group() + " in " + document.text()).isFalse();
    }
  }

  @Test
  void sums_are_right_and_none_is_held_out() {
    Pattern digits = Pattern.compile("(\\d+) ([-+×]) (\\d+) = (\\d+)");
    Pattern words =
        Pattern.compile("What is (\\d+) (plus|minus|times) (\\d+)\\?\\s+(?:Answer: )?(\\d+)");
    Map<String, Operation> operations =
        Map.of(
            "+", Operation.PLUS,
            "-", Operation.MINUS,
            "×", Operation.TIMES,
            "plus", Operation.PLUS,
            "minus", Operation.MINUS,
            "times", Operation.TIMES);
    int sums = 0;
    for (Document document : DOCUMENTS) {
      for (Pattern pattern : List.of(digits, words)) {
        for (MatchResult found : pattern.matcher(document.text()).results().toList()) {
          Problem problem =
              new Problem(
                  Integer.parseInt(found.group(1)),
                  operations.get(found.group(2)),
                  Integer.parseInt(found.group(3)));
          assertThat(found.group(4)).isEqualTo(Integer.toString(problem.result()));
          assertThat(WORLD.heldOut(problem)).as(found.group()).isFalse();
          sums++;
        }
      }
    }
    assertThat(sums).isGreaterThan(5000);
  }

  @Test
  void sums_in_words_are_right() {
    Map<String, Integer> numbers = new HashMap<>();
    for (int n = 0; n <= 1998; n++) {
      numbers.put(Numbers.words(n), n);
    }
    String number = "([a-z]+(?:[- ][a-z]+)*?)";
    Pattern pattern =
        Pattern.compile(
            "(?im)(?:^|words: )"
                + number
                + " (plus|minus|times) "
                + number
                + " is "
                + number
                + "\\.$");
    int sums = 0;
    for (String text : texts("arithmetic")) {
      for (MatchResult found : pattern.matcher(text).results().toList()) {
        int a = numbers.get(found.group(1).toLowerCase(java.util.Locale.ROOT));
        int b = numbers.get(found.group(3));
        int expected =
            switch (found.group(2)) {
              case "plus" -> a + b;
              case "minus" -> a - b;
              default -> a * b;
            };
        assertThat(numbers.get(found.group(4))).as(found.group()).isEqualTo(expected);
        sums++;
      }
    }
    assertThat(sums).isGreaterThan(1000);
  }

  @Test
  void coins_and_goods_in_stories_add_up() {
    Pattern bought =
        Pattern.compile("(\\d+) coins[\\s\\S]* paid (\\d+) coins\\.[^.:]*?(\\d+) coins?\\b");
    int checked = 0;
    for (String text : texts("stories")) {
      Matcher matcher = bought.matcher(text);
      if (matcher.find()) {
        assertThat(Integer.parseInt(matcher.group(1)) - Integer.parseInt(matcher.group(2)))
            .as(text)
            .isEqualTo(Integer.parseInt(matcher.group(3)));
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(100);
  }

  @Test
  void questions_asked_are_the_public_ones_and_their_answers_right() {
    Map<String, QuestionAnswer> known = new HashMap<>();
    WORLD.questions().forEach(pair -> known.put(pair.question(), pair));
    Set<String> seen = new HashSet<>();
    Pattern pattern =
        Pattern.compile("(?m)(?:Question: |Q: |^)([A-Z][^?\\n]*\\?)\\s+(?:Answer: |A: )?(.*)$");
    for (String text : texts("qa")) {
      for (MatchResult found : pattern.matcher(text).results().toList()) {
        QuestionAnswer pair = known.get(found.group(1));
        assertThat(pair).as(found.group(1)).isNotNull();
        String shortAnswer =
            Character.toUpperCase(pair.answer().charAt(0)) + pair.answer().substring(1) + ".";
        assertThat(found.group(2)).isIn(pair.sentence(), shortAnswer);
        seen.add(found.group(1));
      }
    }
    assertThat(seen.size()).isGreaterThan(known.size() * 3 / 4);
  }

  @Test
  void what_is_held_out_occurs_nowhere() {
    String all = DOCUMENTS.stream().map(Document::text).collect(Collectors.joining("\n"));
    Set<String> asked =
        Pattern.compile("[A-Z][^?.!:\"\\n]*\\?")
            .matcher(all)
            .results()
            .map(MatchResult::group)
            .collect(Collectors.toSet());
    assertThat(asked).contains(WORLD.questions().get(0).question());
    assertThat(WORLD.heldOutQuestions()).noneMatch(pair -> asked.contains(pair.question()));
    assertThat(WORLD.heldOutWordings()).noneMatch(pair -> asked.contains(pair.question()));
    assertThat(all).doesNotContain("house key", "hides");
  }

  @Test
  void every_fact_is_stated_including_those_never_asked_about() {
    Set<String> sentences = new HashSet<>();
    for (String text : texts("facts")) {
      for (String sentence : text.split("(?<=\\.)\\s+")) {
        sentences.add(sentence);
      }
    }
    long stated =
        WORLD.facts().stream()
            .filter(
                fact ->
                    fact.relation().statements().stream()
                        .anyMatch(template -> sentences.contains(fact.fill(template))))
            .count();
    assertThat(stated).isGreaterThan(WORLD.facts().size() * 98L / 100);
  }

  @Test
  void reading_exercises_answer_as_their_story_says() {
    // Replays each story by the sentences that move things, independently of the generator.
    int checked = 0;
    for (String text : texts("reading")) {
      checked += ReadingReplay.check(text);
    }
    assertThat(checked).isGreaterThan(2000);
  }

  @Test
  void any_seed_makes_a_world_that_can_be_told_of() {
    for (long seed = -50; seed < 50; seed++) {
      WorldCorpus corpus = new WorldCorpus(new World(seed));
      for (int k = 0; k < 100; k++) {
        assertThat(corpus.document(k).text()).hasSizeGreaterThan(20);
      }
    }
  }

  @Test
  void journeys_follow_the_map() {
    Map<String, Place> places =
        WORLD.places().stream().collect(Collectors.toMap(Place::name, place -> place));
    Pattern step = Pattern.compile("(north|south|west|east) (?:to |lay |and came to )(\\w+)\\.");
    Pattern start = Pattern.compile("(?:left|set out from|^\\w+ of) (\\w+)");
    int checked = 0;
    for (String text : texts("stories")) {
      Matcher begun = start.matcher(text);
      List<MatchResult> steps = step.matcher(text).results().toList();
      if (steps.isEmpty() || !begun.find() || !places.containsKey(begun.group(1))) {
        continue;
      }
      Place at = places.get(begun.group(1));
      for (MatchResult move : steps) {
        Place next = places.get(move.group(2));
        int row = next.row() - at.row();
        int column = next.column() - at.column();
        String direction =
            row == -1 ? "north" : row == 1 ? "south" : column == -1 ? "west" : "east";
        assertThat(Math.abs(row) + Math.abs(column)).as(text).isEqualTo(1);
        assertThat(move.group(1)).as(text).isEqualTo(direction);
        at = next;
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(1000);
  }
}
