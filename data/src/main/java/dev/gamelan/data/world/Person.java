package dev.gamelan.data.world;

import java.util.Optional;

/**
 * Somebody in the world.
 *
 * @param name unique
 * @param female whether the pronouns are she and her, or he and him
 * @param age in years
 * @param home where the family lives
 * @param job of a grown-up; children go to school
 * @param mother of a child
 * @param father of a child
 * @param friend the name of the best friend, who says the same
 * @param colour the favourite
 * @param food the favourite
 * @param hobby as in "likes painting"
 * @param treasure what the person owns, e.g. {@code red kite}
 * @param pet if there is one
 */
public record Person(
    String name,
    boolean female,
    int age,
    Place home,
    Optional<Job> job,
    Optional<String> mother,
    Optional<String> father,
    String friend,
    String colour,
    String food,
    String hobby,
    String treasure,
    Optional<Pet> pet) {

  /** An animal with a name. */
  public record Pet(String name, Animal kind) {}

  String he() {
    return female ? "she" : "he";
  }

  String him() {
    return female ? "her" : "him";
  }

  String his() {
    return female ? "her" : "his";
  }

  boolean grown() {
    return job.isPresent();
  }

  /** What a stranger would say. */
  String kind() {
    return grown() ? (female ? "woman" : "man") : (female ? "girl" : "boy");
  }

  /** Names are unique, and the other parts are many. */
  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
