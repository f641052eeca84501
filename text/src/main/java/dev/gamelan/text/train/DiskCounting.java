package dev.gamelan.text.train;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Asks for words to be counted on disk: tables that are full are sorted and written as runs, which
 * are merged in the end, so that memory is bounded by the different words of the whole corpus
 * alone. What has been counted stays in the folder: a training that was interrupted goes on where
 * it stopped. The result is the same as with counts in memory.
 *
 * @param folder where counts are kept; for nothing else
 * @param memory how many bytes the tables may take, at least 1 MiB
 * @param leastCount words that occur fewer times are left out; 1 keeps all
 * @param corpus what is counted, in words: continued are only counts of the same
 */
public record DiskCounting(Path folder, long memory, long leastCount, String corpus) {
  private static final long LEAST_MEMORY = 1 << 20;

  public DiskCounting {
    if (memory < LEAST_MEMORY || leastCount < 1) {
      throw new IllegalArgumentException(
          "tokenizer training: memory for counts (%d) must be at least %d bytes, and leastCount (%d) 1"
              .formatted(memory, LEAST_MEMORY, leastCount));
    }
  }

  /** Removes the counts, and the folder if nothing else is in it: for when training is done. */
  public void delete() throws IOException {
    CountFolder.delete(folder);
  }
}
