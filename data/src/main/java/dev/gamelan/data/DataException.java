package dev.gamelan.data;

/**
 * Data that cannot be read or written: the message names the operation, the place (file, line, byte
 * offset), the rule and the remedy.
 */
public final class DataException extends RuntimeException {
  public DataException(String message) {
    super(message);
  }

  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
