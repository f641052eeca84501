package dev.gamelan.text.template;

import java.util.List;

/** What a template gave. */
public final class Rendering {
  private final String template;
  private final String text;
  private final List<Span> generated;
  private final int captured;

  Rendering(String template, String text, List<Span> generated, int captured) {
    this.template = template;
    this.text = text;
    this.generated = List.copyOf(generated);
    this.captured = captured;
  }

  /**
   * A part of the text.
   *
   * @param start its first UTF-16 index
   * @param end the index after its last, at least {@code start}
   */
  public record Span(int start, int end) {}

  /** The text. */
  public String text() {
    return text;
  }

  /**
   * What stood in {@code {% generation %}} blocks, in the order of rendering: the assistant's
   * words, that training has its loss on. Empty where the template has no such blocks.
   *
   * @throws TemplateException a block was rendered inside a macro, call, filter or {@code set}
   *     block, whose text may end up anywhere: its place isn't known
   */
  public List<Span> generated() {
    if (captured > 0) {
      throw new TemplateException(
          template,
          captured,
          "a generation block in a macro, call, filter or set block has no place in the text;"
              + " move it out",
          false);
    }
    return generated;
  }
}
