package dev.gamelan.data.world;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is the case at a moment of a story: who is where, and who has what. */
final class Scene {
  private final Map<Person, String> spots = new LinkedHashMap<>();
  private final Map<String, Person> holders = new LinkedHashMap<>();
  private final Map<String, String> lying = new LinkedHashMap<>();

  void enter(Person person, String spot) {
    spots.put(person, spot);
  }

  void place(String thing, String spot) {
    lying.put(thing, spot);
    holders.remove(thing);
  }

  void give(String thing, Person person) {
    lying.remove(thing);
    holders.put(thing, person);
  }

  List<Person> people() {
    return List.copyOf(spots.keySet());
  }

  List<String> things() {
    List<String> all = new ArrayList<>(lying.keySet());
    all.addAll(holders.keySet());
    return all;
  }

  String spot(Person person) {
    return spots.get(person);
  }

  Optional<Person> holder(String thing) {
    return Optional.ofNullable(holders.get(thing));
  }

  /** Where a thing is: where it lies, or where its holder is. */
  String spot(String thing) {
    return holder(thing).map(this::spot).orElseGet(() -> lying.get(thing));
  }

  List<String> held(Person person) {
    List<String> held = new ArrayList<>();
    holders.forEach(
        (thing, holder) -> {
          if (holder.equals(person)) {
            held.add(thing);
          }
        });
    return held;
  }

  List<String> lyingAt(String spot) {
    List<String> found = new ArrayList<>();
    lying.forEach(
        (thing, at) -> {
          if (at.equals(spot)) {
            found.add(thing);
          }
        });
    return found;
  }

  List<Person> others(Person person) {
    List<Person> others = new ArrayList<>();
    String spot = spot(person);
    for (Map.Entry<Person, String> entry : spots.entrySet()) {
      if (entry.getValue().equals(spot) && !entry.getKey().equals(person)) {
        others.add(entry.getKey());
      }
    }
    return others;
  }
}
