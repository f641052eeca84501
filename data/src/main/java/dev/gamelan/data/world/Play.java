package dev.gamelan.data.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A story that happens: people move about and hand things to one another, and every sentence says
 * what changed. What is told stays true to what happened before and to the world's facts.
 */
final class Play {
  private static final int PROPS = 3;

  private final Inhabitants world;
  private final Draw draw;
  private final Prose prose;
  private final Scene scene = new Scene();
  private final List<String> spots = new ArrayList<>();
  private Optional<Person> subject = Optional.empty();

  Play(Inhabitants world, Draw draw, Prose prose) {
    this.world = world;
    this.draw = draw;
    this.prose = prose;
  }

  Scene scene() {
    return scene;
  }

  /** Puts two to four people of one place on stage and says who they are. */
  void open() {
    Person first = draw.of(world.people());
    List<Person> neighbours = new ArrayList<>(world.of(first.home()));
    neighbours.remove(first);
    while (spots.size() < 4) {
      String spot = draw.of(Words.SPOTS);
      if (!spots.contains(spot)) {
        spots.add(spot);
      }
    }
    List<Person> cast = new ArrayList<>(List.of(first));
    int size = draw.between(2, 4);
    while (cast.size() < size && !neighbours.isEmpty()) {
      cast.add(neighbours.remove(draw.below(neighbours.size())));
    }
    introduce(first);
    scene.enter(first, spots.getFirst());
    for (Person person : cast.subList(1, cast.size())) {
      String spot = draw.of(spots);
      scene.enter(person, spot);
      prose.say(
          draw.one("{0} was at {1}.", "{0} was at {1} that day.", "at {1} there was {0}."),
          person,
          spot);
    }
    while (scene.things().size() < PROPS) {
      prop();
    }
    focus(Optional.empty());
    prose.paragraph();
  }

  private void introduce(Person person) {
    String time =
        draw.one(
            "one morning",
            "one day",
            "one sunny afternoon",
            "on a rainy day",
            "early one evening",
            "last spring",
            "on a cold winter day",
            "one Sunday");
    Optional<Job> job = person.job();
    if (job.isPresent()) {
      prose.say(
          draw.one(
              "{0} was {1} in {2}.",
              "in {2} there lived {1} called {0}.", "{0}, {1}, lived in {2}."),
          person,
          job.get().noun().a(),
          person.home());
    } else {
      prose.say(
          draw.one(
              "{0} was a {1} of {3} who lived in {2}.",
              "in {2} there lived a {1} called {0}.", "{0} was a {1} from {2}."),
          person,
          person.kind(),
          person.home(),
          Numbers.words(person.age()));
    }
    prose.say(
        draw.one("{0}, {1} was at {2}.", "{0}, {1} went to {2}.", "{0}, {1} came to {2} alone."),
        time,
        person.he(),
        spots.getFirst());
  }

  private void prop() {
    String thing = draw.of(Words.COLOURS) + " " + draw.of(Words.THINGS).one();
    if (scene.things().contains(thing)) {
      return;
    }
    if (draw.chance(0.5)) {
      Person holder = draw.of(scene.people());
      scene.give(thing, holder);
      prose.say(
          draw.one("{0} had {1}.", "{0} carried {1}.", "{0} had {1} with {2}."),
          holder,
          Noun.a(thing),
          holder.him());
    } else {
      String spot = draw.of(spots);
      scene.place(thing, spot);
      prose.say(
          draw.one("{0} lay at {1}.", "somebody had left {0} at {1}.", "there was {0} at {1}."),
          Noun.a(thing),
          spot);
    }
  }

  /** One thing happens, or nothing if the draw fits nobody. */
  boolean step() {
    Person person = draw.of(scene.people());
    return switch (draw.below(9)) {
      case 0, 1 -> move(person);
      case 2, 3 -> take(person);
      case 4, 5 -> hand(person);
      case 6 -> drop(person);
      case 7 -> talk(person);
      default -> aside(person);
    };
  }

  private boolean move(Person person) {
    String to = draw.of(spots);
    if (to.equals(scene.spot(person))) {
      return false;
    }
    List<String> held = scene.held(person);
    String name = name(person);
    if (!held.isEmpty() && draw.chance(0.4)) {
      prose.say(
          draw.one(
              "{0} went to {1} with the {2}.",
              "{0} carried the {2} to {1}.", "{0} took the {2} along to {1}."),
          name,
          to,
          draw.of(held));
    } else {
      prose.say(
          draw.one(
              "{0} walked to {1}.",
              "{0} went to {1}.",
              "then {0} went to {1}.",
              "after a while {0} ran to {1}.",
              "{0} hurried to {1}."),
          name,
          to);
    }
    scene.enter(person, to);
    focus(Optional.of(person));
    return true;
  }

  private boolean take(Person person) {
    List<String> lying = scene.lyingAt(scene.spot(person));
    if (lying.isEmpty()) {
      return false;
    }
    String thing = draw.of(lying);
    prose.say(
        draw.one(
            "{0} picked up the {1}.",
            "{0} found the {1} and took it.",
            "there {0} saw the {1} and picked it up.",
            "{0} took the {1}."),
        name(person),
        thing);
    scene.give(thing, person);
    focus(Optional.of(person));
    return true;
  }

  private boolean drop(Person person) {
    List<String> held = scene.held(person);
    if (held.isEmpty()) {
      return false;
    }
    String thing = draw.of(held);
    prose.say(
        draw.one(
            "{0} put the {1} down at {2}.",
            "{0} left the {1} at {2}.", "{0} forgot the {1} at {2}."),
        name(person),
        thing,
        scene.spot(person));
    scene.place(thing, scene.spot(person));
    focus(Optional.of(person));
    return true;
  }

  private boolean hand(Person person) {
    List<Person> others = scene.others(person);
    List<String> held = scene.held(person);
    if (others.isEmpty() || held.isEmpty()) {
      return false;
    }
    Person other = draw.of(others);
    String thing = draw.of(held);
    switch (draw.below(4)) {
      case 0 -> prose.say("{0} gave the {1} to {2}.", name(person), thing, other);
      case 1 ->
          prose.say(
              "\"May I have the {0}?\" asked {1}. {2} smiled and gave it to {3}.",
              thing, other, person, other.him());
      case 2 ->
          prose.say(
              "{0} handed the {1} to {2}. \"Thank you, {3}!\" said {2}.",
              name(person), thing, other, person);
      default ->
          prose.say("\"This is for you,\" said {0}, and {1} got the {2}.", person, other, thing);
    }
    scene.give(thing, other);
    focus(Optional.empty());
    return true;
  }

  private boolean talk(Person person) {
    List<Person> others = scene.others(person);
    if (others.isEmpty()) {
      return false;
    }
    Person other = draw.of(others);
    switch (draw.below(5)) {
      case 0 -> prose.say("\"I like {0} best,\" {1} told {2}.", person.colour(), person, other);
      case 1 ->
          prose.say(
              "{0} and {1} talked about {2}, which {0} loved.", person, other, person.hobby());
      case 2 ->
          prose.say(
              "{0} was hungry. \"I wish I had some {1},\" {2} said to {3}.",
              person, person.food(), person.he(), other);
      case 3 -> prose.say("{0} told {1} about {2}, a dear friend.", person, other, person.friend());
      default ->
          prose.say(
              "\"How are you, {0}?\" asked {1}. \"I am {2},\" said {0}.",
              other, person, draw.one("well", "a little tired", "very happy", "fine, thank you"));
    }
    focus(Optional.empty());
    return true;
  }

  private boolean aside(Person person) {
    switch (draw.below(4)) {
      case 0 -> {
        Animal animal = draw.of(world.animals());
        prose.say(
            "near {0}, {1} saw {2}. \"{3} {4}!\" {5} said.",
            scene.spot(person),
            name(person),
            animal.noun().a(),
            capital(animal.noun().a()),
            animal.sound(),
            person.he());
      }
      case 1 ->
          prose.say(
              draw.one(
                  "the sun was shining.",
                  "it began to rain.",
                  "a cool wind blew.",
                  "the bells rang.",
                  "clouds moved over {0}.",
                  "it was quiet in {0}."),
              person.home());
      case 2 ->
          prose.say(
              draw.one(
                  "{0} sat down for a rest.",
                  "{0} sang a song.",
                  "{0} looked around.",
                  "{0} thought about {1}.",
                  "{0} felt {2}."),
              name(person),
              person.hobby(),
              draw.one("happy", "tired", "brave", "curious", "calm"));
      default -> {
        if (person.pet().isEmpty()) {
          return false;
        }
        Person.Pet pet = person.pet().get();
        prose.say(
            draw.one("{0} thought of {1}, {2} {3}.", "{0} missed {1}, {2} {3}."),
            name(person),
            pet.name(),
            person.his(),
            pet.kind());
      }
    }
    focus(Optional.empty());
    return true;
  }

  private static String capital(String words) {
    return Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }

  /** A pronoun where it can only mean this person, else the name. */
  private String name(Person person) {
    boolean same = subject.equals(Optional.of(person));
    return same && draw.chance(0.6) ? person.he() : person.name();
  }

  private void focus(Optional<Person> person) {
    subject = person;
  }

  /** Says how things stand at the end. */
  void close() {
    prose.paragraph();
    prose.say(
        draw.one("in the end,", "when the day was over,", "by the evening,", "at last,") + " {0}.",
        standing(scene.things().getFirst()));
    for (String thing : scene.things().subList(1, scene.things().size())) {
      if (draw.chance(0.5)) {
        prose.say("{0}.", standing(thing));
      }
    }
    prose.say(
        draw.one(
            "everybody went home.",
            "it had been a good day.",
            "they were all tired and happy.",
            "tomorrow would be another day.",
            "that night they slept well."));
  }

  private String standing(String thing) {
    Optional<Person> holder = scene.holder(thing);
    return holder.isPresent()
        ? "the " + thing + " was with " + holder.get()
        : "the " + thing + " lay at " + scene.spot(thing);
  }
}
