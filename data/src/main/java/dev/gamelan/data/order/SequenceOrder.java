package dev.gamelan.data.order;

import dev.gamelan.data.permute.Permutation;
import dev.gamelan.data.shard.DocumentEntry;
import dev.gamelan.data.shard.TokenView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Which training sequence comes when: a function of (tokens, sequence length, seed, position)
 * alone, so that batch size, run length, threads and interruptions change nothing.
 *
 * <p>The tokens are cut into windows of T + 1, each beginning with the last token of the one
 * before: every token but the first is predicted once an epoch. An epoch is a permutation of the
 * windows, drawn by the seed and the epoch; a rest shorter than a window is left out.
 */
public final class SequenceOrder {
  private final TokenView tokens;
  private final int length;
  private final long seed;
  private final long perEpoch;

  /**
   * @param length T, the number of inputs of a sequence, at least 1
   * @param seed what the run is named by
   * @throws IllegalArgumentException if there are fewer than T + 1 tokens
   */
  public SequenceOrder(TokenView tokens, int length, long seed) {
    if (length < 1) {
      throw new IllegalArgumentException(
          "sequence order: length is %d; it must be at least 1".formatted(length));
    }
    if (tokens.tokens() <= length) {
      throw new IllegalArgumentException(
          ("sequence order: %d tokens are too few for one sequence of %d and its target;"
                  + " give more text or a shorter context")
              .formatted(tokens.tokens(), length));
    }
    this.tokens = tokens;
    this.length = length;
    this.seed = seed;
    this.perEpoch = (tokens.tokens() - 1) / length;
  }

  /** T. */
  public int length() {
    return length;
  }

  /**
   * Names all that decides which sequence comes when: for a checkpoint to store and a resumed run
   * to compare.
   */
  public String fingerprint() {
    return "%s/T%d/seed%d".formatted(tokens.fingerprint(), length, seed);
  }

  /** Sequences in an epoch. */
  public long sequencesPerEpoch() {
    return perEpoch;
  }

  /** The epoch, from 0, that a position lies in. */
  public long epoch(long position) {
    check(position);
    return position / perEpoch;
  }

  /** Which window, in [0, sequencesPerEpoch), is the sequence at a position. */
  public long window(long position) {
    return new Permutation(perEpoch, seed, epoch(position)).apply(position % perEpoch);
  }

  /** The position in the tokens at which the sequence's T + 1 tokens begin. */
  public long start(long position) {
    return window(position) * length;
  }

  /** The documents that the T + 1 tokens of a sequence come from, in order. */
  public List<DocumentEntry> documentsOf(long position) {
    return tokens.documents(start(position), length + 1);
  }

  /**
   * Fills the sequences [position, position + batch).
   *
   * @param inputs int32 [batch, T] in native order: the tokens
   * @param targets int32 [batch, T]: the tokens that follow each
   * @throws IllegalArgumentException if a segment has fewer than 4·batch·T bytes
   */
  public void fill(long position, int batch, MemorySegment inputs, MemorySegment targets) {
    check(position);
    long bytes = 4L * batch * length;
    if (batch < 1 || inputs.byteSize() < bytes || targets.byteSize() < bytes) {
      throw new IllegalArgumentException(
          ("sequence order: a batch of %d × %d needs %d bytes; inputs have %d and targets %d,"
                  + " and the batch must be at least 1")
              .formatted(batch, length, bytes, inputs.byteSize(), targets.byteSize()));
    }
    long row = 4L * length;
    for (int b = 0; b < batch; b++) {
      long from = start(position + b);
      tokens.copy(from, length, inputs, b * row);
      // The targets are the inputs moved by one, and one token more.
      MemorySegment.copy(inputs, b * row + 4, targets, b * row, row - 4);
      targets.set(ValueLayout.JAVA_INT_UNALIGNED, (b + 1) * row - 4, tokens.token(from + length));
    }
  }

  private static void check(long position) {
    if (position < 0) {
      throw new IllegalArgumentException(
          "sequence order: position is %d; it must be at least 0".formatted(position));
    }
  }
}
