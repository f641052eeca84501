package dev.gamelan.hub;

import java.time.Duration;

/**
 * What only tests choose.
 *
 * @param partBytes a request asks for so many bytes at most
 * @param attempts how often a request is tried that brings nothing
 * @param stall a connection that brings nothing for so long is given up
 * @param pause how to wait
 */
record Tuning(long partBytes, int attempts, Duration stall, Pause pause) {
  /** Waits. */
  interface Pause {
    void of(Duration time) throws InterruptedException;
  }

  static final Tuning USUAL =
      new Tuning(32 << 20, 6, Duration.ofSeconds(30), time -> Thread.sleep(time));
}
