package dev.gamelan.data.world;

/**
 * A countable noun.
 *
 * @param one the singular
 * @param many the plural
 */
public record Noun(String one, String many) {
  /** A noun with a regular plural. */
  static Noun of(String one) {
    boolean hisses =
        one.endsWith("s") || one.endsWith("x") || one.endsWith("ch") || one.endsWith("sh");
    int n = one.length();
    boolean y = one.endsWith("y") && "aeiou".indexOf(one.charAt(n - 2)) < 0;
    return new Noun(one, y ? one.substring(0, n - 1) + "ies" : hisses ? one + "es" : one + "s");
  }

  /** The noun after a number: {@code 1 apple}, {@code 3 apples}. */
  String count(int n) {
    return n + " " + (n == 1 ? one : many);
  }

  /** With the indefinite article. */
  String a() {
    return a(one);
  }

  /** {@code a} or {@code an} before a word, by its first letter. */
  static String a(String words) {
    return ("aeiou".indexOf(Character.toLowerCase(words.charAt(0))) >= 0 ? "an " : "a ") + words;
  }
}
