package dev.gamelan.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Watches a text that arrives in parts for stop strings. Text that may be the beginning of a stop
 * string is held back until it is known not to be one. The first stop string to be complete ends
 * the text, and of several that are complete at the same character the longest; so the outcome
 * depends on the text alone, not on how it was cut into parts.
 *
 * <p>Each stop string is matched by the Knuth–Morris–Pratt automaton: a character costs constant
 * amortised time per stop string. One object serves one sequence and one thread.
 */
public final class StopMatcher {
  private final List<String> stops;
  private final List<int[]> borders = new ArrayList<>();
  private final int[] matched;
  private final StringBuilder held = new StringBuilder();
  private Optional<String> stop = Optional.empty();

  /**
   * Watches for these strings; with none, all text passes at once.
   *
   * @throws IllegalArgumentException if one is empty or has a lone surrogate
   */
  public StopMatcher(List<String> stops) {
    this.stops = List.copyOf(stops);
    this.matched = new int[stops.size()];
    for (String each : this.stops) {
      if (each.isEmpty()) {
        throw new IllegalArgumentException(
            "stop strings: one is empty and would stop every text at once; leave it out");
      }
      if (each.codePoints().anyMatch(c -> c >= 0xD800 && c <= 0xDFFF)) {
        throw new IllegalArgumentException(
            "stop strings: one has a lone surrogate, which no decoded text can hold");
      }
      borders.add(borders(each));
    }
  }

  /** The text that is certain to stand before any stop string; after a stop, always empty. */
  public String add(String text) {
    if (stop.isPresent()) {
      return "";
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      held.append(c);
      for (int s = 0; s < matched.length; s++) {
        matched[s] = next(s, c);
        if (matched[s] == stops.get(s).length()
            && stop.map(String::length).orElse(0) < matched[s]) {
          stop = Optional.of(stops.get(s));
        }
      }
      if (stop.isPresent()) {
        String before = held.substring(0, held.length() - stop.get().length());
        held.setLength(0);
        return before;
      }
    }
    int keep = 0;
    for (int m : matched) {
      keep = Math.max(keep, m);
    }
    String certain = held.substring(0, held.length() - keep);
    held.delete(0, certain.length());
    return certain;
  }

  /** What was held back, once the text has ended without its becoming a stop string. */
  public String finish() {
    String rest = held.toString();
    held.setLength(0);
    return rest;
  }

  /** Whether a stop string has come. */
  public boolean stopped() {
    return stop.isPresent();
  }

  /** The stop string that has come. */
  public Optional<String> stop() {
    return stop;
  }

  private int next(int s, char c) {
    String pattern = stops.get(s);
    int m = matched[s];
    while (m > 0 && (m == pattern.length() || pattern.charAt(m) != c)) {
      m = borders.get(s)[m - 1];
    }
    return pattern.charAt(m) == c ? m + 1 : 0;
  }

  // borders[i]: the length of the longest proper prefix of pattern[0, i] that is also its suffix.
  private static int[] borders(String pattern) {
    int[] borders = new int[pattern.length()];
    for (int i = 1, m = 0; i < borders.length; i++) {
      while (m > 0 && pattern.charAt(m) != pattern.charAt(i)) {
        m = borders[m - 1];
      }
      if (pattern.charAt(m) == pattern.charAt(i)) {
        m++;
      }
      borders[i] = m;
    }
    return borders;
  }
}
