package dev.gamelan.text.train;

import java.util.Arrays;

/**
 * All different words, one after the other, as rows of tokens in one array: a token stands at the
 * place of its first byte, the place of its last byte points back to the first, and between words
 * there is a wall. So the neighbours of a token are found without links, and merging two changes
 * three numbers, however long the word is.
 */
final class TokenRow {
  static final int WALL = Integer.MIN_VALUE;
  private static final int BLOCK = 16;
  private final int[] cells;
  private final TokenBytes tokens;
  // Words by the place after their last byte; the first word that ends behind the start of a block.
  private final int[] ends;
  private final long[] counts;
  private final int[] firstWord;

  /** Says what tokens words begin as. */
  interface Alphabet {
    /** The token of the character at {@code text[from]}, or -1 to leave the byte out. */
    int token(byte[] text, int from);
  }

  /**
   * All of {@code words} as tokens of {@code alphabet}, each of them a character or a byte long; a
   * character that has none is a wall.
   */
  TokenRow(WordCounts words, Alphabet alphabet, TokenBytes tokens) {
    this.tokens = tokens;
    long length = (long) words.totalBytes() + words.size() + 1;
    if (length > Integer.MAX_VALUE - 64) {
      throw new IllegalStateException(
          "tokenizer training: the different words of the text take more than 2 GiB; train on a"
              + " sample of it");
    }
    cells = new int[(int) length];
    ends = new int[words.size()];
    counts = new long[words.size()];
    cells[0] = WALL;
    int at = 1;
    for (int w = 0; w < words.size(); w++) {
      for (int i = words.start(w); i < words.end(w); ) {
        int token = alphabet.token(words.bytes(), i);
        int width = token < 0 ? 1 : tokens.length(token);
        cells[at] = token < 0 ? WALL : token;
        for (int p = at + 1; p < at + width; p++) {
          cells[p] = ~at;
        }
        at += width;
        i += width;
      }
      ends[w] = at;
      counts[w] = words.count(w);
      cells[at++] = WALL;
    }
    firstWord = new int[cells.length / BLOCK + 1];
    for (int b = 0, w = 0; b < firstWord.length; b++) {
      while (w < ends.length - 1 && ends[w] <= b * BLOCK) {
        w++;
      }
      firstWord[b] = w;
    }
  }

  int length() {
    return cells.length;
  }

  /** The token that begins at {@code place}; negative where none does. */
  int at(int place) {
    return cells[place];
  }

  /** The place after the token at {@code place}: the next token or a wall. */
  int next(int place) {
    return place + tokens.length(cells[place]);
  }

  /** The place of the token before {@code place}, or of the wall. */
  int previous(int place) {
    int cell = cells[place - 1];
    return cell >= 0 || cell == WALL ? place - 1 : ~cell;
  }

  /** How often the word at {@code place} occurs. */
  long count(int place) {
    int w = firstWord[place / BLOCK];
    while (ends[w] <= place) {
      w++;
    }
    return counts[w];
  }

  /** Makes the tokens at {@code place} and {@code next} one. */
  void merge(int place, int next, int merged) {
    int last = next + tokens.length(cells[next]) - 1;
    cells[next] = ~place;
    cells[last] = ~place;
    cells[place] = merged;
  }

  @Override
  public String toString() {
    return Arrays.toString(cells);
  }
}
