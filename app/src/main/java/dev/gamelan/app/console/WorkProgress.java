package dev.gamelan.app.console;

import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * The live line of work that is counted in bytes: how much of how much, how fast, time left. May be
 * told from several threads.
 */
public final class WorkProgress implements AutoCloseable {
  private static final long WINDOW = Duration.ofSeconds(10).toNanos();

  private final LiveLine line;
  private final String what;
  private final OptionalLong total;
  private final Rate rate;
  private long done;

  /**
   * @param line where to show it; closed with this
   * @param what the work, e.g. {@code reading}
   * @param total how many bytes there are, where that is known
   */
  public WorkProgress(LiveLine line, String what, OptionalLong total) {
    this(line, what, total, 0);
  }

  /**
   * Work that goes on where it was.
   *
   * @param before bytes that were done earlier, and don't count for the speed
   */
  public WorkProgress(LiveLine line, String what, OptionalLong total, long before) {
    this.line = line;
    this.what = what;
    this.total = total;
    this.done = before;
    this.rate = new Rate(WINDOW, line.now(), before);
  }

  /** So many bytes are done in all. */
  public synchronized void reached(long bytes) {
    done = Math.max(done, bytes);
    rate.reached(line.now(), done);
    line.show(this::text);
  }

  /** So many bytes more are done. */
  public synchronized void advance(long bytes) {
    reached(done + bytes);
  }

  /** Shows the last state, which stays. */
  public synchronized void finish() {
    line.finish(this::text);
  }

  /** Prints a line that stays, above the live one. */
  public void say(String note) {
    line.say(note);
  }

  @Override
  public void close() {
    line.close();
  }

  private String text() {
    StringBuilder text = new StringBuilder(what).append("  ").append(Figures.bytes(done));
    double perSecond = rate.perSecond();
    if (total.isPresent() && total.getAsLong() > 0) {
      text.append(" of ")
          .append(Figures.bytes(total.getAsLong()))
          .append(
              String.format(Locale.ROOT, "  %d%%", Math.min(100, 100 * done / total.getAsLong())));
    }
    if (perSecond > 0) {
      text.append("  ").append(Figures.bytes(perSecond)).append("/s");
      if (total.isPresent() && total.getAsLong() > done) {
        double left = (total.getAsLong() - done) / perSecond;
        text.append("  ")
            .append(Figures.time(Duration.ofMillis(Math.round(left * 1000))))
            .append(" left");
      }
    }
    return text.toString();
  }
}
