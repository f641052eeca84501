package dev.gamelan.eval.api;

/** A service refused, or didn't answer in the end. Messages never carry a key. */
public final class ApiException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  ApiException(String message) {
    super(message);
  }
}
