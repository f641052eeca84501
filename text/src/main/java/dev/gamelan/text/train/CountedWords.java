package dev.gamelan.text.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Counts the words of a corpus, in memory or on disk; the counts are the same. */
final class CountedWords {
  private CountedWords() {}

  /**
   * The counts.
   *
   * @param settings what words depend on, in words
   * @throws IllegalArgumentException if there is no word, or the folder holds other counts
   */
  static WordCounts of(
      Iterator<String> texts,
      Supplier<WordScanner> scanners,
      String settings,
      int threads,
      Optional<DiskCounting> disk,
      TrainingProgress progress)
      throws InterruptedException {
    WordCounts words;
    try {
      words =
          disk.isPresent()
              ? onDisk(texts, scanners, settings, threads, disk.get(), progress)
              : inMemory(texts, scanners, threads, progress);
    } catch (IOException e) {
      throw new UncheckedIOException("tokenizer training: " + e.getMessage(), e);
    }
    if (words.size() == 0) {
      throw new IllegalArgumentException(
          "tokenizer training: the texts are empty; there is nothing to learn from");
    }
    return words;
  }

  private static WordCounts inMemory(
      Iterator<String> texts,
      Supplier<WordScanner> scanners,
      int threads,
      TrainingProgress progress)
      throws InterruptedException {
    List<WordCounts> tables =
        new WordCounting(texts, scanners, 0, Long.MAX_VALUE).round(threads, progress);
    WordCounts all = tables.getFirst();
    tables.subList(1, tables.size()).forEach(all::addAll);
    return all;
  }

  private static WordCounts onDisk(
      Iterator<String> texts,
      Supplier<WordScanner> scanners,
      String settings,
      int threads,
      DiskCounting disk,
      TrainingProgress progress)
      throws IOException, InterruptedException {
    String corpus = disk.corpus() + "; " + settings;
    CountFolder folder = CountFolder.open(disk.folder());
    CountFolder.State state = folder.state(corpus);
    if (!state.corpus().equals(corpus)) {
      throw new IllegalArgumentException(
          ("tokenizer training: %s holds counts of other texts or settings (%s; now: %s); choose"
                  + " another folder, or delete it")
              .formatted(disk.folder(), state.corpus(), corpus));
    }
    if (!state.complete()) {
      WordCounting counting = new WordCounting(texts, scanners, state.bytes(), disk.memory());
      if (counting.skip(state.documents()) < state.documents() || counting.hash() != state.hash()) {
        throw new IllegalArgumentException(
            ("tokenizer training: %s holds counts of %d texts, and the first texts given are others;"
                    + " choose another folder, or delete it")
                .formatted(disk.folder(), state.documents()));
      }
      List<Integer> runs = new ArrayList<>(state.runs());
      do {
        for (WordCounts table : counting.round(threads, progress)) {
          folder.write(runs.size(), table);
          runs.add(runs.size());
        }
        state =
            new CountFolder.State(
                corpus,
                counting.documents(),
                counting.hash(),
                counting.bytes(),
                List.copyOf(runs),
                !counting.hasMore());
        folder.save(state);
      } while (!state.complete());
    }
    progress.counting(state.bytes());
    return folder.merge(state.runs(), disk.leastCount());
  }
}
