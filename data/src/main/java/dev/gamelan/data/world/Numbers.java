package dev.gamelan.data.world;

import java.util.List;

/** Whole numbers in English words. */
final class Numbers {
  private static final List<String> SMALL =
      List.of(
          "zero",
          "one",
          "two",
          "three",
          "four",
          "five",
          "six",
          "seven",
          "eight",
          "nine",
          "ten",
          "eleven",
          "twelve",
          "thirteen",
          "fourteen",
          "fifteen",
          "sixteen",
          "seventeen",
          "eighteen",
          "nineteen");
  private static final List<String> TENS =
      List.of("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety");

  private Numbers() {}

  /**
   * @param n in [0, 999,999]
   */
  static String words(int n) {
    if (n < 0 || n > 999_999) {
      throw new IllegalArgumentException("number in words: " + n + "; it must be in [0, 999999]");
    }
    if (n < 20) {
      return SMALL.get(n);
    }
    if (n < 100) {
      return TENS.get(n / 10) + (n % 10 == 0 ? "" : "-" + SMALL.get(n % 10));
    }
    if (n < 1000) {
      return SMALL.get(n / 100) + " hundred" + (n % 100 == 0 ? "" : " and " + words(n % 100));
    }
    int rest = n % 1000;
    return words(n / 1000)
        + " thousand"
        + (rest == 0 ? "" : (rest < 100 ? " and " : " ") + words(rest));
  }
}
