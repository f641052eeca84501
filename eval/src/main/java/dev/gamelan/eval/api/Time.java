package dev.gamelan.eval.api;

import java.time.Duration;

/** The clock that waiting goes by; tests have their own. */
interface Time {
  /** Since any moment that stays the same. */
  long nanos();

  void sleep(Duration duration) throws InterruptedException;

  /** The machine's. */
  static Time real() {
    return new Time() {
      @Override
      public long nanos() {
        return System.nanoTime();
      }

      @Override
      public void sleep(Duration duration) throws InterruptedException {
        Thread.sleep(duration);
      }
    };
  }
}
