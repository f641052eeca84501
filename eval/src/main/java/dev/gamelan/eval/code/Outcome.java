package dev.gamelan.eval.code;

/**
 * How a program ended.
 *
 * @param verdict whether it is right
 * @param detail why not: the exception, or the limit; empty if it is
 * @param output the beginning of what it printed
 */
public record Outcome(Verdict verdict, String detail, String output) {
  /** Right or not. */
  public enum Verdict {
    /** It came to its end without an exception. */
    PASSED,
    /** It ended otherwise. */
    FAILED,
    /** It didn't end in time, and was ended. */
    TIMED_OUT,
    /** It printed too much, and was ended. */
    TOO_MUCH_OUTPUT
  }

  public boolean passed() {
    return verdict == Verdict.PASSED;
  }
}
