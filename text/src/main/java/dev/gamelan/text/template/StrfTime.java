package dev.gamelan.text.template;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** Python's {@code datetime.now().strftime}, in English. */
final class StrfTime {
  private StrfTime() {}

  static String format(String pattern, Clock clock) {
    ZonedDateTime now = ZonedDateTime.now(clock);
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c != '%' || i + 1 == pattern.length()) {
        out.append(c);
        continue;
      }
      char directive = pattern.charAt(++i);
      boolean bare = directive == '-' && i + 1 < pattern.length();
      if (bare) {
        directive = pattern.charAt(++i);
      }
      String field = field(directive, now);
      out.append(bare ? field.replaceFirst("^[0 ]+(?=.)", "") : field);
    }
    return out.toString();
  }

  private static String field(char directive, ZonedDateTime now) {
    return switch (directive) {
      case 'a' -> text("EEE", now);
      case 'A' -> text("EEEE", now);
      case 'b', 'h' -> text("MMM", now);
      case 'B' -> text("MMMM", now);
      case 'c' -> text("EEE MMM ", now) + padded(now.getDayOfMonth()) + text(" HH:mm:ss yyyy", now);
      case 'C' -> two(now.getYear() / 100);
      case 'd' -> text("dd", now);
      case 'D', 'x' -> text("MM/dd/yy", now);
      case 'e' -> padded(now.getDayOfMonth());
      case 'f' -> "%06d".formatted(now.getNano() / 1000);
      case 'F' -> text("yyyy-MM-dd", now);
      case 'G' -> "" + now.get(IsoFields.WEEK_BASED_YEAR);
      case 'H' -> text("HH", now);
      case 'I' -> text("hh", now);
      case 'j' -> text("DDD", now);
      case 'm' -> text("MM", now);
      case 'M' -> text("mm", now);
      case 'n' -> "\n";
      case 'p' -> now.getHour() < 12 ? "AM" : "PM";
      case 'R' -> text("HH:mm", now);
      case 's' -> "" + now.toEpochSecond();
      case 'S' -> text("ss", now);
      case 't' -> "\t";
      case 'T', 'X' -> text("HH:mm:ss", now);
      case 'u' -> "" + now.get(ChronoField.DAY_OF_WEEK);
      case 'U' -> two((now.getDayOfYear() + 6 - now.get(ChronoField.DAY_OF_WEEK) % 7) / 7);
      case 'V' -> two(now.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      case 'w' -> "" + now.get(ChronoField.DAY_OF_WEEK) % 7;
      case 'W' -> two((now.getDayOfYear() + 6 - (now.get(ChronoField.DAY_OF_WEEK) + 6) % 7) / 7);
      case 'y' -> text("yy", now);
      case 'Y' -> "" + now.getYear();
      // A datetime that knows no zone, as datetime.now() is, has neither.
      case 'z', 'Z' -> "";
      case '%' -> "%";
      default -> "%" + directive;
    };
  }

  private static String text(String pattern, ZonedDateTime now) {
    return DateTimeFormatter.ofPattern(pattern, Locale.US).format(now);
  }

  private static String two(int number) {
    return "%02d".formatted(number);
  }

  private static String padded(int number) {
    return "%2d".formatted(number);
  }
}
