package dev.gamelan.app.console;

import java.io.PrintStream;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * One line on stderr that tells how far the work is. On a terminal it is redrawn in place up to ten
 * times a second; elsewhere (a file, CI) it is printed as a line of its own every few seconds. Safe
 * for several threads.
 */
public final class LiveLine implements AutoCloseable {
  /** Carriage return, erase the line, and no wrapping, so that a narrow window clips it. */
  private static final String REDRAW = "\r\033[K\033[?7l";

  private static final String WRAP_AGAIN = "\033[?7h";

  private final PrintStream err;
  private final boolean live;
  private final LongSupplier nanoTime;
  private final long pause;
  private final long began;
  private long shownAt;
  private boolean shown;
  private boolean closed;
  private String last = "";

  /** A line on the shell's stderr: ten times a second if it is a terminal, else every 5 seconds. */
  public LiveLine(Shell shell) {
    this(
        shell.err(),
        shell.errIsLive(),
        shell.errIsLive() ? Duration.ofMillis(100) : Duration.ofSeconds(5),
        System::nanoTime);
  }

  /**
   * @param live whether the line can be redrawn in place
   * @param pause the time that at least passes between two drawings
   * @param nanoTime a clock in nanoseconds that never goes back
   */
  public LiveLine(PrintStream err, boolean live, Duration pause, LongSupplier nanoTime) {
    this.err = err;
    this.live = live;
    this.nanoTime = nanoTime;
    this.pause = pause.toNanos();
    this.began = nanoTime.getAsLong();
    this.shownAt = began;
  }

  /** Shows a state, unless one was shown just now; {@code text} is asked only if it is shown. */
  public synchronized void show(Supplier<String> text) {
    if (closed) {
      return;
    }
    long now = nanoTime.getAsLong();
    // On a terminal the first state shows at once; a log is spared what lasts under one pause.
    boolean first = live && !shown;
    if (first || now - shownAt >= pause) {
      draw(text.get());
      shownAt = now;
    }
  }

  /** Prints a line that stays, above the live one: a sample, a checkpoint, a warning. */
  public synchronized void say(String line) {
    if (live && shown && !closed) {
      err.print("\r\033[K" + line + System.lineSeparator());
      draw(last);
    } else {
      err.println(line);
    }
  }

  /** Shows the last state, which stays, and ends the line. */
  public synchronized void finish(Supplier<String> text) {
    if (!closed) {
      draw(text.get());
      close();
    }
  }

  /** Ends the line as it stands. Nothing is shown after that. */
  @Override
  public synchronized void close() {
    if (!closed && live && shown) {
      err.println();
    }
    closed = true;
    err.flush();
  }

  /** Time since this line was made. */
  Duration elapsed() {
    return Duration.ofNanos(nanoTime.getAsLong() - began);
  }

  /** The clock, in nanoseconds. */
  long now() {
    return nanoTime.getAsLong();
  }

  private void draw(String text) {
    if (live) {
      err.print(REDRAW + text + WRAP_AGAIN);
    } else {
      err.println(text);
    }
    err.flush();
    shown = true;
    last = text;
  }
}
