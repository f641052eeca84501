package dev.gamelan.data.shard;

import dev.gamelan.data.DataException;
import dev.gamelan.data.Document;
import dev.gamelan.data.DocumentStream;
import dev.gamelan.text.Tokenizer;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Reads documents in this thread, tokenizes them in batches on others, and writes the results in
 * the order read. What is under way is bounded in characters, so that memory is.
 */
final class Preparation {
  private static final int BATCH_CHARS = 1 << 17;
  private static final long CHARS_UNDER_WAY = 1L << 25;
  private static final long REPORT_NANOS = 250_000_000;

  private record Batch(List<Document> documents, long chars, Future<List<int[]>> ids) {}

  private final DocumentStream documents;
  private final Tokenizer tokenizer;
  private final ShardFiles files;
  private final ShardOptions options;
  private final ArrayDeque<Batch> underWay = new ArrayDeque<>();
  private final long started = System.nanoTime();
  private long reported = started;
  private long charsUnderWay;

  Preparation(
      DocumentStream documents, Tokenizer tokenizer, ShardFiles files, ShardOptions options) {
    this.documents = documents;
    this.tokenizer = tokenizer;
    this.files = files;
    this.options = options;
  }

  void run() throws IOException {
    ExecutorService workers =
        Executors.newFixedThreadPool(
            options.threads(), Thread.ofPlatform().daemon().name("tokenize-", 0).factory());
    try {
      while (documents.hasNext()) {
        submit(workers);
        while (underWay.size() > 4 * options.threads() || charsUnderWay > CHARS_UNDER_WAY) {
          writeOldest();
        }
      }
      while (!underWay.isEmpty()) {
        writeOldest();
      }
      options.progress().accept(files.progress(seconds(System.nanoTime()), true));
    } finally {
      workers.shutdownNow();
    }
  }

  private void submit(ExecutorService workers) {
    List<Document> batch = new ArrayList<>();
    long chars = 0;
    while (chars < BATCH_CHARS && documents.hasNext()) {
      Document document = documents.next();
      batch.add(document);
      chars += document.text().length();
    }
    Future<List<int[]>> ids = workers.submit(() -> encode(batch));
    underWay.add(new Batch(batch, chars, ids));
    charsUnderWay += chars;
  }

  private List<int[]> encode(List<Document> batch) {
    List<int[]> ids = new ArrayList<>(batch.size());
    for (Document document : batch) {
      ids.add(tokenizer.encode(document.text(), Tokenizer.Special.LITERAL));
    }
    return ids;
  }

  private void writeOldest() throws IOException {
    Batch batch = underWay.remove();
    charsUnderWay -= batch.chars();
    List<int[]> ids = result(batch);
    for (int i = 0; i < ids.size(); i++) {
      files.add(batch.documents().get(i), ids.get(i));
    }
    long now = System.nanoTime();
    if (now - reported >= REPORT_NANOS) {
      reported = now;
      options.progress().accept(files.progress(seconds(now), false));
    }
  }

  private List<int[]> result(Batch batch) {
    try {
      return batch.ids().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DataException(
          "token shards: interrupted; nothing was left behind, run it again", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new DataException(
          "token shards: tokenizing failed between documents %s and %s: %s"
              .formatted(
                  batch.documents().getFirst().id(),
                  batch.documents().getLast().id(),
                  e.getCause().getMessage()),
          e.getCause());
    }
  }

  private double seconds(long now) {
    return (now - started) * 1e-9;
  }
}
