package dev.gamelan.eval.task;

/** A task that can't be read or prepared; the message says which, why, and what to do. */
public final class TaskException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  public TaskException(String message) {
    super(message);
  }

  public TaskException(String message, Throwable cause) {
    super(message, cause);
  }
}
