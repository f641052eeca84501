package dev.gamelan.data.world;

import dev.gamelan.data.world.Problem.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Stories of several kinds. */
final class Stories {
  private final World world;
  private final Inhabitants inhabitants;
  private final List<Person> owners;
  private final List<Person> grown;

  Stories(World world, Inhabitants inhabitants) {
    this.world = world;
    this.inhabitants = inhabitants;
    this.owners = inhabitants.people().stream().filter(person -> person.pet().isPresent()).toList();
    this.grown = inhabitants.people().stream().filter(Person::grown).toList();
  }

  String write(Draw draw) {
    Prose prose = new Prose();
    switch (draw.below(10)) {
      case 0, 1, 2, 3 -> play(draw, prose);
      case 4, 5 -> market(draw, prose);
      case 6 -> lostPet(draw, prose);
      case 7 -> journey(draw, prose);
      case 8 -> work(draw, prose);
      default -> fable(draw, prose);
    }
    return prose.text();
  }

  private void play(Draw draw, Prose prose) {
    Play play = new Play(inhabitants, draw, prose);
    play.open();
    int steps = draw.between(6, 16);
    for (int step = 0; step < steps; ) {
      if (play.step()) {
        step++;
        if (step % 6 == 0 && step < steps) {
          prose.paragraph();
        }
      }
    }
    play.close();
  }

  /** Somebody buys and shares things; the numbers are right. */
  private void market(Draw draw, Prose prose) {
    Person buyer = draw.of(inhabitants.people());
    Noun goods = draw.of(Words.GOODS);
    Optional<Problem> affordable =
        firstKept(() -> new Problem(draw.between(2, 12), Operation.TIMES, draw.between(1, 5)));
    if (affordable.isEmpty()) {
      play(draw, prose);
      return;
    }
    Problem bill = affordable.get();
    int price = bill.b();
    int had = bill.result() + draw.between(1, 20);
    Optional<Problem> change = kept(new Problem(had, Operation.MINUS, bill.result()));
    prose.say(
        draw.one(
            "{0} went to the market in {1} with {2} coins.",
            "one day {0} took {2} coins to the market in {1}.",
            "it was market day in {1}, and {0} had {2} coins."),
        buyer,
        buyer.home(),
        had);
    prose.say(
        draw.one("{0} cost {1}.", "the price of {0} was {1}."),
        goods.a(),
        price == 1 ? "one coin" : Numbers.words(price) + " coins");
    prose.say(
        draw.one(
            "{0} bought {1} {2} and paid {3} coins.",
            "\"I would like {1} {2}, please,\" said {0}, and paid {3} coins."),
        buyer,
        bill.a(),
        goods.many(),
        bill.result());
    change.ifPresent(
        left ->
            prose.say(
                draw.one(
                    "now {0} had {1} left.",
                    "{0} counted what was left: {1}.", "{0} still had {1}."),
                buyer.he(),
                new Noun("coin", "coins").count(left.result())));
    prose.paragraph();
    Optional<Problem> share =
        firstKept(() -> new Problem(bill.a(), Operation.MINUS, draw.between(1, bill.a())));
    share.ifPresentOrElse(
        gift -> share(draw, prose, buyer, goods, gift),
        () -> prose.say("at home {0} put them on the table.", buyer.he()));
  }

  private void share(Draw draw, Prose prose, Person buyer, Noun goods, Problem share) {
    Person other = inhabitants.person(buyer.friend()).orElseThrow();
    prose.say(
        draw.one(
            "on the way home {0} met {1}, {2} best friend.",
            "then {1} came along, the best friend of {0}."),
        buyer,
        other,
        buyer.his());
    prose.say(
        draw.one(
            "{0} gave {1} to {2}.",
            "{2} looked tired and got {1} from {0}.", "\"Take some!\" said {0}, and {2} took {1}."),
        buyer,
        goods.count(share.b()),
        other);
    prose.say(
        share.result() == 0
            ? "{0} had no {2} left, but {3} was glad."
            : draw.one("so {0} had {1} left.", "{0} kept {1}.", "that left {0} with {1}."),
        buyer,
        goods.count(share.result()),
        goods.many(),
        buyer.he());
    prose.say(
        draw.one(
            "\"Thank you,\" said {0}.",
            "{0} thanked {1} and they walked home together.", "they were both content."),
        other,
        buyer);
  }

  /** A sum that isn't held out; nothing where a world holds out all that fit, or nearly. */
  private Optional<Problem> firstKept(Supplier<Problem> next) {
    for (int attempt = 0; attempt < 20; attempt++) {
      Optional<Problem> problem = kept(next.get());
      if (problem.isPresent()) {
        return problem;
      }
    }
    return Optional.empty();
  }

  private Optional<Problem> kept(Problem problem) {
    return world.heldOut(problem) ? Optional.empty() : Optional.of(problem);
  }

  private void lostPet(Draw draw, Prose prose) {
    Person owner = draw.of(owners);
    Person.Pet pet = owner.pet().orElseThrow();
    prose.say(
        draw.one("{0} had {1} called {2}.", "{0} lived with {1} whose name was {2}."),
        owner,
        pet.kind().noun().a(),
        pet.name());
    prose.say(
        draw.one(
            "one morning {0} was gone.",
            "one evening {0} did not come home.", "on {1} way through {2}, {3} lost {0}."),
        pet.name(),
        owner.his(),
        owner.home(),
        owner.he());
    prose.say(
        draw.one(
            "{0} looked under the bed and behind the door, but the {1} was not there.",
            "{0} called and called, but no {1} came.", "{0} was very worried about the {1}."),
        owner,
        pet.kind());
    prose.paragraph();
    List<String> visited = new ArrayList<>();
    int stops = draw.between(2, 4);
    String next = draw.of(Words.SPOTS);
    for (int stop = 0; stop < stops; stop++) {
      visited.add(next);
      List<Person> neighbours = inhabitants.of(owner.home());
      Person helper = draw.of(neighbours);
      if (helper.equals(owner)) {
        helper = inhabitants.person(owner.friend()).orElseThrow();
      }
      prose.say(
          draw.one(
              "at {0} {1} met {2}.",
              "{1} went to {0} and found {2} there.", "{1} ran to {0}, where {2} was."),
          next,
          owner.he(),
          helper);
      String hint = draw.of(Words.SPOTS);
      while (visited.contains(hint)) {
        hint = draw.of(Words.SPOTS);
      }
      prose.say(
          draw.one(
              "\"Have you seen my {0}?\" asked {1}. \"Yes, it ran to {2},\" said {3}.",
              "\"Is {4} here?\" asked {1}. \"No, but I heard something at {2},\" said {3}.",
              "{3} said: \"I saw {5} near {2} not long ago.\""),
          pet.kind(),
          owner,
          hint,
          helper,
          pet.name(),
          pet.kind().noun().a());
      next = hint;
    }
    prose.paragraph();
    prose.say(
        draw.one("so {0} went to {1}.", "{0} hurried to {1}.", "with new hope {0} ran to {1}."),
        owner,
        next);
    prose.say(
        draw.one("there was {0}!", "and there sat {0}.", "under a bench {1} found {0}."),
        pet.name(),
        owner.he());
    prose.say(
        draw.one("it {0} when it saw {1}.", "when it saw {1}, it {0}."), pet.kind().sound(), owner);
    prose.say(
        draw.one(
            "{0} gave it some {1} and carried it home to {2}.",
            "back in {2}, {0} fed it {1}.",
            "they went home together, and there was {1} for supper in {2}."),
        owner.he(),
        pet.kind().food(),
        owner.home());
  }

  /** A walk over the map: directions, regions and rivers agree with it. */
  private void journey(Draw draw, Prose prose) {
    Person traveller = draw.of(inhabitants.people());
    Place at = traveller.home();
    prose.say(
        draw.one(
            "{0} wanted to see the world and left {1} early in the morning.",
            "one summer {0} set out from {1} with {2}.",
            "{0} of {1} packed {2} and began a long walk."),
        traveller,
        at,
        Noun.a(traveller.treasure()));
    int legs = draw.between(2, 6);
    int days = 0;
    for (int leg = 0; leg < legs; leg++) {
      int direction = draw.below(4);
      int row = at.row() + (direction == 0 ? -1 : direction == 1 ? 1 : 0);
      int column = at.column() + (direction == 2 ? -1 : direction == 3 ? 1 : 0);
      Optional<Place> next = inhabitants.placeAt(row, column);
      if (next.isEmpty()) {
        continue;
      }
      at = next.get();
      days++;
      prose.say(
          draw.one(
              "from there the road went {0} to {1}.", "{2} walked {0} to {1}.",
              "a day's walk {0} lay {1}.", "next, {2} went {0} and came to {1}."),
          List.of("north", "south", "west", "east").get(direction),
          at,
          traveller.he());
      prose.say(
          draw.one(
              "{0} is {1} on the river {2}.",
              "in {0} {6} saw {3}.",
              "the people there make the best {4}.",
              "it lies in {5}, and it has {3}.",
              "there {6} ate {7} and slept at the inn."),
          at,
          Noun.a(at.kind()),
          at.river(),
          at.landmark(),
          at.product(),
          at.region(),
          traveller.he(),
          traveller.food());
    }
    prose.paragraph();
    if (days > 0) {
      prose.say(
          draw.one("after {0} {1} was in {2}.", "it had taken {1} {0} to reach {2}."),
          days == 1 ? "one day" : Numbers.words(days) + " days",
          traveller,
          at);
    }
    prose.say(
        draw.one(
            "\"There is no place like {0},\" said {1}, and turned back.",
            "{1} wrote a letter home to {2}, a dear friend.",
            "{1} would never forget this journey."),
        traveller.home(),
        traveller,
        traveller.friend());
  }

  private void work(Draw draw, Prose prose) {
    Person worker = draw.of(grown);
    Job job = worker.job().orElseThrow();
    Person helper = inhabitants.person(worker.friend()).orElseThrow();
    prose.say(
        draw.one(
            "{0} is {1} in {2}.",
            "in {2} everybody knows {0}, {1}.", "{0} lives in {2} and is {1}."),
        worker,
        job.noun().a(),
        worker.home());
    prose.say(
        draw.one("every day {0} works {1} and {2}.", "{0} works {1}, where {0} {2}."),
        worker.he(),
        job.workplace(),
        job.tasks());
    prose.say("for that {0} needs {1}.", worker.he(), job.tool());
    prose.paragraph();
    String tool = job.tool().substring(job.tool().indexOf(' ') + 1);
    prose.say(
        draw.one(
            "one day the {0} was broken.",
            "on Monday {1} could not find the {0}.",
            "last week somebody borrowed the {0} and did not bring it back."),
        tool,
        worker.he());
    prose.say(
        draw.one("\"How can I {0} without it?\" asked {1}.", "\"Now I cannot {0},\" said {1}."),
        job.task(),
        worker);
    prose.say(
        draw.one(
            "{0}, {1} best friend, came to help.",
            "then {0}, {1} best friend, knocked at the door."),
        helper,
        worker.his());
    Job other = helper.job().orElseThrow();
    prose.say(
        draw.one(
            "{0} is {1}, but {2} also knows a lot about tools.",
            "{0} works as {1} and is good at many things."),
        helper,
        other.noun().a(),
        helper.he());
    prose.say(
        draw.one(
            "together they mended the old {0}, and {1} could {2} again.",
            "\"Take this {0},\" said {3}. Soon {1} could {2} again."),
        tool,
        worker,
        job.task(),
        helper);
    prose.say(
        draw.one(
            "to say thank you, {0} made {1} for {2}, who loves it.",
            "that evening they had {1}, because {2} likes that best."),
        worker,
        helper.food(),
        helper);
  }

  private void fable(Draw draw, Prose prose) {
    Animal one = draw.of(inhabitants.animals());
    Animal two = draw.of(inhabitants.animals());
    while (two.equals(one)) {
      two = draw.of(inhabitants.animals());
    }
    prose.say(
        draw.one("once upon a time {0} met {1}.", "long ago {0} and {1} were neighbours."),
        one.noun().a(),
        two.noun().a());
    prose.say("the {0} lived {1}, and the {2} lived {3}.", one, one.habitat(), two, two.habitat());
    String boast =
        one.legs() > two.legs()
            ? "I have " + legs(one) + " and you have only " + legs(two)
            : "I am covered with " + one.covering() + ", the finest in the land";
    prose.say(draw.one("\"{0},\" said the {1} proudly.", "the {1} said: \"{0}.\""), boast, one);
    prose.say(
        draw.one(
            "the {0} said nothing and went on eating {1}.",
            "the {0} only smiled and ate some {1}."),
        two,
        two.food());
    prose.paragraph();
    String trouble =
        draw.one(
            "fell into a hole",
            "got lost in the fog",
            "was caught in a net",
            "got stuck in the mud");
    prose.say("one night the {0} {1}.", one, trouble);
    prose.say(draw.one("the {0} heard a cry for help.", "nobody heard it but the {0}."), two);
    prose.say(
        draw.one(
            "it came at once and helped the {0} out.",
            "it called its friends, and together they saved the {0}."),
        one);
    prose.say(
        draw.one(
            "\"I was foolish,\" said the {0}. \"You are a true friend.\"",
            "from that day on the {0} shared its {1} with the {2}."),
        one,
        one.food(),
        two);
    prose.paragraph();
    prose.say(
        draw.one(
            "the moral: a good friend is worth more than a fine coat.",
            "the moral: do not be proud, for everybody needs help one day.",
            "so remember: kindness is better than pride."));
  }

  private static String legs(Animal animal) {
    return animal.legs() == 0 ? "none" : Numbers.words(animal.legs()) + " legs";
  }
}
