package dev.gamelan.data;

import java.util.Optional;

/** The first documents of a stream, up to and with the one that reaches a number of bytes. */
final class LimitedDocuments extends DocumentStream {
  private final DocumentStream all;
  private long left;

  LimitedDocuments(DocumentStream all, long bytes) {
    this.all = all;
    this.left = bytes;
  }

  @Override
  protected Optional<Document> advance() {
    if (left <= 0 || !all.hasNext()) {
      return Optional.empty();
    }
    Document document = all.next();
    left -= document.bytes();
    return Optional.of(document);
  }

  @Override
  protected void release() {
    all.close();
  }

  @Override
  public Skipped skipped() {
    return all.skipped();
  }
}
