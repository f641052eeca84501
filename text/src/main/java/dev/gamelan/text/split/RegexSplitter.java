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
    Cuts cuts = new Cuts(chars.text, from, behavior, out);
    Matcher matcher = pattern.matcher(chars);
    int at = 0;
    try {
      while (matcher.find()) {
        if (matcher.start() == matcher.end()) {
          continue;
        }
        cuts.stretch(at, matcher.start(), invert);
        cuts.stretch(matcher.start(), matcher.end(), !invert);
        at = matcher.end();
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
    cuts.stretch(at, chars.length(), invert);
    cuts.finish();
  }

  /** Turns matches and what lies between them into pieces, and chars into bytes. */
  private static final class Cuts {
    private final String text;
    private final SplitBehavior behavior;
    private final Pieces out;
    private int chars;
    private int bytes;
    private int pending = -1;
    private boolean pendingMatch;

    Cuts(String text, int from, SplitBehavior behavior, Pieces out) {
      this.text = text;
      this.bytes = from;
      this.behavior = behavior;
      this.out = out;
    }

    void stretch(int start, int end, boolean match) {
      if (start == end) {
        return;
      }
      int byteEnd = bytesTo(end);
      switch (behavior) {
        case REMOVED -> {
          if (match) {
            out.drop(byteEnd);
          } else {
            out.add(byteEnd);
          }
        }
        case ISOLATED -> out.add(byteEnd);
        case CONTIGUOUS -> {
          if (pending >= 0 && match != pendingMatch) {
            out.add(pending);
          }
          hold(byteEnd, match);
        }
        case MERGED_WITH_PREVIOUS -> {
          // A match joins what is held unless that is itself a match.
          if (pending >= 0 && !(match && !pendingMatch)) {
            out.add(pending);
          }
          hold(byteEnd, match);
        }
        case MERGED_WITH_NEXT -> {
          // What is held goes on only if it is a match and this is none.
          if (pending >= 0 && !(pendingMatch && !match)) {
            out.add(pending);
          }
          hold(byteEnd, match);
        }
      }
    }

    void finish() {
      if (pending >= 0) {
        out.add(pending);
      }
    }

    private void hold(int byteEnd, boolean match) {
      pending = byteEnd;
      pendingMatch = match;
    }

    private int bytesTo(int end) {
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
