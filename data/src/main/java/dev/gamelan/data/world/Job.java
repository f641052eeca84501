package dev.gamelan.data.world;

/**
 * What somebody works as.
 *
 * @param noun the person, e.g. baker
 * @param workplace with its preposition, e.g. {@code in the bakery}
 * @param tool with its article, e.g. {@code an oven}
 * @param task in the base form, e.g. {@code bake bread}
 * @param tasks in the third person, e.g. {@code bakes bread}
 */
public record Job(Noun noun, String workplace, String tool, String task, String tasks) {
  @Override
  public String toString() {
    return noun.one();
  }
}
