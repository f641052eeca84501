package dev.gamelan.text.split;

import dev.gamelan.text.unicode.Utf8;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Any pattern, by {@link java.util.regex}, with a bound on the work of one search. */
final class RegexSplitter implements Splitter {
  private final Pattern pattern;
  private final SplitBehavior behavior;
  private final boolean invert;

  RegexSplitter(Pattern pattern, SplitBehavior behavior, boolean invert) {
    this.pattern = pattern;
    this.behavior = behavior;
    this.invert = invert;
  }

  @Override
  public void split(byte[] text, int from, int to, Pieces out) {
    Bounded chars = new Bounded(Utf8.decode(text, from, to));
    Cuts cuts = new Cuts(from, behavior, invert, out);
    Offsets offsets = new Offsets(chars.text, from);
    Matcher matcher = pattern.matcher(chars);
    try {
      while (matcher.find()) {
        if (matcher.start() < matcher.end()) {
          int start = offsets.of(matcher.start());
          cuts.match(start, offsets.of(matcher.end()));
        }
      }
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException(
          "splitting a text of "
              + chars.length()
              + " characters by /"
              + pattern
              + "/: the expression recurses too deeply; cut the text into shorter ones",
          e);
    }
    cuts.finish(to);
  }

  /** Where chars lie in the UTF-8, asked for in ascending order. */
  private static final class Offsets {
    private final String text;
    private int chars;
    private int bytes;

    Offsets(String text, int from) {
      this.text = text;
      this.bytes = from;
    }

    int of(int end) {
      while (chars < end) {
        int c = text.codePointAt(chars);
        chars += Character.charCount(c);
        bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      }
      return bytes;
    }
  }

  /** Text that a search can look at only so often, so that backtracking can't go on for ever. */
  private static final class Bounded implements CharSequence {
    private static final long LOOKS_PER_CHAR = 2_000;
    private final String text;
    private long looksLeft;

    Bounded(String text) {
      this.text = text;
      this.looksLeft = 1_000_000 + LOOKS_PER_CHAR * text.length();
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      if (--looksLeft < 0) {
        throw new IllegalArgumentException(
            "splitting a text of "
                + text.length()
                + " characters: the expression backtracks without end on it; simplify the"
                + " expression, or cut the text into shorter ones");
      }
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
