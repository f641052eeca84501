package dev.gamelan.eval.code;

/** Programs can't be run apart from everything on this machine. */
public final class SandboxException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  SandboxException(String message) {
    super(message);
  }
}
