package dev.gamelan.app.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Where an axis begins and ends, and which round values it names.
 *
 * @param low the value at its beginning
 * @param high the value at its end, above {@code low}
 * @param values the named values, rising, in [low, high]
 * @param labels their names
 */
record Ticks(double low, double high, List<Double> values, List<String> labels) {
  private static final double[] ROUND = {1, 2, 2.5, 5, 10};

  /** The ticks for values from {@code low} to {@code high}; about {@code wanted} of them. */
  static Ticks of(Axis.Scale scale, double low, double high, int wanted) {
    return switch (scale) {
      case LINEAR -> linear(low, high, wanted);
      case LOG -> logarithmic(low, high, wanted);
    };
  }

  /** The place of {@code value} between {@code low} (0) and {@code high} (1). */
  double place(Axis.Scale scale, double value) {
    return switch (scale) {
      case LINEAR -> (value - low) / (high - low);
      case LOG -> Math.log(value / low) / Math.log(high / low);
    };
  }

  private static Ticks linear(double low, double high, int wanted) {
    if (high <= low) {
      // All values are equal: some room around them.
      double room = low == 0 ? 1 : Math.abs(low) * 0.1;
      return linear(low - room, low + room, wanted);
    }
    double raw = (high - low) / wanted;
    double magnitude = Math.pow(10, Math.floor(Math.log10(raw)));
    double step = magnitude * 10;
    for (double round : ROUND) {
      if (round * magnitude >= raw * 0.999) {
        step = round * magnitude;
        break;
      }
    }
    List<Double> values = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    long first = (long) Math.ceil(low / step - 1e-9);
    long last = (long) Math.floor(high / step + 1e-9);
    for (long i = first; i <= last; i++) {
      values.add(i * step);
      labels.add(linearLabel(i * step, step, Math.max(Math.abs(low), Math.abs(high))));
    }
    return new Ticks(low, high, List.copyOf(values), List.copyOf(labels));
  }

  private static Ticks logarithmic(double low, double high, int wanted) {
    if (high <= low) {
      return logarithmic(low / 2, low * 2, wanted);
    }
    int first = (int) Math.floor(Math.log10(low) + 1e-9);
    int last = (int) Math.ceil(Math.log10(high) - 1e-9);
    int decades = last - first;
    int every = Math.max(1, (int) Math.ceil(decades / (double) wanted));
    int[] within = decades <= 2 ? new int[] {1, 2, 5} : new int[] {1};
    List<Double> values = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    for (int power = first; power <= last; power += every) {
      for (int digit : within) {
        double value = Double.parseDouble(digit + "e" + power);
        if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) {
          values.add(value);
          labels.add(label(value));
        }
      }
    }
    if (values.size() < 2) {
      // Within one decade no power of ten may fall into view: round differences serve better.
      return linear(low, high, wanted);
    }
    return new Ticks(low, high, List.copyOf(values), List.copyOf(labels));
  }

  private static String linearLabel(double value, double step, double largest) {
    if (Math.abs(value) < step * 1e-9) {
      return "0";
    }
    if (largest >= 10_000 || largest < 0.001) {
      return label(value);
    }
    int decimals = 0;
    while (decimals < 9
        && Math.abs(step * Math.pow(10, decimals) - Math.rint(step * Math.pow(10, decimals)))
            > 1e-6) {
      decimals++;
    }
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  /** A short name: {@code 2500} is {@code 2.5k}, {@code 0.00003} is {@code 3e-5}. */
  static String label(double value) {
    if (value == 0) {
      return "0";
    }
    double size = Math.abs(value);
    if (size >= 1e15 || size < 1e-3) {
      String[] parts = String.format(Locale.ROOT, "%.3e", value).split("e");
      return trimmed(parts[0]) + "e" + Integer.parseInt(parts[1]);
    }
    String[] units = {"", "k", "M", "G", "T"};
    int unit = 0;
    double left = value;
    while (Math.abs(left) >= 1000 && unit < units.length - 1) {
      left /= 1000;
      unit++;
    }
    return trimmed(String.format(Locale.ROOT, Math.abs(left) < 1 ? "%.6f" : "%.3f", left))
        + units[unit];
  }

  private static String trimmed(String digits) {
    return digits.contains(".") ? digits.replaceAll("0+$", "").replaceAll("\\.$", "") : digits;
  }
}
