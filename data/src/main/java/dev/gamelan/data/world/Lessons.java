package dev.gamelan.data.world;

import dev.gamelan.data.world.Problem.Operation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What teaches: articles, questions and answers, sums, reading exercises, dialogues. */
final class Lessons {
  private final World world;
  private final Inhabitants inhabitants;
  private final List<List<Fact>> topics;
  private final List<List<QuestionAnswer>> asked;

  Lessons(World world, Inhabitants inhabitants) {
    this.world = world;
    this.inhabitants = inhabitants;
    Map<String, List<Fact>> bySubject = new LinkedHashMap<>();
    world
        .facts()
        .forEach(f -> bySubject.computeIfAbsent(f.subject(), s -> new ArrayList<>()).add(f));
    this.topics = List.copyOf(bySubject.values());
    Map<String, List<QuestionAnswer>> questions = new LinkedHashMap<>();
    world
        .questions()
        .forEach(q -> questions.computeIfAbsent(q.fact().subject(), s -> new ArrayList<>()).add(q));
    this.asked = List.copyOf(questions.values());
  }

  /** An article on one to three subjects: every fact of each, in a drawn order. */
  String facts(Draw draw) {
    Prose prose = new Prose();
    int subjects = draw.between(1, 3);
    for (int i = 0; i < subjects; i++) {
      if (i > 0) {
        prose.paragraph();
      }
      List<Fact> topic = new ArrayList<>(draw.of(topics));
      for (int j = topic.size(); j > 1; j--) {
        Collections.swap(topic, j - 1, draw.below(j));
      }
      boolean clear = false;
      for (Fact fact : topic) {
        prose.say(clear && draw.chance(0.7) ? fact.followUp(draw) : fact.statement(draw));
        clear = !fact.relation().namesAnother();
      }
    }
    return prose.text();
  }

  /** Questions with answers, of one subject or of many, in one of several layouts. */
  String questions(Draw draw) {
    Prose prose = new Prose();
    int count = draw.between(3, 8);
    int layout = draw.below(3);
    List<QuestionAnswer> one = draw.of(asked);
    boolean mixed = draw.chance(0.5);
    for (int i = 0; i < count; i++) {
      QuestionAnswer pair = draw.of(mixed ? draw.of(asked) : one);
      switch (layout) {
        case 0 ->
            prose.say("Question: {0}", pair.question()).line().say("Answer: {0}", pair.sentence());
        case 1 ->
            prose.say("Q: {0}", pair.question()).line().say("A: {0}.", capital(pair.answer()));
        default -> prose.say(pair.question()).say(pair.sentence());
      }
      if (layout == 2) {
        prose.line();
      } else {
        prose.paragraph();
      }
    }
    return prose.text();
  }

  private static String capital(String words) {
    return Character.toUpperCase(words.charAt(0)) + words.substring(1);
  }

  /** Sums in one style, in digits or in words. */
  String arithmetic(Draw draw) {
    Prose prose = new Prose();
    int count = draw.between(4, 14);
    int style = draw.below(6);
    for (int i = 0; i < count; i++) {
      Problem p = problem(draw);
      switch (style) {
        case 0 -> prose.say("{0} = {1}", p.digits(), p.result());
        case 1 -> prose.say("{0} {1}.", p.question(), p.result());
        case 2 -> prose.say("{0}.", spelt(p));
        case 3 -> prose.say("{0} = {1}, in words: {2}.", p.digits(), p.result(), spelt(p));
        case 4 -> prose.say("Question: {0}", p.question()).line().say("Answer: {0}", p.result());
        default -> tale(draw, prose, p);
      }
      prose.line();
    }
    return prose.text();
  }

  private static String spelt(Problem p) {
    return p.words() + " is " + Numbers.words(p.result());
  }

  private Problem problem(Draw draw) {
    while (true) {
      Operation operation = draw.of(List.of(Operation.values()));
      int top =
          operation == Operation.TIMES ? 12 : draw.chance(0.5) ? 20 : draw.chance(0.7) ? 99 : 999;
      int a = draw.below(top + 1);
      int b = draw.below(top + 1);
      Problem p =
          operation == Operation.MINUS
              ? new Problem(Math.max(a, b), operation, Math.min(a, b))
              : new Problem(a, operation, b);
      if (!world.heldOut(p)) {
        return p;
      }
    }
  }

  private void tale(Draw draw, Prose prose, Problem p) {
    Person person = draw.of(inhabitants.people());
    String friend = person.friend();
    Noun goods = draw.of(Words.GOODS);
    switch (p.operation()) {
      case PLUS ->
          prose.say(
              draw.one(
                  "{0} has {1}. {2} gives {3} {4} more. Now {5} has {6}.",
                  "{0} finds {1} and then {4} more. Together that makes {6}."),
              person,
              goods.count(p.a()),
              friend,
              person.him(),
              p.b(),
              person.he(),
              goods.count(p.result()));
      case MINUS ->
          prose.say(
              draw.one(
                  "{0} has {1} and gives {2} to {3}. Now {5} has {4}.",
                  "{0} had {1}, but lost {2}. That leaves {4}."),
              person,
              goods.count(p.a()),
              p.b(),
              friend,
              goods.count(p.result()),
              person.he());
      case TIMES ->
          prose.say(
              draw.one(
                  "{0} has {1} with {2} in each. That makes {3}.",
                  "{0} fills {1} and puts {2} into each. Altogether that is {3}."),
              person,
              Noun.of("box").count(p.a()),
              goods.count(p.b()),
              goods.count(p.result()));
    }
  }

  /** A short play with questions about how things stand. */
  String reading(Draw draw) {
    Prose prose = new Prose();
    Play play = new Play(inhabitants, draw, prose);
    play.open();
    int steps = draw.between(3, 9);
    for (int step = 0; step < steps; ) {
      if (play.step()) {
        step++;
      }
    }
    prose.paragraph();
    Scene scene = play.scene();
    for (Person person : scene.people()) {
      if (draw.chance(0.5)) {
        ask(prose, "Where is " + person + "?", person + " is at " + scene.spot(person) + ".");
      }
    }
    for (String thing : scene.things()) {
      Optional<Person> holder = scene.holder(thing);
      if (holder.isPresent() && draw.chance(0.6)) {
        ask(prose, "Who has the " + thing + "?", holder.get() + " has the " + thing + ".");
      } else {
        ask(
            prose,
            "Where is the " + thing + "?",
            "The " + thing + " is at " + scene.spot(thing) + ".");
      }
    }
    return prose.text();
  }

  private static void ask(Prose prose, String question, String answer) {
    prose.say("Question: {0}", question).line().say("Answer: {0}", answer).line();
  }

  /** Two people talk: greetings, questions of fact with right answers, thanks. */
  String dialogue(Draw draw) {
    Prose prose = new Prose();
    Person one = draw.of(inhabitants.people());
    Person two = inhabitants.person(one.friend()).orElseThrow();
    turn(
        prose,
        one,
        draw.one("Hello, {0}! How are you?", "Good morning, {0}.", "Hi {0}, do you have a moment?"),
        two);
    turn(
        prose,
        two,
        draw.one("Hello, {0}! I am fine.", "Good to see you, {0}!", "Of course, {0}. What is it?"),
        one);
    int rounds = draw.between(2, 5);
    for (int i = 0; i < rounds; i++) {
      QuestionAnswer pair = draw.of(draw.of(asked));
      turn(
          prose,
          one,
          draw.one("{0}", "Tell me: {0}", "May I ask you something? {0}", "I wonder. {0}"),
          pair.question());
      turn(
          prose,
          two,
          draw.one("{0}", "That is easy. {0}", "Let me think. {0}", "I know that one. {0}"),
          pair.sentence());
      if (draw.chance(0.4)) {
        turn(
            prose,
            one,
            draw.one("I see.", "Thank you!", "I did not know that.", "How interesting!"));
      }
    }
    turn(
        prose,
        one,
        draw.one("Thank you for your help.", "You know so much!", "I must go home to {0} now."),
        one.home());
    turn(prose, two, draw.one("You are welcome.", "Goodbye, {0}!", "See you soon, {0}."), one);
    return prose.text();
  }

  private static void turn(Prose prose, Person speaker, String template, Object... arguments) {
    prose.say("{0}:", speaker).say(template, arguments).line();
  }
}
