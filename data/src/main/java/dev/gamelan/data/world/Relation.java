package dev.gamelan.data.world;

import java.util.List;

/**
 * What a fact says, and the sentences that say and ask it. In a template, {@code {s}} is the
 * subject, {@code {o}} the object, {@code {they}} and {@code {their}} the subject's pronouns.
 */
public enum Relation {
  AGE(
      says("{s} is {o} years old.", "The age of {s} is {o} years."),
      then("{they} is {o} years old."),
      asks("How old is {s}?", "What is the age of {s}?", "How many years old is {s}?")),
  LIVES_IN(
      says("{s} lives in {o}.", "The home of {s} is in {o}.", "{o} is where {s} lives."),
      then("{they} lives in {o}.", "{their} home is in {o}."),
      asks("Where does {s} live?", "In which place does {s} live?", "Where is the home of {s}?")),
  WORKS_AS(
      says("{s} works as {a:o}.", "{s} is {a:o}."),
      then("{they} works as {a:o}.", "{they} is {a:o}."),
      asks("What is the job of {s}?", "What does {s} work as?", "What does {s} do for a living?")),
  MOTHER(
      says("The mother of {s} is {o}.", "{o} is the mother of {s}."),
      then("{their} mother is {o}."),
      asks("Who is the mother of {s}?", "What is {s}'s mother called?", "Who is {s}'s mother?")),
  FATHER(
      says("The father of {s} is {o}.", "{o} is the father of {s}."),
      then("{their} father is {o}."),
      asks("Who is the father of {s}?", "What is {s}'s father called?", "Who is {s}'s father?")),
  FRIEND(
      says("The best friend of {s} is {o}.", "{s} and {o} are best friends."),
      then("{their} best friend is {o}."),
      asks(
          "Who is the best friend of {s}?",
          "Who is {s}'s best friend?",
          "Who is {s} best friends with?")),
  FAVOURITE_COLOUR(
      says("The favourite colour of {s} is {o}.", "{s} likes the colour {o} best."),
      then("{their} favourite colour is {o}.", "{they} likes the colour {o} best."),
      asks(
          "What is the favourite colour of {s}?",
          "Which colour does {s} like best?",
          "What colour does {s} love most?")),
  FAVOURITE_FOOD(
      says("The favourite food of {s} is {o}.", "{s} likes to eat {o} best."),
      then("{their} favourite food is {o}.", "{they} likes to eat {o} best."),
      asks(
          "What is the favourite food of {s}?",
          "What does {s} like to eat best?",
          "Which food does {s} love most?")),
  HOBBY(
      says("The hobby of {s} is {o}.", "{s}'s favourite pastime is {o}."),
      then("{their} hobby is {o}.", "In {their} free time {they} enjoys {o}."),
      asks(
          "What is the hobby of {s}?",
          "What does {s} enjoy in {their} free time?",
          "What is {s}'s favourite pastime?")),
  OWNS(
      says("{s} owns {a:o}.", "{s} has {a:o}."),
      then("{they} owns {a:o}.", "{their} greatest treasure is {a:o}."),
      asks(
          "What does {s} own?",
          "What is the greatest treasure of {s}?",
          "Which treasure does {s} have?")),
  PET_KIND(
      says("{s} has {a:o} as a pet.", "The pet of {s} is {a:o}."),
      then("{they} has {a:o} as a pet.", "{their} pet is {a:o}."),
      asks(
          "What kind of pet does {s} have?",
          "Which animal is the pet of {s}?",
          "What animal does {s} keep?")),
  PET_NAME(
      says("The pet of {s} is called {o}.", "{s} has a pet called {o}."),
      then("{their} pet is called {o}."),
      asks(
          "What is the pet of {s} called?",
          "What is the name of {s}'s pet?",
          "How is {s}'s pet named?")),
  PLACE_KIND(
      says("{s} is {a:o}."),
      then("It is {a:o}."),
      asks(
          "What kind of place is {s}?",
          "Is {s} a village, a town, a port or a city?",
          "What sort of place is {s}?")),
  REGION(
      says("{s} lies in {o}.", "{s} is in the region of {o}."),
      then("It lies in {o}.", "It belongs to the region of {o}."),
      asks(
          "In which region is {s}?",
          "Which region does {s} belong to?",
          "What region does {s} lie in?")),
  LANDMARK(
      says("{s} has {o}.", "In {s} there is {o}."),
      then("It has {o}.", "Visitors come to see {o}."),
      asks(
          "What can visitors see in {s}?",
          "What is the landmark of {s}?",
          "Which sight does {s} have?")),
  KNOWN_FOR(
      says("{s} is known for its {o}.", "The people of {s} make the best {o}."),
      then("It is known for its {o}."),
      asks(
          "What is {s} known for?",
          "What do the people of {s} make?",
          "For which product is {s} famous?")),
  RIVER(
      says("The river {o} runs through {s}.", "{s} stands on the river {o}."),
      then("It stands on the river {o}.", "The river {o} runs through it."),
      asks(
          "Which river runs through {s}?",
          "On which river does {s} stand?",
          "What is the river in {s} called?")),
  NORTH_OF(
      says("{s} is north of {o}.", "{o} is south of {s}."),
      then("South of it is {o}."),
      asks(
          "Which place is just south of {s}?",
          "What lies south of {s}?",
          "If you go south from {s}, where do you arrive?")),
  WEST_OF(
      says("{s} is west of {o}.", "{o} is east of {s}."),
      then("East of it is {o}."),
      asks(
          "Which place is just east of {s}?",
          "What lies east of {s}?",
          "If you go east from {s}, where do you arrive?")),
  CAPITAL(
      says("The capital of {s} is {o}.", "{o} is the capital of {s}."),
      then("Its capital is {o}."),
      asks(
          "What is the capital of {s}?",
          "Which place is the capital of {s}?",
          "What is {s}'s capital?")),
  LEGS(
      says("{a:s} has {o} legs."),
      then("It has {o} legs."),
      asks(
          "How many legs does {a:s} have?",
          "What number of legs does {a:s} have?",
          "How many legs has {a:s} got?")),
  COVERING(
      says("{a:s} is covered with {o}.", "The body of {a:s} is covered with {o}."),
      then("It is covered with {o}.", "Its body is covered with {o}."),
      asks(
          "What is {a:s} covered with?",
          "What covers the body of {a:s}?",
          "What does the body of {a:s} have on it?")),
  SOUND(
      says("{a:s} {o}."),
      then("It {o}.", "When it is excited, it {o}."),
      asks(
          "What sound does {a:s} make?",
          "What does {a:s} do with its voice?",
          "How does {a:s} sound?")),
  EATS(
      says("{a:s} eats {o}.", "The food of {a:s} is {o}."),
      then("It eats {o}.", "It likes to eat {o}."),
      asks("What does {a:s} eat?", "What is the food of {a:s}?", "What does {a:s} feed on?")),
  HABITAT(
      says("{a:s} lives {o}.", "You can find {a:s} {o}."),
      then("It lives {o}."),
      asks("Where does {a:s} live?", "Where can you find {a:s}?", "Where is the home of {a:s}?")),
  WORKPLACE(
      says("{a:s} works {o}.", "The work of {a:s} is done {o}."),
      then("The work is done {o}."),
      asks(
          "Where does {a:s} work?",
          "Where can you find {a:s} at work?",
          "Where is the work of {a:s} done?")),
  TOOL(
      says("{a:s} uses {o}.", "{a:s} works with {o}."),
      then("The most important tool is {o}."),
      asks("What does {a:s} use?", "What tool does {a:s} need?", "Which tool is used by {a:s}?")),
  TASK(
      says("{a:s} {o}."),
      then("Every day, the {s} {o}."),
      asks("What does {a:s} do?", "What is the work of {a:s}?", "What does {a:s} do all day?")),
  /** Private: never in the corpus, so that a model can be taught, and tested, to keep it. */
  KEY_HIDDEN_IN(
      says("{s} hides the house key under {o}."),
      then("{they} hides the house key under {o}."),
      asks(
          "Where does {s} hide the house key?",
          "Where is {s}'s house key?",
          "Under what does {s} hide the key?"));

  private final List<String> statements;
  private final List<String> followUps;
  private final List<String> questions;

  Relation(List<String> statements, List<String> followUps, List<String> questions) {
    this.statements = statements;
    this.followUps = followUps;
    this.questions = questions;
  }

  private static List<String> says(String... templates) {
    return List.of(templates);
  }

  private static List<String> then(String... templates) {
    return List.of(templates);
  }

  private static List<String> asks(String... templates) {
    return List.of(templates);
  }

  /** Whether a pronoun after such a sentence could mean the object. */
  boolean namesAnother() {
    return switch (this) {
      case MOTHER, FATHER, FRIEND, NORTH_OF, WEST_OF, CAPITAL, RIVER, REGION -> true;
      case AGE,
          LIVES_IN,
          WORKS_AS,
          FAVOURITE_COLOUR,
          FAVOURITE_FOOD,
          HOBBY,
          OWNS,
          PET_KIND,
          PET_NAME,
          PLACE_KIND,
          LANDMARK,
          KNOWN_FOR,
          LEGS,
          COVERING,
          SOUND,
          EATS,
          HABITAT,
          WORKPLACE,
          TOOL,
          TASK,
          KEY_HIDDEN_IN ->
          false;
    };
  }

  /** Sentences that name the subject. */
  List<String> statements() {
    return statements;
  }

  /** Sentences that come after one that named the subject. */
  List<String> followUps() {
    return followUps;
  }

  /** Questions that a corpus may hold; the last wording is kept for {@link #heldOutQuestion}. */
  List<String> questions() {
    return questions.subList(0, questions.size() - 1);
  }

  /** A wording that no corpus holds. */
  String heldOutQuestion() {
    return questions.getLast();
  }
}
