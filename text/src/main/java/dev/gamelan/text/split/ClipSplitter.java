package dev.gamelan.text.split;

import static dev.gamelan.text.split.Ascii.NUMBER_CLASS;
import static dev.gamelan.text.split.Ascii.SPACE_CLASS;

import dev.gamelan.text.unicode.Utf8;
import java.nio.charset.StandardCharsets;

/**
 * {@code
 * <\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+}
 * (CLIP), as an automaton; white space is what lies between matches.
 */
final class ClipSplitter implements Splitter {
  private static final byte[] START = "<|startoftext|>".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] END = "<|endoftext|>".getBytes(StandardCharsets.US_ASCII);
  private final boolean dropped;

  /**
   * An automaton.
   *
   * @param dropped whether white space is dropped
   */
  ClipSplitter(boolean dropped) {
    this.dropped = dropped;
  }

  @Override
  public void split(byte[] s, int from, int to, Pieces out) {
    int p = from;
    while (p < to) {
      int c = Ascii.classAt(s, p);
      if (c == SPACE_CLASS) {
        p = Ascii.run(s, p, to, c);
        out.addOrDrop(p, dropped);
        continue;
      }
      int end = -1;
      if (s[p] == '\'') {
        end = Ascii.contraction(s, p, to, false);
      } else if (s[p] == '<') {
        end = literal(START, s, p, to);
        end = end < 0 ? literal(END, s, p, to) : end;
      }
      if (end < 0) {
        end = c == NUMBER_CLASS ? p + Utf8.length(s[p]) : Ascii.run(s, p, to, c);
      }
      out.add(end);
      p = end;
    }
  }

  private static int literal(byte[] literal, byte[] s, int p, int to) {
    int n = literal.length;
    return to - p >= n && java.util.Arrays.equals(literal, 0, n, s, p, p + n) ? p + n : -1;
  }
}
