package dev.gamelan.data.world;

import dev.gamelan.data.permute.Permutation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who and what there is in a world: map, animals, families. */
final class Inhabitants {
  static final int ROWS = 6;
  static final int COLUMNS = 8;
  private static final int FAMILIES = 60;
  private static final int REGION_SIDE = 2;

  // Streams of the seed, one for each thing drawn.
  private static final long PLACES = 1;
  private static final long ANIMALS = 2;
  private static final long PEOPLE = 3;
  private static final long GIRLS = 4;
  private static final long BOYS = 5;
  private static final long FRIENDS = 6;
  private static final long PLACE_NAMES = 7;
  private static final long REGION_NAMES = 8;
  private static final long RIVER_NAMES = 9;

  private final long seed;
  private final List<Place> places = new ArrayList<>();
  private final List<Animal> animals = new ArrayList<>(Words.ANIMALS);
  private final List<Person> people = new ArrayList<>();
  private final Map<String, Person> byName = new HashMap<>();
  private final Map<Place, List<Person>> byHome = new HashMap<>();

  Inhabitants(long seed) {
    this.seed = seed;
    makePlaces();
    makeAnimals();
    makePeople();
    for (Person person : people) {
      byName.put(person.name(), person);
      byHome.computeIfAbsent(person.home(), home -> new ArrayList<>()).add(person);
    }
  }

  List<Place> places() {
    return java.util.Collections.unmodifiableList(places);
  }

  List<Animal> animals() {
    return java.util.Collections.unmodifiableList(animals);
  }

  List<Person> people() {
    return java.util.Collections.unmodifiableList(people);
  }

  Optional<Person> person(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** Those who live in a place. */
  List<Person> of(Place place) {
    return byHome.getOrDefault(place, List.of());
  }

  Optional<Place> placeAt(int row, int column) {
    boolean inside = row >= 0 && row < ROWS && column >= 0 && column < COLUMNS;
    return inside ? Optional.of(places.get(row * COLUMNS + column)) : Optional.empty();
  }

  private void makePlaces() {
    Draw draw = new Draw(seed, PLACES, 0);
    Permutation names = joined(Words.PLACE_STARTS, Words.PLACE_ENDS, PLACE_NAMES);
    Permutation regions = joined(Words.REGION_STARTS, Words.REGION_ENDS, REGION_NAMES);
    Permutation rivers = new Permutation(Words.RIVERS.size(), seed, RIVER_NAMES);
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < COLUMNS; column++) {
        int region = row / (ROWS / REGION_SIDE) * REGION_SIDE + column / (COLUMNS / REGION_SIDE);
        places.add(
            new Place(
                join(Words.PLACE_STARTS, Words.PLACE_ENDS, names.apply(places.size())),
                draw.of(Words.PLACE_KINDS),
                join(Words.REGION_STARTS, Words.REGION_ENDS, regions.apply(region)),
                row,
                column,
                Words.RIVERS.get((int) rivers.apply(column)),
                draw.of(Words.LANDMARKS),
                draw.of(Words.PRODUCTS)));
      }
    }
  }

  private Permutation joined(List<String> starts, List<String> ends, long stream) {
    return new Permutation((long) starts.size() * ends.size(), seed, stream);
  }

  private static String join(List<String> starts, List<String> ends, long index) {
    return starts.get((int) (index / ends.size())) + ends.get((int) (index % ends.size()));
  }

  private void makeAnimals() {
    Draw draw = new Draw(seed, ANIMALS, 0);
    for (Noun noun : Words.INVENTED) {
      animals.add(
          new Animal(
              noun,
              2 * draw.between(1, 4),
              draw.of(Words.COVERINGS),
              draw.of(Words.SOUNDS),
              draw.of(Words.ANIMAL_FOODS),
              draw.of(Words.HABITATS),
              true));
    }
  }

  /** Families of a mother, a father, a girl and a boy; best friends are of two families. */
  private void makePeople() {
    Permutation girls = joined(Words.STARTS, Words.GIRL_ENDS, GIRLS);
    Permutation boys = joined(Words.STARTS, Words.BOY_ENDS, BOYS);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 4 * FAMILIES; i++) {
      names.add(
          i % 2 == 0
              ? join(Words.STARTS, Words.GIRL_ENDS, girls.apply(i / 2))
              : join(Words.STARTS, Words.BOY_ENDS, boys.apply(i / 2)));
    }
    Permutation friends = new Permutation(2 * FAMILIES, seed, FRIENDS);
    Draw draw = new Draw(seed, PEOPLE, 0);
    for (int family = 0; family < FAMILIES; family++) {
      Place home = draw.of(places);
      for (int member = 0; member < 4; member++) {
        people.add(person(names, family, member, home, friends, draw));
      }
    }
  }

  private Person person(
      List<String> names, int family, int member, Place home, Permutation friends, Draw draw) {
    boolean grown = member < 2;
    int number = 4 * family + member;
    Optional<Person.Pet> pet =
        draw.chance(0.5)
            ? Optional.of(new Person.Pet(draw.of(Words.PET_NAMES), draw.of(animals)))
            : Optional.empty();
    return new Person(
        names.get(number),
        member % 2 == 0,
        grown ? draw.between(34, 59) : draw.between(6, 15),
        home,
        grown ? Optional.of(draw.of(Words.JOBS)) : Optional.empty(),
        grown ? Optional.empty() : Optional.of(names.get(4 * family)),
        grown ? Optional.empty() : Optional.of(names.get(4 * family + 1)),
        names.get(friendOf(family, member, friends)),
        draw.of(Words.COLOURS),
        draw.of(Words.FOODS),
        draw.of(Words.HOBBIES),
        draw.of(Words.COLOURS) + " " + draw.of(Words.THINGS).one(),
        pet);
  }

  /** Grown-ups (and children) stand in a drawn row; neighbours in it, two by two, are friends. */
  private static int friendOf(int family, int member, Permutation friends) {
    int half = member / 2;
    long place = friends.invert(2L * family + member % 2);
    int other = (int) friends.apply(place ^ 1);
    return 4 * (other / 2) + 2 * half + other % 2;
  }
}
