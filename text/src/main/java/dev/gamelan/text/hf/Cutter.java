package dev.gamelan.text.hf;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.split.Pieces;
import dev.gamelan.text.split.SplitBehavior;
import dev.gamelan.text.split.Splitter;
import dev.gamelan.text.split.Splitter.PlainNewlines;
import dev.gamelan.text.unicode.Utf8;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A pre-tokenizer made ready: its stages in order. Immutable. */
final class Cutter {
  private sealed interface Stage {}

  private record Cut(Splitter splitter) implements Stage {}

  private record PrefixSpace() implements Stage {}

  private record Spaces(byte[] replacement, PreTokenizer.Metaspace.Prepend prepend, boolean split)
      implements Stage {}

  private final List<Stage> stages = new ArrayList<>();
  private boolean bytes;

  Cutter(Optional<PreTokenizer> preTokenizer) {
    preTokenizer.ifPresent(this::add);
  }

  /** Whether pieces are seen as bytes. */
  boolean byteLevel() {
    return bytes;
  }

  private void add(PreTokenizer preTokenizer) {
    if (bytes) {
      throw new InvalidTokenizerException(
          "pre_tokenizer: a pre-tokenizer after ByteLevel, "
              + preTokenizer
              + ", is not supported; ByteLevel must be the last");
    }
    switch (preTokenizer) {
      case PreTokenizer.ByteLevel b -> {
        if (b.addPrefixSpace()) {
          stages.add(new PrefixSpace());
        }
        if (b.useRegex()) {
          stages.add(new Cut(Splitter.gpt2()));
        }
        bytes = true;
      }
      case PreTokenizer.Split s ->
          stages.add(
              new Cut(
                  switch (s.pattern()) {
                    case TextPattern.Literal(String text) ->
                        Splitter.literal(text, s.behavior(), s.invert());
                    case TextPattern.Regex(String expression) ->
                        Splitter.regex(expression, s.behavior(), s.invert());
                  }));
      case PreTokenizer.Digits d -> stages.add(new Cut(Splitter.digits(d.individualDigits())));
      case PreTokenizer.Metaspace m ->
          stages.add(new Spaces(Utf8.encode(m.replacement()), m.prepend(), m.split()));
      case PreTokenizer.Bert() -> {
        stages.add(new Cut(Splitter.whiteSpace()));
        stages.add(new Cut(Splitter.punctuation()));
      }
      case PreTokenizer.Whitespace() -> stages.add(new Cut(Splitter.words()));
      case PreTokenizer.WhitespaceSplit() -> stages.add(new Cut(Splitter.whiteSpace()));
      case PreTokenizer.Punctuation(SplitBehavior behavior) ->
          stages.add(
              new Cut(
                  behavior == SplitBehavior.ISOLATED
                      ? Splitter.punctuation()
                      : Splitter.regex("[\\p{P}$+<=>^`|~]", behavior, false)));
      case PreTokenizer.CharDelimiterSplit(String delimiter) ->
          stages.add(new Cut(Splitter.delimiter(delimiter.codePointAt(0))));
      case PreTokenizer.UnicodeScripts() -> stages.add(new Cut(Splitter.scripts()));
      case PreTokenizer.Sequence s -> s.pretokenizers().forEach(this::add);
    }
  }

  /** Whether a text can be cut in two at plain newlines without changing a piece. */
  boolean independentLines() {
    boolean boundaries = false;
    for (Stage stage : stages) {
      PlainNewlines newlines =
          switch (stage) {
            case Cut(Splitter splitter) -> splitter.plainNewlines();
            case PrefixSpace _, Spaces _ -> PlainNewlines.UNKNOWN;
          };
      if (newlines == PlainNewlines.UNKNOWN) {
        return false;
      }
      boundaries |= newlines == PlainNewlines.BOUNDARIES;
    }
    return boundaries;
  }

  /**
   * The pieces of {@code text[from, to)}, in one of the two lists.
   *
   * @param atStart whether this is the beginning of the text, not what follows an added token
   */
  Pieces cut(byte[] text, int from, int to, boolean atStart, Pieces one, Pieces other) {
    Pieces pieces = one;
    pieces.reset(text, from);
    int first = 0;
    if (!stages.isEmpty() && stages.getFirst() instanceof Cut(Splitter splitter)) {
      splitter.split(text, from, to, pieces);
      first = 1;
    } else {
      pieces.add(to);
    }
    for (int s = first; s < stages.size(); s++) {
      Pieces next = pieces == one ? other : one;
      switch (stages.get(s)) {
        case Cut(Splitter splitter) -> cutAgain(pieces, splitter, next);
        case PrefixSpace _ -> prefix(pieces, next);
        case Spaces spaces -> rewrite(pieces, spaces, atStart, next);
      }
      pieces = next;
    }
    return pieces;
  }

  private static void cutAgain(Pieces pieces, Splitter splitter, Pieces out) {
    out.reset(pieces.text(), pieces.start(0));
    for (int i = 0; i < pieces.size(); i++) {
      if (pieces.dropped(i)) {
        out.drop(pieces.end(i));
      } else {
        splitter.split(pieces.text(), pieces.start(i), pieces.end(i), out);
      }
    }
  }

  private static void rewrite(Pieces pieces, Spaces spaces, boolean atStart, Pieces out) {
    byte[] text = pieces.text();
    byte[] mark = spaces.replacement();
    long length = 0;
    for (int i = 0; i < pieces.size(); i++) {
      length += mark.length;
      for (int p = pieces.start(i); p < pieces.end(i); p++) {
        length += text[p] == ' ' ? mark.length : 1;
      }
    }
    byte[] written = new byte[Math.toIntExact(length)];
    out.reset(written, 0);
    int at = 0;
    for (int i = 0; i < pieces.size(); i++) {
      if (pieces.dropped(i)) {
        continue;
      }
      int start = pieces.start(i);
      int end = pieces.end(i);
      boolean wanted =
          switch (spaces.prepend()) {
            case ALWAYS -> true;
            case FIRST -> atStart && i == 0;
            case NEVER -> false;
          };
      if (wanted && text[start] != ' ' && !startsWith(text, start, end, mark)) {
        System.arraycopy(mark, 0, written, at, mark.length);
        at += mark.length;
      }
      for (int p = start; p < end; p++) {
        boolean space = text[p] == ' ';
        if (spaces.split() && (space || startsWith(text, p, end, mark))) {
          out.add(at);
        }
        if (space) {
          System.arraycopy(mark, 0, written, at, mark.length);
          at += mark.length;
        } else {
          written[at++] = text[p];
        }
      }
      out.add(at);
    }
  }

  private static boolean startsWith(byte[] text, int from, int to, byte[] mark) {
    return to - from >= mark.length
        && Arrays.equals(text, from, from + mark.length, mark, 0, mark.length);
  }

  private static void prefix(Pieces pieces, Pieces out) {
    byte[] text = pieces.text();
    byte[] spaced = new byte[pieces.end(pieces.size() - 1) - pieces.start(0) + pieces.size()];
    out.reset(spaced, 0);
    int at = 0;
    for (int i = 0; i < pieces.size(); i++) {
      if (pieces.dropped(i)) {
        continue;
      }
      int start = pieces.start(i);
      if (text[start] != ' ') {
        spaced[at++] = ' ';
      }
      System.arraycopy(text, start, spaced, at, pieces.end(i) - start);
      at += pieces.end(i) - start;
      out.add(at);
    }
  }
}
