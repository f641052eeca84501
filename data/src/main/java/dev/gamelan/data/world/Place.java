package dev.gamelan.data.world;

/**
 * A village or town. Places lie on a grid, so that directions agree with one another.
 *
 * @param name unique
 * @param kind village, town, port or city
 * @param region the part of the country
 * @param row on the map, from the north
 * @param column on the map, from the west
 * @param river that runs through it, from north to south
 * @param landmark with its article, e.g. {@code an old windmill}
 * @param product what it is known for, e.g. {@code cheese}
 */
public record Place(
    String name,
    String kind,
    String region,
    int row,
    int column,
    String river,
    String landmark,
    String product) {
  @Override
  public String toString() {
    return name;
  }
}
