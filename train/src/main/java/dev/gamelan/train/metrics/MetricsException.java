package dev.gamelan.train.metrics;

/**
 * A metrics file that can't be read or written: the message names the file, the place and the
 * remedy.
 */
public final class MetricsException extends RuntimeException {
  MetricsException(String message) {
    super(message);
  }

  MetricsException(String message, Throwable cause) {
    super(message, cause);
  }
}
