package dev.gamelan.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Documents one after another, read as they are asked for. Not for several threads at once. {@link
 * #close} gives back files and buffers and may be called twice; a stream read to its end has closed
 * what it opened.
 */
public abstract class DocumentStream implements Iterator<Document>, AutoCloseable {
  private Optional<Document> ahead = Optional.empty();
  private boolean ended;

  /** Documents that are at hand, or are made one by one. */
  public static DocumentStream of(Iterator<Document> documents) {
    return new ListedDocuments(documents);
  }

  /** The next document, or nothing at the end. Called no more after the end or {@link #close}. */
  protected abstract Optional<Document> advance();

  /** Gives back what is open. */
  protected abstract void release();

  /** What was passed over so far. */
  public Skipped skipped() {
    return Skipped.none();
  }

  /** The texts alone; reading them reads this stream. */
  public final Iterator<String> texts() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return DocumentStream.this.hasNext();
      }

      @Override
      public String next() {
        return DocumentStream.this.next().text();
      }
    };
  }

  /**
   * @throws DataException if what comes next cannot be read
   */
  @Override
  public final boolean hasNext() {
    if (ahead.isEmpty() && !ended) {
      ahead = advance();
      if (ahead.isEmpty()) {
        close();
      }
    }
    return ahead.isPresent();
  }

  @Override
  public final Document next() {
    if (!hasNext()) {
      throw new NoSuchElementException("documents: the stream is at its end; ask hasNext() first");
    }
    Document document = ahead.orElseThrow();
    ahead = Optional.empty();
    return document;
  }

  @Override
  public final void close() {
    ahead = Optional.empty();
    if (!ended) {
      ended = true;
      release();
    }
  }
}
