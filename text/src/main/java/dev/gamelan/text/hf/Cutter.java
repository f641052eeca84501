package dev.gamelan.text.hf;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.split.Pieces;
import dev.gamelan.text.split.Splitter;
import dev.gamelan.text.split.Splitter.PlainNewlines;
import java.util.ArrayList;
import java.util.List;

/** A pre-tokenizer made ready: its stages in order. Immutable. */
final class Cutter {
  private sealed interface Stage {}

  private record Cut(Splitter splitter) implements Stage {}

  private record PrefixSpace() implements Stage {}

  private final List<Stage> stages = new ArrayList<>();
  private boolean bytes;

  Cutter(PreTokenizer preTokenizer) {
    add(preTokenizer);
    if (!bytes) {
      throw new InvalidTokenizerException(
          "pre_tokenizer: a BPE model without the pre-tokenizer ByteLevel is not supported");
    }
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
            case PrefixSpace _ -> PlainNewlines.UNKNOWN;
          };
      if (newlines == PlainNewlines.UNKNOWN) {
        return false;
      }
      boundaries |= newlines == PlainNewlines.BOUNDARIES;
    }
    return boundaries;
  }

  /** The pieces of {@code text[from, to)}, in one of the two lists. */
  Pieces cut(byte[] text, int from, int to, Pieces one, Pieces other) {
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
