package dev.gamelan.app.console;

import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/**
 * Ctrl-C while something is under way that must end in order: the work sees it by asking, and the
 * JVM (which then ends with 130) waits until the work is done.
 */
public final class Interruption implements BooleanSupplier, AutoCloseable {
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook;
  private volatile boolean asked;

  /**
   * @param notice what to do at once when it comes, e.g. tell the user what happens now
   */
  public Interruption(Runnable notice) {
    hook =
        Thread.ofPlatform()
            .unstarted(
                () -> {
                  asked = true;
                  notice.run();
                  try {
                    finished.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Whether the work shall stop. */
  @Override
  public boolean getAsBoolean() {
    return asked;
  }

  /** The work has ended; a JVM that waits for it goes on. */
  @Override
  public void close() {
    finished.countDown();
    if (!asked) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException shuttingDown) {
        // The hook runs or has run: there is nothing to remove.
        finished.countDown();
      }
    }
  }
}
