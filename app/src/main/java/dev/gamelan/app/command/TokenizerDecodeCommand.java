package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code gamelan tokenizer decode}. */
@Command(
    name = "decode",
    description = "Turn token ids into text.",
    footer = {
      "",
      "Examples:",
      "  gamelan tokenizer decode --tokenizer runs/tokenizer 2061 318",
      "  gamelan tokenizer decode --tokenizer runs/tokenizer < ids.txt > text.txt",
      "  gamelan tokenizer decode --tokenizer runs/tokenizer --jsonl < in.jsonl > out.jsonl",
      "",
      "With --jsonl every line {\"ids\": […]} is answered by a line {\"text\": …}."
    })
final class TokenizerDecodeCommand extends Stage {
  @Mixin private TokenizerArgument tokenizer;

  @ArgGroup private Form form = new Form();

  @Option(names = "--skip-special", description = "Leave special tokens out of the text.")
  private boolean skipSpecial;

  @Parameters(
      arity = "0..*",
      paramLabel = "ID",
      description = "The ids (default: those on stdin, between blanks).")
  private List<String> ids = List.of();

  /** One of these at most. */
  private static final class Form {
    @Option(names = "--show", description = "Show the pieces with their ids.")
    private boolean show;

    @Option(names = "--jsonl", description = "Read and write JSON lines.")
    private boolean jsonl;
  }

  TokenizerDecodeCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    if (form.jsonl && !ids.isEmpty()) {
      throw badUsage("--jsonl reads stdin; leave the ids out");
    }
    Tokenizer opened = tokenizer.open();
    if (form.jsonl) {
      JsonLines.answer(
          shell(),
          Runtime.getRuntime().availableProcessors(),
          (object, out) -> {
            out.append("{\"text\":");
            JsonLines.quote(opened.decode(kept(opened, ids(object.path("ids")))), out);
            out.append('}');
          });
      return DONE;
    }
    List<String> given = ids;
    if (given.isEmpty()) {
      String all = new String(shell().in().readAllBytes(), StandardCharsets.UTF_8).strip();
      given = all.isEmpty() ? List.of() : List.of(all.split("\\s+"));
    }
    int[] numbers = kept(opened, given.stream().mapToInt(TokenizerDecodeCommand::id).toArray());
    if (form.show) {
      shell().out().println(new ShownTokens(opened, shell().outHasColour()).show(numbers));
      return DONE;
    }
    // The text as it is: a line feed of ours would not be part of it.
    shell().out().print(opened.decode(numbers));
    if (shell().outIsTerminal()) {
      shell().out().println();
    }
    return DONE;
  }

  private int[] kept(Tokenizer opened, int[] all) {
    if (!skipSpecial) {
      return all;
    }
    List<Integer> kept = new ArrayList<>();
    for (int id : all) {
      // Ids that don't exist are for decode to refuse.
      if (id < 0 || id >= opened.vocabularySize() || !opened.isSpecial(id)) {
        kept.add(id);
      }
    }
    return kept.stream().mapToInt(Integer::intValue).toArray();
  }

  private static int id(String word) {
    try {
      return Integer.parseInt(word);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + word + "' is no token id", e);
    }
  }

  private static int[] ids(JsonNode array) {
    if (!array.isArray()) {
      throw new IllegalArgumentException("no array \"ids\"");
    }
    int[] ids = new int[array.size()];
    for (int i = 0; i < ids.length; i++) {
      if (!array.get(i).isInt()) {
        throw new IllegalArgumentException("ids[" + i + "] is " + array.get(i) + ", no token id");
      }
      ids[i] = array.get(i).intValue();
    }
    return ids;
  }
}
