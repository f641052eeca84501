package dev.gamelan.text.template;

/**
 * How a template is read. The two differ in what becomes of line ends around tags, and in what a
 * name that nobody defined is.
 *
 * @param trimBlocks the line feed after a block tag goes, and so do the blanks before one that
 *     begins its line
 * @param keepLastLine the template's last line feed stays
 * @param strict an undefined value may be asked for ({@code is defined}, {@code default}) and not
 *     used otherwise
 */
record Dialect(boolean trimBlocks, boolean keepLastLine, boolean strict) {
  /** As Transformers sets Jinja up for chat templates. */
  static final Dialect CHAT = new Dialect(true, false, false);

  /** As LM Evaluation Harness sets Jinja up for prompts. */
  static final Dialect PROMPT = new Dialect(false, true, true);
}
