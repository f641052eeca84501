package dev.gamelan.app.chat;

import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Where a person's turns come from, line by line. */
public interface Lines extends AutoCloseable {
  /** The next line; nothing when there are no more. */
  Optional<String> next() throws IOException;

  /** Whether Ctrl-C was pressed since {@link #next} returned. */
  default BooleanSupplier interruption() {
    return () -> false;
  }

  @Override
  void close() throws IOException;
}
