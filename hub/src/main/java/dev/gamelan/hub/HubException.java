package dev.gamelan.hub;

import java.io.IOException;

/** What the Hub refused, or what came from it and is wrong. The message says what to do. */
public final class HubException extends IOException {
  private static final long serialVersionUID = 1;

  HubException(String message) {
    super(message);
  }

  HubException(String message, Throwable cause) {
    super(message, cause);
  }
}
