package dev.gamelan.text.split;

import dev.gamelan.text.unicode.Utf8;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Expressions of the form {@code A?B{m,n}}, where A and B are single characters or classes: runs of
 * one kind of characters with perhaps one of another before. Such are the stages that DeepSeek's,
 * Falcon's and Bloom's pre-tokenizers are made of: {@code \p{N}{1,3}}, {@code \s?\p{L}+}, {@code
 * [\r\n]}, {@code [0-9][0-9][0-9]}, {@code \s+$}.
 */
final class RunSplitter implements Splitter {
  private static final Pattern COUNT = Pattern.compile("\\{(\\d{1,3})(?:,(\\d{1,3}))?}");
  private static final String SPECIAL = ".^$*+?(){}|[]\\";
  private final Optional<CharSet> before;
  private final CharSet body;
  private final int least;
  private final int most;
  private final boolean atLineEnd;
  private final SplitBehavior behavior;
  private final boolean invert;

  private RunSplitter(
      Optional<CharSet> before,
      CharSet body,
      int least,
      int most,
      boolean atLineEnd,
      SplitBehavior behavior,
      boolean invert) {
    this.before = before;
    this.body = body;
    this.least = least;
    this.most = most;
    this.atLineEnd = atLineEnd;
    this.behavior = behavior;
    this.invert = invert;
  }

  /** The splitter, if the expression is of the form. */
  static Optional<Splitter> of(String expression, SplitBehavior behavior, boolean invert) {
    int end = atom(expression, 0);
    if (end < 0) {
      return Optional.empty();
    }
    Optional<CharSet> before = Optional.empty();
    int start = 0;
    if (end + 1 < expression.length() && expression.charAt(end) == '?') {
      before = Optional.of(new CharSet(expression.substring(0, end)));
      start = end + 1;
      end = atom(expression, start);
      if (end < 0) {
        return Optional.empty();
      }
    }
    String atom = expression.substring(start, end);
    String rest = expression.substring(end);
    boolean atLineEnd = rest.endsWith("$") && rest.equals("+$") && before.isEmpty();
    rest = atLineEnd ? "+" : rest;
    Matcher count = COUNT.matcher(rest);
    int least;
    int most;
    if (rest.equals("+")) {
      least = 1;
      most = Integer.MAX_VALUE;
    } else if (count.matches()) {
      least = Integer.parseInt(count.group(1));
      most = count.group(2) == null ? least : Integer.parseInt(count.group(2));
    } else if (rest.equals(atom.repeat(rest.length() / atom.length()))) {
      least = rest.length() / atom.length() + 1;
      most = least;
    } else {
      return Optional.empty();
    }
    if (least < 1 || most < least) {
      return Optional.empty();
    }
    return Optional.of(
        new RunSplitter(before, new CharSet(atom), least, most, atLineEnd, behavior, invert));
  }

  // The end of the character or class that begins at i; -1 for anything else.
  private static int atom(String e, int i) {
    if (i >= e.length()) {
      return -1;
    }
    char c = e.charAt(i);
    if (c == '\\') {
      return escape(e, i);
    } else if (c != '[') {
      return SPECIAL.indexOf(c) < 0 && !Character.isSurrogate(c) ? i + 1 : -1;
    }
    int depth = 0;
    while (i < e.length()) {
      c = e.charAt(i);
      if (c == '\\') {
        i++;
      } else if (c == '[') {
        depth++;
      } else if (c == ']' && --depth == 0) {
        return i + 1;
      }
      i++;
    }
    return -1;
  }

  private static int escape(String e, int i) {
    if (i + 1 >= e.length()) {
      return -1;
    }
    char c = e.charAt(i + 1);
    if (c == 'p' || c == 'P') {
      return i + 2 < e.length() && e.charAt(i + 2) == '{' ? e.indexOf('}', i) + 1 : -1;
    }
    return "sSdDwWhrnt".indexOf(c) >= 0 ? i + 2 : -1;
  }

  @Override
  public void split(byte[] s, int from, int to, Pieces out) {
    Cuts cuts = new Cuts(from, behavior, invert, out);
    int p = from;
    while (p < to) {
      int end = end(s, p, to);
      if (end > 0) {
        cuts.match(p, end);
        p = end;
      } else {
        // Where a run doesn't end a line, no end of it does.
        p = Math.max(p + Utf8.length(s[p]), atLineEnd ? body.run(s, p, to) : 0);
      }
    }
    cuts.finish(to);
  }

  @Override
  public PlainNewlines plainNewlines() {
    boolean newlines = body.has('\n') || before.isPresent() && before.get().has('\n');
    return behavior == SplitBehavior.ISOLATED && !newlines && !atLineEnd
        ? PlainNewlines.HARMLESS
        : PlainNewlines.UNKNOWN;
  }

  // Of the match at p; -1 if there is none.
  private int end(byte[] s, int p, int to) {
    if (before.isPresent() && before.get().at(s, p)) {
      int end = run(s, p + Utf8.length(s[p]), to);
      if (end > 0) {
        return end;
      }
    }
    return run(s, p, to);
  }

  private int run(byte[] s, int p, int to) {
    int start = p;
    int n = 0;
    while (n < most && p < to && body.at(s, p)) {
      p += Utf8.length(s[p]);
      n++;
    }
    if (!atLineEnd || p == to || s[p] == '\n') {
      return n < least ? -1 : p;
    }
    // Before the last newline of the run, if something stands before it.
    for (int i = p - 1; i > start; i--) {
      if (s[i] == '\n') {
        return i;
      }
    }
    return -1;
  }
}
