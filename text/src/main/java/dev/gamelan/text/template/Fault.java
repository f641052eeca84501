package dev.gamelan.text.template;

/** What is wrong, on its way up to where template and line are known. */
final class Fault extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean raised;

  private Fault(String message, boolean raised) {
    super(message, null, false, false);
    this.raised = raised;
  }

  Fault(String message) {
    this(message, false);
  }

  /** The template's own refusal. */
  static Fault raised(String message) {
    return new Fault(message, true);
  }

  boolean raised() {
    return raised;
  }
}
