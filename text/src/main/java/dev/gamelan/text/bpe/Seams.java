package dev.gamelan.text.bpe;

import dev.gamelan.text.unicode.Utf8;

/**
 * Places in a word that no token spans: on their two sides the word can be encoded for itself. Long
 * runs of characters without spaces (Chinese, Thai) fall apart there into short ones that come
 * again and again, and can be remembered.
 *
 * <p>Between two characters there is a seam unless some token has both side by side, or a part of
 * one beside a part of the other. Pairs of characters are kept as bits by hash: where two pairs
 * share a bit, a seam may go unseen, which costs time only. Immutable once filled.
 */
public final class Seams {
  private final long[] pairs;
  private final int shift;
  // By the left and the right character, both of ASCII.
  private final long[] ascii = new long[1 << 8];

  // By the last byte of the left character and the first of the right, which is no continuation.
  private final long[] bytes = new long[1 << 10];

  private final boolean exist;

  /** For about {@code tokens} tokens that are not ASCII. */
  public Seams(int tokens) {
    this(tokens, true);
  }

  private Seams(int tokens, boolean exist) {
    this.exist = exist;
    // A token of n characters has n - 1 pairs, mostly one; a dozen bits for each.
    int bits = Math.clamp(32 - Integer.numberOfLeadingZeros(tokens) + 3, 12, 21);
    pairs = new long[1 << bits - 6];
    shift = 32 - bits;
  }

  /** For a model whose words can't be cut. */
  static Seams none() {
    return new Seams(0, false);
  }

  /** Whether words can be cut at all. */
  boolean exist() {
    return exist;
  }

  /** Takes note of a token. */
  public void add(byte[] token) {
    int before = 0;
    for (int i = 0; i < token.length; i++) {
      if ((token[i] & 0xC0) == 0x80) {
        continue;
      }
      int length = Utf8.length(token[i]);
      boolean whole = i + length <= token.length;
      if (i > 0) {
        if ((token[i - 1] | token[i]) >= 0) {
          ascii[token[i - 1] << 1 | token[i] >>> 6] |= 1L << token[i];
        } else if (before != 0 && whole) {
          int bit = hash(before, character(token, i));
          pairs[bit >>> 6] |= 1L << bit;
        } else {
          int bit = (token[i - 1] & 0xFF) << 8 | token[i] & 0xFF;
          bytes[bit >>> 6] |= 1L << bit;
        }
      }
      before = whole ? character(token, i) : 0;
    }
  }

  /** The first seam of well-formed {@code text[from, to)} behind {@code from}; else {@code to}. */
  public int next(byte[] text, int from, int to) {
    int before = character(text, from);
    int p = from + Utf8.length(text[from]);
    while (p < to) {
      int c = character(text, p);
      if ((before | c) >>> 7 == 0) {
        if ((ascii[before << 1 | c >>> 6] >>> c & 1) == 0) {
          return p;
        }
      } else {
        int bit = hash(before, c);
        int pair = (text[p - 1] & 0xFF) << 8 | text[p] & 0xFF;
        if ((pairs[bit >>> 6] >>> bit & 1) == 0 && (bytes[pair >>> 6] >>> pair & 1) == 0) {
          return p;
        }
      }
      before = c;
      p += Utf8.length(text[p]);
    }
    return to;
  }

  // Its bytes in a row; never 0 but for NUL, which then has seams by its byte.
  private static int character(byte[] text, int at) {
    int b = text[at];
    if (b >= 0) {
      return b;
    } else if ((b & 0xE0) == 0xC0) {
      return b & 0xFF | (text[at + 1] & 0xFF) << 8;
    } else if ((b & 0xF0) == 0xE0) {
      return b & 0xFF | (text[at + 1] & 0xFF) << 8 | (text[at + 2] & 0xFF) << 16;
    }
    return b & 0xFF | (text[at + 1] & 0xFF) << 8 | (text[at + 2] & 0xFF) << 16 | text[at + 3] << 24;
  }

  private int hash(int left, int right) {
    return (left * 0x9E3779B1 ^ right) * 0x85EBCA6B >>> shift;
  }
}
