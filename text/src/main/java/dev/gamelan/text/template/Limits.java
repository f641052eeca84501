package dev.gamelan.text.template;

/**
 * What a rendering may cost before it ends in a {@link TemplateException}. Templates come with
 * models from strangers: none of them may stop a server.
 *
 * @param maxSteps evaluated expressions, statements and iterations; text and lists that are made or
 *     copied count too, a step for every 8 characters or 4 items; at least 1
 * @param maxLength characters (UTF-16) of any one string, the rendering included; at least 1
 * @param maxItems items of any one list or {@code range}; at least 1
 * @param maxDepth nesting of expressions, statements, macro calls and values, 1 to 2000; of the
 *     context no more than 200
 */
public record Limits(long maxSteps, int maxLength, int maxItems, int maxDepth) {
  /** Enough for conversations of a million characters, and over within a second. */
  public static final Limits DEFAULT = new Limits(2_000_000, 4_000_000, 100_000, 500);

  /** Checks the ranges. */
  public Limits {
    if (maxSteps < 1 || maxLength < 1 || maxItems < 1 || maxDepth < 1 || maxDepth > 2000) {
      throw new IllegalArgumentException(
          "template limits: steps %d, length %d, items %d must be at least 1, depth %d in 1..2000"
              .formatted(maxSteps, maxLength, maxItems, maxDepth));
    }
  }
}
