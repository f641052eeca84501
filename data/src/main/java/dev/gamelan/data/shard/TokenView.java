package dev.gamelan.data.shard;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Some of a dataset's tokens as one sequence, e.g. those of the training documents. Positions run
 * from 0 to {@link #tokens}. Immutable; lives as long as its dataset.
 */
public final class TokenView {
  private final TokenDataset dataset;

  /** Run r covers dataset positions [runs[2r], runs[2r + 1]); runs are in order, apart. */
  private final long[] runs;

  /** View position at which run r starts; one more for the end. */
  private final long[] starts;

  TokenView(TokenDataset dataset, long[] runs) {
    this.dataset = dataset;
    this.runs = runs;
    this.starts = new long[runs.length / 2 + 1];
    for (int r = 0; r < runs.length / 2; r++) {
      starts[r + 1] = starts[r] + runs[2 * r + 1] - runs[2 * r];
    }
  }

  /** The dataset the tokens lie in. */
  public TokenDataset dataset() {
    return dataset;
  }

  /** The number of tokens. */
  public long tokens() {
    return starts[starts.length - 1];
  }

  /** SHA-256, hexadecimal, over the dataset's fingerprint and which of its tokens these are. */
  public String fingerprint() {
    Digest digest = new Digest().field(dataset.manifest().fingerprint());
    for (long bound : runs) {
      digest.field(bound);
    }
    return digest.hex();
  }

  /** The token at a position of this view. */
  public int token(long position) {
    return dataset.token(datasetPosition(position));
  }

  /** Where a position of this view lies in the dataset. */
  public long datasetPosition(long position) {
    check(position, 1);
    int r = run(position);
    return runs[2 * r] + position - starts[r];
  }

  /**
   * Copies tokens [position, position + count) as int32 in native order.
   *
   * @param target receives 4·count bytes
   * @param offset of the first, in bytes
   */
  public void copy(long position, int count, MemorySegment target, long offset) {
    check(position, count);
    int done = 0;
    for (int r = count == 0 ? 0 : run(position); done < count; r++) {
      long skip = position + done - starts[r];
      int n = (int) Math.min(count - done, starts[r + 1] - starts[r] - skip);
      dataset.copy(runs[2 * r] + skip, n, target, offset + 4L * done);
      done += n;
    }
  }

  /** The documents that tokens [position, position + count) come from, in order. */
  public List<DocumentEntry> documents(long position, int count) {
    check(position, count);
    List<DocumentEntry> found = new ArrayList<>();
    long done = 0;
    for (int r = count == 0 ? 0 : run(position); done < count; r++) {
      long skip = position + done - starts[r];
      long n = Math.min(count - done, starts[r + 1] - starts[r] - skip);
      long at = runs[2 * r] + skip;
      long end = at + n;
      while (at < end) {
        DocumentEntry entry = dataset.documentAt(at);
        if (found.isEmpty() || found.getLast().index() != entry.index()) {
          found.add(entry);
        }
        at = entry.end();
      }
      done += n;
    }
    return found;
  }

  private int run(long position) {
    int found = Arrays.binarySearch(starts, position);
    return found >= 0 ? found : -found - 2;
  }

  private void check(long position, int count) {
    if (position < 0 || count < 0 || position > tokens() - count) {
      throw new IllegalArgumentException(
          "token view: tokens [%d, %d) asked; they must lie in [0, %d)"
              .formatted(position, position + count, tokens()));
    }
  }
}
