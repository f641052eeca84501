package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.text.template.ChatTemplate;
import dev.gamelan.text.template.Limits;
import dev.gamelan.text.template.ModelTemplates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code gamelan chat-template render}. */
@Command(
    name = "render",
    description = "Print the text that a chat template makes of a conversation.",
    footer = {
      "",
      "Examples:",
      "  gamelan chat-template render --template chatml.jinja --context conversation.json",
      "  gamelan chat-template render --model models/qwen3 --context - < conversation.json",
      "",
      "The context is a JSON object: messages, and what else the template knows of, such as tools"
          + " and add_generation_prompt. With --model its special tokens (bos_token, …) are added"
          + " where the context has none of its own."
    })
final class ChatTemplateRenderCommand extends Stage {
  @ArgGroup(multiplicity = "1")
  private Source source = new Source();

  /** One of these. */
  private static final class Source {
    @Option(
        names = "--model",
        paramLabel = "MODEL",
        required = true,
        description =
            "A model's folder, with chat_template.jinja or a template in tokenizer_config.json, or"
                + " hf:OWNER/NAME in the cache.")
    private ModelName model;

    @Option(
        names = "--template",
        paramLabel = "FILE",
        required = true,
        description = "A Jinja template.")
    private Path template;
  }

  @Option(
      names = "--context",
      required = true,
      paramLabel = "FILE",
      description = "The variables as a JSON file; - reads standard input.")
  private String context;

  ChatTemplateRenderCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    ObjectNode variables = variables();
    ChatTemplate template;
    if (source.model != null) {
      ModelTemplates templates = ModelTemplates.open(source.model.locate(shell()));
      JsonNode tools = variables.path("tools");
      template = templates.choose(!tools.isMissingNode() && !tools.isNull());
      templates
          .specialTokens()
          .forEach(
              (name, token) -> {
                if (!variables.has(name)) {
                  variables.put(name, token);
                }
              });
    } else {
      template =
          ChatTemplate.parse(
              source.template.toString(),
              Files.readString(source.template, StandardCharsets.UTF_8));
    }
    // The text as it is: a line feed of ours would not be part of it.
    shell()
        .out()
        .print(template.render(variables, Limits.DEFAULT, Clock.systemDefaultZone()).text());
    if (shell().outIsTerminal()) {
      shell().out().println();
    }
    return DONE;
  }

  private ObjectNode variables() throws IOException {
    String name = context.equals("-") ? "stdin" : context;
    byte[] bytes =
        context.equals("-") ? shell().in().readAllBytes() : Files.readAllBytes(Path.of(context));
    try {
      if (JsonMapper.shared().readTree(bytes) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException(name + ": not JSON: " + e.getOriginalMessage(), e);
    }
    throw new IllegalArgumentException(name + ": the context must be a JSON object");
  }
}
