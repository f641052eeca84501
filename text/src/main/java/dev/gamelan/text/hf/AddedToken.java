package dev.gamelan.text.hf;

import dev.gamelan.text.InvalidTokenizerException;

/**
 * A token that is found in a text before anything else, as {@code added_tokens} of {@code
 * tokenizer.json} writes it.
 *
 * @param id its id
 * @param content its text, not empty
 * @param singleWord whether it counts only where no word character stands right beside it
 * @param lstrip whether it takes the white space to its left with it
 * @param rstrip whether it takes the white space to its right with it
 * @param normalized whether it is looked for in the normalized text rather than the given one
 * @param special whether it is a control token, which a text can be kept from spelling
 */
public record AddedToken(
    int id,
    String content,
    boolean singleWord,
    boolean lstrip,
    boolean rstrip,
    boolean normalized,
    boolean special) {
  public AddedToken {
    if (content.isEmpty()) {
      throw new InvalidTokenizerException(
          "added_tokens: the token with the id " + id + " is empty and would match everywhere");
    }
  }

  /** A special token without further conditions. */
  public static AddedToken special(int id, String content) {
    return new AddedToken(id, content, false, false, false, false, true);
  }

  /** The same with another id. */
  AddedToken withId(int changed) {
    return new AddedToken(changed, content, singleWord, lstrip, rstrip, normalized, special);
  }
}
