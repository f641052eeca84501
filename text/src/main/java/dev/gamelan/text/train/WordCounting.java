package dev.gamelan.text.train;

import dev.gamelan.text.hf.PieceScanner;
import dev.gamelan.text.unicode.Categories;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Counts the words of a stream of texts with several threads, each into a table of its own. */
final class WordCounting {
  private static final int BATCH_CHARS = 1 << 18;
  private final Iterator<String> texts;
  private final Supplier<PieceScanner> scanners;
  private final boolean independentLines;
  private final AtomicLong bytes = new AtomicLong();
  private volatile boolean cancelled;

  // What is left of a long text that is given out in parts.
  private String current = "";
  private int at;

  WordCounting(Iterator<String> texts, Supplier<PieceScanner> scanners) {
    this.texts = texts;
    this.scanners = scanners;
    this.independentLines = scanners.get().independentLines();
  }

  WordCounts count(int threads, TrainingProgress progress) throws InterruptedException {
    List<Future<WordCounts>> parts = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      try {
        for (int t = 0; t < threads; t++) {
          parts.add(pool.submit(this::countPart));
        }
        WordCounts all = wait(parts.getFirst(), progress);
        for (Future<WordCounts> part : parts.subList(1, parts.size())) {
          all.addAll(wait(part, progress));
        }
        progress.counting(bytes.get());
        return all;
      } finally {
        cancelled = true;
      }
    }
  }

  private WordCounts wait(Future<WordCounts> part, TrainingProgress progress)
      throws InterruptedException {
    while (true) {
      try {
        return part.get(200, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        progress.counting(bytes.get());
      } catch (ExecutionException e) {
        switch (e.getCause()) {
          case RuntimeException cause -> throw cause;
          case Error cause -> throw cause;
          default -> throw new IllegalStateException("tokenizer training: counting words", e);
        }
      }
    }
  }

  private WordCounts countPart() {
    PieceScanner scanner = scanners.get();
    WordCounts counts = new WordCounts();
    try {
      for (List<String> batch = next(); !batch.isEmpty(); batch = next()) {
        long read = 0;
        for (String text : batch) {
          if (cancelled) {
            throw new CancellationException();
          }
          read += scanner.scan(text, (b, from, to) -> counts.add(b, from, to, 1));
        }
        bytes.addAndGet(read);
      }
      return counts;
    } catch (RuntimeException | Error e) {
      // The others needn't go on.
      cancelled = true;
      throw e;
    }
  }

  private synchronized List<String> next() {
    List<String> batch = new ArrayList<>();
    int chars = 0;
    while (chars < BATCH_CHARS && !cancelled) {
      if (at == current.length()) {
        if (!texts.hasNext()) {
          break;
        }
        current = texts.next();
        at = 0;
      }
      int end = partEnd();
      batch.add(at == 0 && end == current.length() ? current : current.substring(at, end));
      chars += Math.max(1, end - at);
      at = end;
    }
    return batch;
  }

  // Where the text from `at` on can be cut into parts of at least a batch without changing pieces.
  private int partEnd() {
    int n = current.length();
    if (independentLines) {
      for (int p = at + BATCH_CHARS; p < n; p++) {
        if (current.charAt(p - 1) == '\n'
            && !Categories.isSpace(current.charAt(p - 2))
            && !Categories.isSpace(current.charAt(p))) {
          return p;
        }
      }
    }
    return n;
  }
}
