package dev.gamelan.model.family;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** The name that was perhaps meant: what an error about an unknown one says. */
public final class Nearest {
  private Nearest() {}

  /** The known name that the fewest edits make of {@code name} (Levenshtein); empty if none is. */
  public static Optional<String> to(String name, Collection<String> known) {
    return known.stream()
        .min(Comparator.<String>comparingInt(k -> distance(name, k)).thenComparing(k -> k));
  }

  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int up = row[j];
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(diagonal + change, 1 + Math.min(up, row[j - 1]));
        diagonal = up;
      }
    }
    return row[b.length()];
  }
}
