package dev.gamelan.data;

import java.util.List;
import java.util.function.Supplier;

/** A corpus that can be read from its beginning any number of times, with the same documents. */
public interface DocumentSource {
  /** What a report calls it. */
  String name();

  /** A new stream at the first document; the caller closes it. */
  DocumentStream open();

  /** A source from a name and a way to open it. */
  static DocumentSource of(String name, Supplier<DocumentStream> opener) {
    return new NamedSource(name, opener);
  }

  /** Documents held in memory. */
  static DocumentSource of(String name, List<Document> documents) {
    List<Document> kept = List.copyOf(documents);
    return new NamedSource(name, () -> new ListedDocuments(kept.iterator()));
  }

  /**
   * The first documents, up to and with the one that reaches {@code bytes} of UTF-8.
   *
   * @param bytes at least 1
   */
  default DocumentSource limited(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "corpus %s: limited to %d bytes; the limit must be at least 1".formatted(name(), bytes));
    }
    return new NamedSource(name(), () -> new LimitedDocuments(open(), bytes));
  }
}
