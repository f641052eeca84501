package dev.gamelan.eval.dataset;

/** Data that isn't here or can't be read; the message says where to get it or what is wrong. */
public final class DatasetException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  DatasetException(String message) {
    super(message);
  }

  DatasetException(String message, Throwable cause) {
    super(message, cause);
  }
}
