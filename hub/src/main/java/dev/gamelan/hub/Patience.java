package dev.gamelan.hub;

import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import javax.net.ssl.SSLException;

/** How often something is tried again, and how long is waited before: for one request. */
final class Patience {
  private static final int WITHOUT_CONNECTION = 3;
  private static final Duration WORTH_TELLING = Duration.ofSeconds(4);

  private final Tuning tuning;
  private final String what;
  private final PullListener listener;
  private int failures;

  /**
   * @param what the request, for messages
   * @param listener told of waits that somebody would wonder about
   */
  Patience(Tuning tuning, String what, PullListener listener) {
    this.tuning = tuning;
    this.what = what;
    this.listener = listener;
  }

  /** Something came: earlier failures count no more. */
  void progressed() {
    failures = 0;
  }

  /**
   * Waits before the next attempt: as long as the server asked for, else 1, 2, 4, … seconds.
   *
   * @throws HubException if that was the last
   */
  void failed(IOException why) throws IOException, InterruptedException {
    if (why instanceof HubException || why instanceof SSLException) {
      throw why instanceof HubException ? why : new HubException(what + ": " + reason(why), why);
    }
    failures++;
    int limit =
        why instanceof ConnectException
            ? Math.min(WITHOUT_CONNECTION, tuning.attempts())
            : tuning.attempts();
    if (failures >= limit) {
      throw new HubException(
          "%s: %s; given up after %d attempts. What has come is kept: the same command goes on from there"
              .formatted(what, reason(why), failures),
          why);
    }
    Duration usual = Duration.ofSeconds(1L << Math.min(failures - 1, 6));
    Duration wait = why instanceof Faults.Busy busy ? busy.after().orElse(usual) : usual;
    if (wait.compareTo(WORTH_TELLING) >= 0) {
      listener.said("%s: %s; trying again in %d s".formatted(what, reason(why), wait.toSeconds()));
    }
    tuning.pause().of(wait);
  }

  private static String reason(IOException why) {
    // The JDK's client says nothing of hosts that don't answer, or have no address.
    if (why instanceof ConnectException) {
      return "no connection"
          + (why.getMessage() == null ? " (is there a network?)" : " (" + why.getMessage() + ")");
    }
    return why.getMessage() == null ? why.getClass().getSimpleName() : why.getMessage();
  }
}
