package dev.gamelan.text.train;

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

/**
 * Counts the words of a stream of texts with several threads, each into a table of its own; in
 * rounds that end between two texts.
 */
final class WordCounting {
  private static final int BATCH_CHARS = 1 << 18;
  // Counted on disk, a minute's work or two: what is lost when the process is killed.
  private static final long ROUND_BYTES = 4L << 30;
  private final Iterator<String> texts;
  private final Supplier<WordScanner> scanners;
  private final boolean independentLines;
  private final AtomicLong bytes;
  private final AtomicLong memory = new AtomicLong();
  private final long mostMemory;
  private volatile boolean cancelled;
  private volatile boolean full;
  private volatile long roundStart;
  private long documents;
  private int hash;

  // What is left of a long text that is given out in parts.
  private String current = "";
  private int at;

  /**
   * @param texts read once, by one thread at a time
   * @param bytesBefore how many bytes were counted earlier, for reports
   * @param mostMemory how many bytes the tables of a round may take, more or less
   */
  WordCounting(
      Iterator<String> texts, Supplier<WordScanner> scanners, long bytesBefore, long mostMemory) {
    this.texts = texts;
    this.scanners = scanners;
    this.independentLines = scanners.get().independentLines();
    this.bytes = new AtomicLong(bytesBefore);
    this.mostMemory = mostMemory;
  }

  /** Passes over this many texts; how many there were. */
  long skip(long count) throws InterruptedException {
    while (documents < count && texts.hasNext()) {
      read();
      at = current.length();
      if (Thread.interrupted()) {
        throw new InterruptedException("tokenizer training was interrupted");
      }
    }
    return documents;
  }

  private void read() {
    current = texts.next();
    at = 0;
    documents++;
    hash = 31 * hash + current.hashCode();
  }

  /** How many texts have been read. */
  long documents() {
    return documents;
  }

  /** A hash of all texts read, in their order. */
  int hash() {
    return hash;
  }

  /** How many bytes have been counted. */
  long bytes() {
    return bytes.get();
  }

  /** Whether there is a text left. */
  boolean hasMore() {
    return texts.hasNext();
  }

  /** Counts until memory is full, 4 GiB are read or the texts end: the tables of the threads. */
  List<WordCounts> round(int threads, TrainingProgress progress) throws InterruptedException {
    full = false;
    memory.set(0);
    roundStart = bytes.get();
    List<Future<WordCounts>> parts = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      boolean done = false;
      try {
        for (int t = 0; t < threads; t++) {
          parts.add(pool.submit(this::countPart));
        }
        List<WordCounts> tables = new ArrayList<>();
        for (Future<WordCounts> part : parts) {
          tables.add(wait(part, progress));
        }
        progress.counting(bytes.get());
        done = true;
        return tables;
      } finally {
        cancelled = !done;
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
    WordScanner scanner = scanners.get();
    WordCounts counts = new WordCounts();
    try {
      long known = 0;
      for (List<String> batch = next(); !batch.isEmpty(); batch = next()) {
        long read = 0;
        for (String text : batch) {
          if (cancelled) {
            throw new CancellationException();
          }
          read += scanner.scan(text, (b, from, to) -> counts.add(b, from, to, 1));
        }
        long roundBytes = bytes.addAndGet(read) - roundStart;
        long now = counts.memory();
        if (memory.addAndGet(now - known) > mostMemory || roundBytes > ROUND_BYTES) {
          full = true;
        }
        known = now;
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
        if (full || !texts.hasNext()) {
          break;
        }
        read();
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
