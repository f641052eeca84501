package dev.gamelan.text.template;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * A chat template: Jinja2 as Hugging Face's {@code apply_chat_template} sets it up, with {@code
 * trim_blocks}, {@code lstrip_blocks}, loop controls, {@code {% generation %}} blocks, {@code
 * raise_exception}, {@code strftime_now} and a {@code tojson} that leaves HTML's characters alone.
 * Values print and compare as in Python.
 *
 * <p>Templates come from strangers. They see copies of the context and nothing else: no Java object
 * can be reached, nothing of the context changed, and {@link Limits} bound what a rendering costs.
 * A template can be rendered by many threads at once.
 *
 * <p>Source: the Jinja 3.1 template designer documentation, and the chat-templating guide of
 * Transformers.
 */
public final class ChatTemplate {
  private static final int MAX_SOURCE = 4_000_000;

  private final String name;
  private final List<Stmt> body;

  private ChatTemplate(String name, List<Stmt> body) {
    this.name = name;
    this.body = body;
  }

  /**
   * Parses a template that errors call {@code chat template}.
   *
   * @throws TemplateException it isn't one
   */
  public static ChatTemplate parse(String source) {
    return parse("chat template", source);
  }

  /**
   * Parses a template.
   *
   * @param name what errors call it, such as its file
   * @param source its text, at most 4 million characters
   * @throws TemplateException it isn't one; the message names the line
   */
  public static ChatTemplate parse(String name, String source) {
    if (source.length() > MAX_SOURCE) {
      throw new TemplateException(
          name,
          0,
          "%d characters; at most %d are allowed".formatted(source.length(), MAX_SOURCE),
          false);
    }
    try {
      return new ChatTemplate(name, StatementParser.parse(source, Dialect.CHAT));
    } catch (Lexer.SyntaxError e) {
      throw new TemplateException(name, e.line(), e.getMessage(), false);
    } catch (StackOverflowError e) {
      throw new TemplateException(name, 0, "nested too deeply", false);
    }
  }

  /** Renders with the default limits and the system's clock. */
  public Rendering render(Map<String, ?> context) {
    return render(context, Limits.DEFAULT, Clock.systemDefaultZone());
  }

  /**
   * Renders.
   *
   * @param context the variables, such as {@code messages}, {@code tools}, {@code bos_token} and
   *     {@code add_generation_prompt}: strings, numbers, booleans, null, and lists and maps of them
   * @param clock what {@code strftime_now} reads, in its zone
   * @throws TemplateException the template refuses the context, fails on it, or reaches a limit
   */
  public Rendering render(Map<String, ?> context, Limits limits, Clock clock) {
    return render(reader -> reader.context(context), limits, clock);
  }

  /** Like {@link #render(Map, Limits, Clock)}, with a JSON object. */
  public Rendering render(JsonNode context, Limits limits, Clock clock) {
    return render(reader -> reader.context(context), limits, clock);
  }

  private Rendering render(
      Function<ContextReader, Map<String, Value>> context, Limits limits, Clock clock) {
    Run run = new Run(limits, clock, false);
    try {
      Scope scope = new Globals(run).scope().inner();
      context.apply(new ContextReader(Math.min(limits.maxDepth(), 200))).forEach(scope::set);
      new Interpreter(run).render(body, scope);
      return run.rendering(name);
    } catch (Fault e) {
      throw new TemplateException(name, run.line(), e.getMessage(), e.raised());
    } catch (StackOverflowError e) {
      throw new TemplateException(
          name, run.line(), "the template nests or recurses too deeply for this thread", false);
    }
  }
}
