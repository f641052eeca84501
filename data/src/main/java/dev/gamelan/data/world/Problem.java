package dev.gamelan.data.world;

/**
 * A sum with whole numbers from 0 on.
 *
 * @param a the first number
 * @param operation what is done
 * @param b the second; not above the first in a subtraction
 */
public record Problem(int a, Operation operation, int b) {
  /** What is done with the two numbers. */
  public enum Operation {
    PLUS("+", "plus"),
    MINUS("-", "minus"),
    TIMES("×", "times");

    private final String sign;
    private final String word;

    Operation(String sign, String word) {
      this.sign = sign;
      this.word = word;
    }
  }

  public Problem {
    boolean tooLarge = a > 999 || b > 999;
    if (a < 0 || b < 0 || tooLarge || operation == Operation.MINUS && b > a) {
      throw new IllegalArgumentException(
          "problem: %d %s %d; numbers are in [0, 999], and no difference is below 0"
              .formatted(a, operation.word, b));
    }
  }

  /** The result. */
  public int result() {
    return switch (operation) {
      case PLUS -> a + b;
      case MINUS -> a - b;
      case TIMES -> a * b;
    };
  }

  /** For example {@code 12 + 7}. */
  public String digits() {
    return a + " " + operation.sign + " " + b;
  }

  /** For example {@code twelve plus seven}. */
  public String words() {
    return Numbers.words(a) + " " + operation.word + " " + Numbers.words(b);
  }

  /** For example {@code What is 12 plus 7?}. */
  public String question() {
    return "What is " + a + " " + operation.word + " " + b + "?";
  }
}
