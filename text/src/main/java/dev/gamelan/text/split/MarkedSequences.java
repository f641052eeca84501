package dev.gamelan.text.split;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sequences between markers, {@code [START_KIND]…[END_KIND]}, that are cut character by character:
 * the expressions that say so in a {@code tokenizer.json}, and what runs in their place.
 */
public final class MarkedSequences {
  private static final String KINDS = "([A-Z_]+(?:\\|[A-Z_]+)*)";
  private static final Pattern ANY_KIND = Pattern.compile("\\\\\\[START_([A-Z_]+)\\\\\\]");
  private static final Pattern WHOLE =
      Pattern.compile(
          Pattern.quote("\\A\\[(?:START|END)_(?:") + KINDS + Pattern.quote(")\\]\\z|") + "(.*)",
          Pattern.DOTALL);
  private static final Pattern CHARACTERS =
      Pattern.compile(Pattern.quote("\\A\\[START_(?:") + KINDS + Pattern.quote(")\\]|") + ".*");

  private MarkedSequences() {}

  /** Matches sequences with their markers, up to the end of the text where the last is missing. */
  public static String spans(List<String> kinds) {
    List<String> all = new ArrayList<>();
    for (String kind : kinds) {
      all.add("\\[START_%s\\][\\s\\S]*?(?:\\[END_%s\\]|\\z)".formatted(kind, kind));
    }
    return String.join("|", all);
  }

  /**
   * Matches, in a piece that begins with a marker, the markers and every character between; nothing
   * in others, for {@code \G} goes on only behind a match.
   */
  public static String characters(List<String> kinds) {
    String any = "(?:" + String.join("|", kinds) + ")";
    return "\\A\\[START_%s\\]|\\[END_%s\\]\\z|(?!\\A)\\G[\\s\\S]".formatted(any, any);
  }

  /** Matches a piece that is a marker, else what {@code expression} matches. */
  public static String wholeOr(List<String> kinds, String expression) {
    return "\\A\\[(?:START|END)_(?:%s)\\]\\z|".formatted(String.join("|", kinds)) + expression;
  }

  /** What runs in place of one of these expressions, with matches isolated. */
  static Optional<Splitter> splitter(String expression) {
    Matcher whole = WHOLE.matcher(expression);
    if (whole.matches()) {
      Markers markers = new Markers(List.of(whole.group(1).split("\\|")));
      Splitter plain = Splitter.regex(whole.group(2), SplitBehavior.ISOLATED, false);
      return Optional.of(
          (text, from, to, out) -> {
            if (text[from] == '[' && markers.isMarker(text, from, to)) {
              out.add(to);
            } else {
              plain.split(text, from, to, out);
            }
          });
    }
    Matcher characters = CHARACTERS.matcher(expression);
    if (characters.matches()) {
      List<String> kinds = List.of(characters.group(1).split("\\|"));
      if (expression.equals(characters(kinds))) {
        return Optional.of(new Markers(kinds)::cutCharacters);
      }
    }
    List<String> kinds =
        ANY_KIND.matcher(expression).results().map(match -> match.group(1)).toList();
    return !kinds.isEmpty() && expression.equals(spans(kinds))
        ? Optional.of(new Markers(kinds)::cutSpans)
        : Optional.empty();
  }

  /** The markers of some kinds. */
  private static final class Markers {
    private final byte[][] starts;
    private final byte[][] ends;

    Markers(List<String> kinds) {
      starts = new byte[kinds.size()][];
      ends = new byte[kinds.size()][];
      for (int k = 0; k < starts.length; k++) {
        starts[k] = ("[START_" + kinds.get(k) + "]").getBytes(StandardCharsets.US_ASCII);
        ends[k] = ("[END_" + kinds.get(k) + "]").getBytes(StandardCharsets.US_ASCII);
      }
    }

    boolean isMarker(byte[] text, int from, int to) {
      for (int k = 0; k < starts.length; k++) {
        if (Arrays.equals(text, from, to, starts[k], 0, starts[k].length)
            || Arrays.equals(text, from, to, ends[k], 0, ends[k].length)) {
          return true;
        }
      }
      return false;
    }

    private int start(byte[] text, int from, int to) {
      for (int k = 0; k < starts.length; k++) {
        if (begins(text, from, to, starts[k])) {
          return k;
        }
      }
      return -1;
    }

    private static boolean begins(byte[] text, int from, int to, byte[] marker) {
      int end = from + marker.length;
      return end <= to && Arrays.equals(text, from, end, marker, 0, marker.length);
    }

    void cutSpans(byte[] text, int from, int to, Pieces out) {
      int at = from;
      for (int i = from; i < to; ) {
        int kind = text[i] == '[' ? start(text, i, to) : -1;
        if (kind < 0) {
          i++;
          continue;
        }
        int end = i + starts[kind].length;
        while (end < to && !(text[end] == '[' && begins(text, end, to, ends[kind]))) {
          end++;
        }
        end = end < to ? end + ends[kind].length : to;
        if (at < i) {
          out.add(i);
        }
        out.add(end);
        at = end;
        i = end;
      }
      if (at < to) {
        out.add(to);
      }
    }

    void cutCharacters(byte[] text, int from, int to, Pieces out) {
      int kind = text[from] == '[' ? start(text, from, to) : -1;
      if (kind < 0) {
        int last = lastEnd(text, from, to);
        if (last > from && last < to) {
          out.add(last);
        }
        out.add(to);
        return;
      }
      int at = from + starts[kind].length;
      out.add(at);
      int last = lastEnd(text, at, to);
      while (at < to) {
        at = at == last ? to : at + Math.max(1, length(text[at]));
        out.add(at);
      }
    }

    // Where a marker stands that ends the piece; its end if none does.
    private int lastEnd(byte[] text, int from, int to) {
      for (byte[] end : ends) {
        int at = to - end.length;
        if (at >= from && begins(text, at, to, end)) {
          return at;
        }
      }
      return to;
    }

    private static int length(byte first) {
      return dev.gamelan.text.unicode.Utf8.length(first);
    }
  }
}
