package dev.gamelan.data;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a reader passed over so far.
 *
 * @param counts how many, by reason; reasons that did not occur are absent
 * @param examples the first names, at most {@value #EXAMPLES}
 */
public record Skipped(Map<Reason, Long> counts, List<String> examples) {
  static final int EXAMPLES = 5;

  /** Why a file, an entry or a text was passed over. */
  public enum Reason {
    /**
     * It holds a NUL byte, or isn't UTF-8. Only in folders and archives: a file given is an error.
     */
    BINARY("binary or not UTF-8"),
    /** It holds nothing but white space. */
    EMPTY("empty"),
    /** Its extension isn't in the allow-list. */
    EXTENSION("of another extension");

    private final String words;

    Reason(String words) {
      this.words = words;
    }
  }

  public Skipped {
    counts = Map.copyOf(counts);
    examples = List.copyOf(examples);
  }

  /** Nothing skipped. */
  public static Skipped none() {
    return new Skipped(Map.of(), List.of());
  }

  /** How many were passed over for this reason. */
  public long count(Reason reason) {
    return counts.getOrDefault(reason, 0L);
  }

  /** Both together. */
  public Skipped plus(Skipped other) {
    Map<Reason, Long> sum = new EnumMap<>(Reason.class);
    sum.putAll(counts);
    other.counts.forEach((reason, n) -> sum.merge(reason, n, Long::sum));
    List<String> names =
        java.util.stream.Stream.concat(examples.stream(), other.examples.stream())
            .limit(EXAMPLES)
            .toList();
    return new Skipped(sum, names);
  }

  /** For example {@code skipped 3 binary or not UTF-8, 1 empty (logo.png, …)}. */
  @Override
  public String toString() {
    if (counts.isEmpty()) {
      return "skipped nothing";
    }
    String numbers =
        new EnumMap<>(counts)
            .entrySet().stream()
                .map(e -> e.getValue() + " " + e.getKey().words)
                .collect(Collectors.joining(", "));
    return "skipped " + numbers + " (" + String.join(", ", examples) + ")";
  }
}
