package dev.gamelan.text.template;

import java.time.Clock;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A prompt's template: Jinja2 as LM Evaluation Harness sets it up, which keeps every line end,
 * fails on names that aren't defined, and has a filter {@code regex_replace(pattern, repl,
 * count=0)} with Python's regular expressions. Everything else is as in {@link ChatTemplate}. A
 * template can be rendered by many threads at once.
 *
 * <p>Source: the Jinja 3.1 template designer documentation; the harness's task guide.
 */
public final class PromptTemplate {
  private static final Limits LIMITS = new Limits(50_000_000, 16_000_000, 1_000_000, 500);
  private static final Clock CLOCK = Clock.systemUTC();

  private final String name;
  private final List<Stmt> body;

  private PromptTemplate(String name, List<Stmt> body) {
    this.name = name;
    this.body = body;
  }

  /**
   * Parses a template.
   *
   * @param name what errors call it, such as the task's key
   * @throws TemplateException it isn't one; the message names the line
   */
  public static PromptTemplate parse(String name, String source) {
    try {
      return new PromptTemplate(name, StatementParser.parse(source, Dialect.PROMPT));
    } catch (Lexer.SyntaxError e) {
      throw new TemplateException(name, e.line(), e.getMessage(), false);
    } catch (StackOverflowError e) {
      throw new TemplateException(name, 0, "nested too deeply", false);
    }
  }

  /**
   * Renders.
   *
   * @param document a JSON object; its fields are the variables
   * @throws TemplateException the template fails on it
   */
  public String render(JsonNode document) {
    Run run = new Run(LIMITS, CLOCK, true);
    try {
      Scope scope = new Globals(run).scope().inner();
      new ContextReader(200).context(document).forEach(scope::set);
      new Interpreter(run).render(body, scope);
      return run.rendering(name).text();
    } catch (Fault e) {
      throw new TemplateException(name, run.line(), e.getMessage(), e.raised());
    } catch (StackOverflowError e) {
      throw new TemplateException(
          name, run.line(), "the template nests or recurses too deeply for this thread", false);
    }
  }
}
