package dev.gamelan.text.bpe;

import dev.gamelan.text.InvalidTokenizerException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/** Names of tokens by id and ids by name. Ids may have holes, as some published files do. */
public final class Vocabulary {
  /** More ids than this are taken for damage: the largest published vocabularies have 262,144. */
  public static final int MOST_IDS = MergeTable.MOST_IDS - 1;

  private final Map<String, Integer> ids;
  private final String[] names;

  private Vocabulary(Map<String, Integer> ids, String[] names) {
    this.ids = ids;
    this.names = names;
  }

  /**
   * Of these names.
   *
   * @throws InvalidTokenizerException if two names have one id or an id is out of range
   */
  public static Vocabulary of(Map<String, Integer> ids) {
    int largest = -1;
    for (Map.Entry<String, Integer> e : ids.entrySet()) {
      if (e.getValue() < 0 || e.getValue() >= MOST_IDS) {
        throw new InvalidTokenizerException(
            "vocabulary: token \"%s\" has the id %d; ids must be in [0, %d)"
                .formatted(e.getKey(), e.getValue(), MOST_IDS));
      }
      largest = Math.max(largest, e.getValue());
    }
    String[] names = new String[largest + 1];
    for (Map.Entry<String, Integer> e : ids.entrySet()) {
      String other = names[e.getValue()];
      if (other != null) {
        throw new InvalidTokenizerException(
            "vocabulary: tokens \"%s\" and \"%s\" both have the id %d"
                .formatted(other, e.getKey(), e.getValue()));
      }
      names[e.getValue()] = e.getKey();
    }
    return new Vocabulary(new HashMap<>(ids), names);
  }

  /** The number of ids: the largest and one. */
  public int size() {
    return names.length;
  }

  /** The number of tokens, which is less than {@link #size} where ids have holes. */
  public int tokens() {
    return ids.size();
  }

  /** Whether a token has this id. */
  public boolean has(int id) {
    return id >= 0 && id < names.length && names[id] != null;
  }

  /**
   * The name of a token.
   *
   * @throws IllegalArgumentException if no token has the id
   */
  public String name(int id) {
    if (!has(id)) {
      throw new IllegalArgumentException(
          "vocabulary: no token has the id " + id + "; ids go up to " + (names.length - 1));
    }
    return names[id];
  }

  /** Whether {@code id} is the token {@code left} and {@code right}, less {@code skipped} chars. */
  boolean isJoined(int id, String left, String right, int skipped) {
    if (!has(id)) {
      return false;
    }
    String name = names[id];
    int length = right.length() - skipped;
    return name.length() == left.length() + length
        && name.startsWith(left)
        && name.regionMatches(left.length(), right, skipped, length);
  }

  /** The id of a token. */
  public OptionalInt id(String name) {
    Integer id = ids.get(name);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }
}
