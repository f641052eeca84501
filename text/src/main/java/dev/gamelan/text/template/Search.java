package dev.gamelan.text.template;

/** Looking for a string in another, in linear time whatever both are. */
final class Search {
  private static final int SHORT = 16;

  private Search() {}

  static int indexOf(Run run, String text, String part, int from) {
    if (part.length() <= SHORT) {
      int found = text.indexOf(part, from);
      run.characters((found < 0 ? text.length() : found) - (long) from);
      return found;
    }
    int found = longIndexOf(text, part, from);
    // A few steps per character, in memory of their own.
    run.characters(4 * ((found < 0 ? text.length() : found) - (long) from + part.length()));
    return found;
  }

  /** The last occurrence that ends at {@code end} or before. */
  static int lastIndexOf(Run run, String text, String part, int end) {
    if (part.length() <= SHORT) {
      int found = part.length() > end ? -1 : text.lastIndexOf(part, end - part.length());
      run.characters(end - (long) Math.max(found, 0));
      return found;
    }
    String backwards = new StringBuilder(text.substring(0, end)).reverse().toString();
    String partBackwards = new StringBuilder(part).reverse().toString();
    // StringBuilder.reverse keeps surrogate pairs in order on both sides, so matches remain.
    int found = indexOf(run, backwards, partBackwards, 0);
    run.characters(end);
    return found < 0 ? -1 : end - found - part.length();
  }

  /** Knuth, Morris and Pratt's search. */
  private static int longIndexOf(String text, String part, int from) {
    if (text.length() - from < part.length()) {
      return -1;
    }
    int[] border = new int[part.length()];
    int k = 0;
    for (int i = 1; i < part.length(); i++) {
      while (k > 0 && part.charAt(i) != part.charAt(k)) {
        k = border[k - 1];
      }
      if (part.charAt(i) == part.charAt(k)) {
        k++;
      }
      border[i] = k;
    }
    k = 0;
    for (int i = from; i < text.length(); i++) {
      while (k > 0 && text.charAt(i) != part.charAt(k)) {
        k = border[k - 1];
      }
      if (text.charAt(i) == part.charAt(k)) {
        k++;
      }
      if (k == part.length()) {
        return i - k + 1;
      }
    }
    return -1;
  }
}
