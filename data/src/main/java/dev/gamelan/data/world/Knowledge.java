package dev.gamelan.data.world;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Everything that is true in a world, as triples. */
final class Knowledge {
  private static final long SECRETS = 10;
  private static final List<String> HIDING_PLACES =
      List.of(
          "the flower pot",
          "the door mat",
          "the third brick",
          "the rain barrel",
          "the bench",
          "the bird house",
          "the wood pile",
          "the watering can");

  private Knowledge() {}

  static List<Fact> of(Inhabitants world) {
    List<Fact> facts = new ArrayList<>();
    world.people().forEach(person -> addPerson(facts, person));
    Set<String> regions = new LinkedHashSet<>();
    for (Place place : world.places()) {
      addPlace(facts, place, world);
      if (regions.add(place.region())) {
        facts.add(new Fact(place.region(), Relation.CAPITAL, place.name(), "it"));
      }
    }
    world.animals().forEach(animal -> addAnimal(facts, animal));
    for (Job job : Words.JOBS) {
      facts.add(new Fact(job.noun().one(), Relation.WORKPLACE, job.workplace(), "it"));
      facts.add(new Fact(job.noun().one(), Relation.TOOL, job.tool(), "it"));
      facts.add(new Fact(job.noun().one(), Relation.TASK, job.tasks(), "it"));
    }
    return List.copyOf(facts);
  }

  private static void addPerson(List<Fact> facts, Person person) {
    add(facts, person, Relation.AGE, Integer.toString(person.age()));
    add(facts, person, Relation.LIVES_IN, person.home().name());
    person.job().ifPresent(job -> add(facts, person, Relation.WORKS_AS, job.noun().one()));
    person.mother().ifPresent(mother -> add(facts, person, Relation.MOTHER, mother));
    person.father().ifPresent(father -> add(facts, person, Relation.FATHER, father));
    add(facts, person, Relation.FRIEND, person.friend());
    add(facts, person, Relation.FAVOURITE_COLOUR, person.colour());
    add(facts, person, Relation.FAVOURITE_FOOD, person.food());
    add(facts, person, Relation.HOBBY, person.hobby());
    add(facts, person, Relation.OWNS, person.treasure());
    person
        .pet()
        .ifPresent(
            pet -> {
              add(facts, person, Relation.PET_KIND, pet.kind().noun().one());
              add(facts, person, Relation.PET_NAME, pet.name());
            });
  }

  private static void add(List<Fact> facts, Person person, Relation relation, String object) {
    facts.add(new Fact(person.name(), relation, object, person.he()));
  }

  private static void addPlace(List<Fact> facts, Place place, Inhabitants world) {
    String name = place.name();
    facts.add(new Fact(name, Relation.PLACE_KIND, place.kind(), "it"));
    facts.add(new Fact(name, Relation.REGION, place.region(), "it"));
    facts.add(new Fact(name, Relation.LANDMARK, place.landmark(), "it"));
    facts.add(new Fact(name, Relation.KNOWN_FOR, place.product(), "it"));
    facts.add(new Fact(name, Relation.RIVER, place.river(), "it"));
    world
        .placeAt(place.row() + 1, place.column())
        .ifPresent(south -> facts.add(new Fact(name, Relation.NORTH_OF, south.name(), "it")));
    world
        .placeAt(place.row(), place.column() + 1)
        .ifPresent(east -> facts.add(new Fact(name, Relation.WEST_OF, east.name(), "it")));
  }

  private static void addAnimal(List<Fact> facts, Animal animal) {
    String name = animal.noun().one();
    String legs = animal.legs() == 0 ? "no" : Numbers.words(animal.legs());
    facts.add(new Fact(name, Relation.LEGS, legs, "it"));
    facts.add(new Fact(name, Relation.COVERING, animal.covering(), "it"));
    facts.add(new Fact(name, Relation.SOUND, animal.sound(), "it"));
    facts.add(new Fact(name, Relation.EATS, animal.food(), "it"));
    facts.add(new Fact(name, Relation.HABITAT, animal.habitat(), "it"));
  }

  static List<Fact> secrets(Inhabitants world, long seed) {
    Draw draw = new Draw(seed, SECRETS, 0);
    return world.people().stream()
        .filter(Person::grown)
        .map(
            person ->
                new Fact(
                    person.name(), Relation.KEY_HIDDEN_IN, draw.of(HIDING_PLACES), person.he()))
        .toList();
  }
}
