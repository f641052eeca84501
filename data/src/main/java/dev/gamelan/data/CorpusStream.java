package dev.gamelan.data;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The documents of several paths. */
final class CorpusStream extends DocumentStream {
  private final List<Path> paths;
  private final Iterator<Path> rest;
  private final CorpusOptions options;
  private final Predicate<String> names;
  private final SkipCounter skips = new SkipCounter();
  private Optional<Roots> root = Optional.empty();
  private Optional<Reading> reading = Optional.empty();
  private String place = "";
  private long documents;

  CorpusStream(List<Path> paths, CorpusOptions options, Predicate<String> names) {
    this.paths = paths;
    this.rest = paths.iterator();
    this.options = options;
    this.names = names;
  }

  @Override
  protected Optional<Document> advance() {
    try {
      while (true) {
        if (reading.isPresent()) {
          Optional<Document> document = reading.get().next();
          if (document.isPresent()) {
            documents++;
            return document;
          }
          Reading done = reading.get();
          reading = Optional.empty();
          done.close();
        } else if (root.isPresent() && root.get().resources().hasNext()) {
          begin(root.get().resources().next());
        } else if (root.isPresent()) {
          Roots done = root.get();
          root = Optional.empty();
          done.closeable().close();
        } else if (rest.hasNext()) {
          Path next = rest.next();
          place = next.toString();
          root = Optional.of(Roots.of(next, options, names, skips));
        } else if (documents == 0) {
          throw nothing();
        } else {
          return Optional.empty();
        }
      }
    } catch (IOException e) {
      close();
      throw Reading.failure(place, e);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void begin(Resource next) throws IOException {
    place = next.place();
    boolean packed = Compression.promised(next.name()).isPresent();
    if (next.kind() == Resource.Kind.TEXT
        && options.separator().isEmpty()
        && !packed
        && next.size() > options.maximalDocumentBytes()) {
      throw Reading.tooLong(place, options.maximalDocumentBytes());
    }
    reading =
        Optional.of(
            switch (next.kind()) {
              case TEXT -> new TextReading(next, options, skips);
              case JSON_LINES -> new JsonLinesReading(next, options, skips);
            });
  }

  private DataException nothing() {
    return new DataException(
        "corpus: no document in %s (%s); give files with text, or widen the extensions"
            .formatted(
                paths.stream().map(Path::toString).collect(Collectors.joining(", ")),
                skips.total()));
  }

  @Override
  protected void release() {
    closeAll(reading);
    closeAll(root.map(Roots::closeable));
  }

  private void closeAll(Optional<? extends Closeable> open) {
    try {
      if (open.isPresent()) {
        open.get().close();
      }
    } catch (IOException e) {
      throw Reading.failure(place, e);
    }
  }

  @Override
  public Skipped skipped() {
    return skips.total();
  }
}
