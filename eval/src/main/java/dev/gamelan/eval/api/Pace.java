package dev.gamelan.eval.api;

import java.time.Duration;

/**
 * Spreads requests so that neither they nor their tokens exceed what a minute allows, without
 * bursts; and holds all of them while a service has asked for patience. Safe for concurrent use.
 */
final class Pace {
  private static final double MINUTE = 60e9;

  private final double requests;
  private final double tokens;
  private final Time time;
  private long nextRequest;
  private long nextTokens;
  private long held;

  /** Limits a minute; 0 = none. */
  Pace(double requests, double tokens, Time time) {
    this.requests = requests;
    this.tokens = tokens;
    this.time = time;
    this.nextRequest = time.nanos();
    this.nextTokens = nextRequest;
    this.held = nextRequest;
  }

  /** Waits for the turn of a request of so many tokens. */
  void turn(long size) throws InterruptedException {
    long wait;
    synchronized (this) {
      long now = time.nanos();
      long at = Math.max(now, Math.max(held, Math.max(nextRequest, nextTokens)));
      nextRequest = requests > 0 ? at + (long) (MINUTE / requests) : now;
      nextTokens = tokens > 0 ? at + (long) (MINUTE * size / tokens) : now;
      wait = at - now;
    }
    if (wait > 0) {
      time.sleep(Duration.ofNanos(wait));
    }
  }

  /** Nobody's turn comes before so long. */
  synchronized void hold(Duration duration) {
    held = Math.max(held, time.nanos() + duration.toNanos());
  }
}
