package dev.gamelan.data;

import java.util.Iterator;
import java.util.Optional;

/** Documents that are at hand, or are made one by one. */
final class ListedDocuments extends DocumentStream {
  private final Iterator<Document> documents;

  ListedDocuments(Iterator<Document> documents) {
    this.documents = documents;
  }

  @Override
  protected Optional<Document> advance() {
    return documents.hasNext() ? Optional.of(documents.next()) : Optional.empty();
  }

  @Override
  protected void release() {}
}
