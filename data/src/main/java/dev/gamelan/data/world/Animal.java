package dev.gamelan.data.world;

/**
 * A kind of animal, of the real world or of this one.
 *
 * @param noun what it is called
 * @param legs how many
 * @param covering fur, feathers, …
 * @param sound what it does with its voice, e.g. {@code barks}
 * @param food what it eats
 * @param habitat where it lives, e.g. {@code in the forest}
 * @param invented whether it exists in this world only
 */
public record Animal(
    Noun noun,
    int legs,
    String covering,
    String sound,
    String food,
    String habitat,
    boolean invented) {
  @Override
  public String toString() {
    return noun.one();
  }
}
