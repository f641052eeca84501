package dev.gamelan.app.console;

import java.time.Duration;
import java.util.Locale;

/** Figures as people read them: three digits that count, and a unit. */
public final class Figures {
  private static final String[] BYTES = {"B", "KB", "MB", "GB", "TB", "PB", "EB"};
  private static final String[] COUNTS = {"", "k", "M", "G", "T", "P", "E"};

  private Figures() {}

  /** A count, e.g. {@code 950}, {@code 12.3k}, {@code 4.10M}. */
  public static String count(double n) {
    return scaled(n, 1000, COUNTS, "");
  }

  /** A number of bytes, in powers of 1024, e.g. {@code 17.0 MB}. */
  public static String bytes(double n) {
    return scaled(n, 1024, BYTES, " ");
  }

  /** A share of 1 as a percentage, e.g. {@code 41.2%}. */
  public static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }

  /**
   * A span of time in its two largest units, e.g. {@code 4 s}, {@code 2 min 05 s}, {@code 3 h 20
   * min}.
   */
  public static String time(Duration span) {
    long seconds = Math.max(0, span.toSeconds());
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return "%d min %02d s".formatted(seconds / 60, seconds % 60);
    }
    if (seconds < 86_400) {
      return "%d h %02d min".formatted(seconds / 3600, seconds / 60 % 60);
    }
    return "%d d %02d h".formatted(seconds / 86_400, seconds / 3600 % 24);
  }

  private static String scaled(double n, int base, String[] units, String gap) {
    if (!Double.isFinite(n)) {
      return "–";
    }
    double size = Math.abs(n);
    double left = size;
    int unit = 0;
    // 999.5 would be printed as 1000: it belongs to the next unit.
    while (left >= (unit == 0 ? base : base - 0.5) && unit < units.length - 1) {
      left /= base;
      unit++;
    }
    String digits;
    if (unit == 0) {
      digits = left == Math.rint(left) ? "%.0f" : "%.1f";
    } else {
      digits = left < 9.995 ? "%.2f" : left < 99.95 ? "%.1f" : "%.0f";
    }
    return (n < 0 ? "-" : "") + String.format(Locale.ROOT, digits, left) + gap + units[unit];
  }
}
