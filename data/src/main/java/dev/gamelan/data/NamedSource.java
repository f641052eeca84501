package dev.gamelan.data;

import java.util.function.Supplier;

/** A source from a name and a way to open it. */
record NamedSource(String name, Supplier<DocumentStream> opener) implements DocumentSource {
  @Override
  public DocumentStream open() {
    return opener.get();
  }
}
