package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.text.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code gamelan tokenizer encode}. */
@Command(
    name = "encode",
    description = "Turn text into token ids. Nothing is added to the text without --add-special.",
    footer = {
      "",
      "Examples:",
      "  gamelan tokenizer encode --tokenizer runs/tokenizer 'Hello world'",
      "  gamelan tokenizer encode --tokenizer runs/tokenizer --show < story.txt",
      "  gamelan tokenizer encode --tokenizer runs/tokenizer --jsonl < in.jsonl > out.jsonl",
      "",
      "With --jsonl every line {\"text\": …} is answered by a line {\"ids\": […]}."
    })
final class TokenizerEncodeCommand extends Stage {
  @Mixin private TokenizerArgument tokenizer;

  @Option(
      names = "--special",
      paramLabel = "HOW",
      defaultValue = "literal",
      description = {
        "What special tokens written in the text are: text like any other (literal), or their ids"
            + " (parse). Default: ${DEFAULT-VALUE}."
      })
  private Tokenizer.Special special;

  @Option(
      names = "--add-special",
      description =
          "Add what the vocabulary's own library adds to every text by default, such as BOS.")
  private boolean addSpecial;

  @ArgGroup private Form form = new Form();

  @Parameters(
      arity = "0..*",
      paramLabel = "TEXT",
      description = "The text, its words joined by blanks (default: all of stdin).")
  private List<String> words = List.of();

  /** One of these at most. */
  private static final class Form {
    @Option(names = "--show", description = "Show the pieces with their ids.")
    private boolean show;

    @Option(names = "--jsonl", description = "Read and write JSON lines.")
    private boolean jsonl;
  }

  TokenizerEncodeCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    if (form.jsonl && !words.isEmpty()) {
      throw badUsage("--jsonl reads stdin; leave the text out");
    }
    Tokenizer opened = tokenizer.open();
    if (form.jsonl) {
      JsonLines.answer(
          shell(),
          Runtime.getRuntime().availableProcessors(),
          (object, out) -> {
            JsonNode text = object.path("text");
            if (!text.isString()) {
              throw new IllegalArgumentException("no string \"text\"");
            }
            out.append("{\"ids\":[");
            String comma = "";
            for (int id : encode(opened, text.stringValue())) {
              out.append(comma).append(id);
              comma = ",";
            }
            out.append("]}");
          });
      return DONE;
    }
    int[] ids = encode(opened, text());
    shell()
        .out()
        .println(
            form.show
                ? new ShownTokens(opened, shell().outHasColour()).show(ids)
                : Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(" ")));
    return DONE;
  }

  private int[] encode(Tokenizer opened, String text) {
    int[] ids = opened.encode(text, special);
    return addSpecial ? opened.addSpecial(ids) : ids;
  }

  private String text() throws Exception {
    if (!words.isEmpty()) {
      return String.join(" ", words);
    }
    return shell().text();
  }
}
