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

  TokenRow(WordCounts words, int[] byteTokens, TokenBytes tokens) {
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
      for (int i = words.start(w); i < words.end(w); i++) {
        cells[at++] = byteTokens[words.bytes()[i] & 0xFF];
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
