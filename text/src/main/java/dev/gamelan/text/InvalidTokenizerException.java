package dev.gamelan.text;

/**
 * A tokenizer's files say something that can't be: they are damaged, contradict themselves, or ask
 * for what isn't supported. The message names the file or the key, what it holds, and the rule.
 */
public final class InvalidTokenizerException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /** With the whole message. */
  public InvalidTokenizerException(String message) {
    super(message);
  }

  /** With the whole message and what led to it. */
  public InvalidTokenizerException(String message, Throwable cause) {
    super(message, cause);
  }
}
