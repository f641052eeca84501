package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.model.Model;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gamelan score}. */
@Command(
    name = "score",
    customSynopsis = "gamelan score --model MODEL --text TEXT [OPTIONS]",
    description = "Say how likely a model finds a text, token by token.",
    footer = {
      "",
      "Examples:",
      "  gamelan score --model runs/tour/model --text \"public static void main\"",
      "  gamelan score --model stories260K.bin --text \"Once upon a time\" --tokens",
      "",
      "Figures are natural logarithms. Texts longer than the model's context are cut into parts of"
          + " that length, each scored by itself."
    })
final class ScoreCommand extends Stage {
  @Mixin private ModelArguments model;
  @Mixin private KernelArguments kernels;

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description = "The text (default: standard input).")
  private Optional<String> text = Optional.empty();

  @Option(names = "--tokens", description = "Show every token with its log-probability.")
  private boolean tokens;

  ScoreCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    String given = text.isPresent() ? text.get() : shell().text();
    try (Kernels opened = kernels.open(shell())) {
      Model loaded = model.open(shell(), opened);
      Tokenizer tokenizer = loaded.tokenizer();
      int[] ids = tokenizer.encode(given);
      if (tokenizer.addsBos()) {
        ids = IntStream.concat(tokenizer.bos().stream(), IntStream.of(ids)).toArray();
      }
      double sum = 0;
      int scored = 0;
      int context = loaded.decoder().spec().context();
      for (int from = 0; from + 1 < ids.length; from += context) {
        int[] part = IntStream.of(ids).skip(from).limit(context + 1L).toArray();
        float[] logs = loaded.logProbabilities(part);
        for (int i = 0; i < logs.length; i++) {
          sum += logs[i];
          scored++;
          if (tokens) {
            shell()
                .out()
                .printf(
                    "%10.4f  %6d  %s%n",
                    logs[i], part[i + 1], quoted(tokenizer.decode(new int[] {part[i + 1]})));
          }
        }
      }
      if (scored == 0) {
        throw badUsage(
            "the text has %d token(s); at least 2 are needed, since the first has nothing before it"
                .formatted(ids.length));
      }
      long bytes = given.getBytes(StandardCharsets.UTF_8).length;
      shell()
          .out()
          .printf(
              "%d tokens, log-probability %.4f, %.4f nats a token, perplexity %.3f, %.4f bits a byte%n",
              scored,
              sum,
              -sum / scored,
              Math.exp(-sum / scored),
              -sum / Math.log(2) / Math.max(1, bytes));
    }
    return DONE;
  }

  private static String quoted(String token) {
    return '"'
        + token.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
        + '"';
  }
}
