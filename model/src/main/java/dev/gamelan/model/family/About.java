package dev.gamelan.model.family;

/**
 * What a family is, for people.
 *
 * @param title its name, and those of the models that share it
 * @param paper where it was published
 * @param differs what is particular to it, in a line
 */
public record About(String title, String paper, String differs) {}
