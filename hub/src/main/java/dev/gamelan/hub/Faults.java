package dev.gamelan.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** What a request can come back with that isn't final. */
final class Faults {
  private Faults() {}

  /** The server asks to come again. */
  static final class Busy extends IOException {
    private static final long serialVersionUID = 1;
    private final transient Optional<Duration> after;

    Busy(String message, Optional<Duration> after) {
      super(message);
      this.after = after;
    }

    /** When to come again, if it said so. */
    Optional<Duration> after() {
      return after;
    }
  }

  /** A signed address that was good a while ago is good no more. */
  static final class Expired extends IOException {
    private static final long serialVersionUID = 1;

    Expired(String message) {
      super(message);
    }
  }

  /** The bytes are not those of the file that was listed. */
  static final class WrongContent extends IOException {
    private static final long serialVersionUID = 1;

    WrongContent(String message) {
      super(message);
    }
  }
}
