package dev.gamelan.data.world;

import dev.gamelan.data.permute.Permutation;
import dev.gamelan.data.world.Problem.Operation;
import dev.gamelan.tensor.random.CounterRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A small invented country with its people, places, animals and jobs: a function of the seed. Same
 * seed, same world, fact by fact.
 *
 * <p>What a corpus made from it ({@link WorldCorpus}) holds, and what it keeps back for evaluation:
 *
 * <ul>
 *   <li>every fact of {@link #facts} is stated, none of {@link #privateFacts};
 *   <li>{@link #questions} are asked and answered, in all their wordings but one;
 *   <li>{@link #heldOutQuestions} ask, in the usual wordings, for facts that are stated but never
 *       asked about; {@link #heldOutWordings} ask for facts that are asked about, in words that are
 *       never used;
 *   <li>sums with {@link #heldOut(Problem)} never occur, in no kind of document.
 * </ul>
 */
public final class World {
  private static final long QUESTIONS = 0x51554553L;
  private static final long PROBLEMS = 0x50524F42L;
  private static final double HELD_OUT_FACTS = 0.1;
  private static final double HELD_OUT_PROBLEMS = 0.05;

  private final long seed;
  private final Inhabitants inhabitants;
  private final List<Fact> facts;
  private final List<Fact> privateFacts;
  private final List<QuestionAnswer> questions = new ArrayList<>();
  private final List<QuestionAnswer> heldOutQuestions = new ArrayList<>();
  private final List<QuestionAnswer> heldOutWordings = new ArrayList<>();

  /** The world of a seed. */
  public World(long seed) {
    this.seed = seed;
    this.inhabitants = new Inhabitants(seed);
    this.facts = Knowledge.of(inhabitants);
    this.privateFacts = Knowledge.secrets(inhabitants, seed);
    CounterRandom random = new CounterRandom(seed, QUESTIONS);
    for (int i = 0; i < facts.size(); i++) {
      Fact fact = facts.get(i);
      boolean kept = random.uniform(i) < HELD_OUT_FACTS;
      for (String wording : fact.relation().questions()) {
        (kept ? heldOutQuestions : questions).add(QuestionAnswer.of(fact, wording));
      }
      if (!kept) {
        heldOutWordings.add(QuestionAnswer.of(fact, fact.relation().heldOutQuestion()));
      }
    }
  }

  Inhabitants inhabitants() {
    return inhabitants;
  }

  /** What the world was made from. */
  public long seed() {
    return seed;
  }

  /** Everybody, families together. */
  public List<Person> people() {
    return inhabitants.people();
  }

  /** All villages, towns, ports and cities, row by row of the map. */
  public List<Place> places() {
    return inhabitants.places();
  }

  /** All kinds of animals, those of the real world first. */
  public List<Animal> animals() {
    return inhabitants.animals();
  }

  /** What people work as. */
  public List<Job> jobs() {
    return Words.JOBS;
  }

  /** The person of a name. */
  public Optional<Person> person(String name) {
    return inhabitants.person(name);
  }

  /** The place at a row and column of the map, where there is one. */
  public Optional<Place> placeAt(int row, int column) {
    return inhabitants.placeAt(row, column);
  }

  /** Everything a corpus may say, as triples. */
  public List<Fact> facts() {
    return facts;
  }

  /** What no corpus says: where each grown-up hides the key. For studies of keeping secrets. */
  public List<Fact> privateFacts() {
    return privateFacts;
  }

  /** Questions that a corpus asks and answers. */
  public List<QuestionAnswer> questions() {
    return java.util.Collections.unmodifiableList(questions);
  }

  /** Questions for facts that a corpus states but never asks about. */
  public List<QuestionAnswer> heldOutQuestions() {
    return java.util.Collections.unmodifiableList(heldOutQuestions);
  }

  /** Questions in words that a corpus never uses, for facts it does ask about. */
  public List<QuestionAnswer> heldOutWordings() {
    return java.util.Collections.unmodifiableList(heldOutWordings);
  }

  /** Whether a sum is kept out of every document; 3 + 4 and 4 + 3 share their lot. */
  public boolean heldOut(Problem problem) {
    boolean ordered = problem.operation() == Operation.MINUS || problem.a() <= problem.b();
    long first = ordered ? problem.a() : problem.b();
    long second = ordered ? problem.b() : problem.a();
    long name = (long) problem.operation().ordinal() << 40 | first << 20 | second;
    return new CounterRandom(seed, PROBLEMS).uniform(name) < HELD_OUT_PROBLEMS;
  }

  /**
   * Sums that no document holds, in an order drawn by the seed: plus and minus with numbers up to
   * 99, times with numbers up to 12.
   *
   * @param count how many at most
   */
  public List<Problem> heldOutProblems(int count) {
    List<Problem> found = new ArrayList<>();
    Permutation order = new Permutation(3 * 100 * 100, seed, PROBLEMS);
    for (long i = 0; i < order.size() && found.size() < count; i++) {
      int x = (int) order.apply(i);
      Operation operation = Operation.values()[x / 10_000];
      int a = x / 100 % 100;
      int b = x % 100;
      boolean times = operation == Operation.TIMES && (a > 12 || b > 12);
      if (!times && (operation != Operation.MINUS || b <= a)) {
        Problem problem = new Problem(a, operation, b);
        if (heldOut(problem)) {
          found.add(problem);
        }
      }
    }
    return found;
  }
}
