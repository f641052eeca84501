package dev.gamelan.text.tiktoken;

import dev.gamelan.text.InvalidTokenizerException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/** Reads ranks of tokens, the tokens being base64. */
final class RankReader {
  private RankReader() {}

  /** Lines of a token and its rank, as in {@code .tiktoken} files. */
  static Map<Integer, byte[]> lines(String text) {
    Map<Integer, byte[]> ranks = new HashMap<>();
    int number = 0;
    for (String line : text.split("\n")) {
      number++;
      String[] words = line.strip().split(" ");
      if (line.isBlank()) {
        continue;
      }
      if (words.length != 2) {
        throw new InvalidTokenizerException(
            "line "
                + number
                + ": a token in base64 and its rank are expected, not \""
                + shown(line)
                + "\"");
      }
      put(ranks, rank(words[1], "line " + number), words[0], "line " + number);
    }
    return ranks;
  }

  /** Lines of {@code !}, a first rank, and the tokens from it on, as in the package of npm. */
  static Map<Integer, byte[]> compact(String text) {
    Map<Integer, byte[]> ranks = new HashMap<>();
    int number = 0;
    for (String line : text.split("\n")) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      String[] words = line.strip().split(" ");
      String where = "bpe_ranks, line " + number;
      if (words.length < 3) {
        throw new InvalidTokenizerException(
            where + ": \"! RANK TOKEN…\" is expected, not \"" + shown(line) + "\"");
      }
      int first = rank(words[1], where);
      for (int i = 2; i < words.length; i++) {
        put(ranks, first + i - 2, words[i], where);
      }
    }
    return ranks;
  }

  static void put(Map<Integer, byte[]> ranks, int rank, String base64, String where) {
    byte[] token;
    try {
      token = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new InvalidTokenizerException(
          where + ": \"" + shown(base64) + "\" is not base64: " + e.getMessage(), e);
    }
    if (token.length == 0 || ranks.put(rank, token) != null) {
      throw new InvalidTokenizerException(
          where + ": the token of rank " + rank + " is empty or stands there twice");
    }
  }

  private static int rank(String word, String where) {
    try {
      int rank = Integer.parseInt(word);
      if (rank >= 0 && rank < 1 << 21) {
        return rank;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new InvalidTokenizerException(
        where + ": \"" + shown(word) + "\" is no rank; ranks are in [0, 2097152)");
  }

  private static String shown(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }
}
