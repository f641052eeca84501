package dev.gamelan.app.command;

import dev.gamelan.app.chat.ChatFormat;
import dev.gamelan.app.chat.ChatSession;
import dev.gamelan.app.chat.Conversation;
import dev.gamelan.app.chat.GenerationDefaults;
import dev.gamelan.app.chat.Lines;
import dev.gamelan.app.chat.PipedLines;
import dev.gamelan.app.chat.TypedLines;
import dev.gamelan.app.console.Shell;
import dev.gamelan.model.Model;
import dev.gamelan.model.generate.Sampling;
import dev.gamelan.tensor.spi.Kernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gamelan chat}. */
@Command(
    name = "chat",
    customSynopsis = "gamelan chat --model MODEL [OPTIONS]",
    description = "Talk with a model that was made for it.",
    footer = {
      "",
      "Examples:",
      "  gamelan chat --model SmolLM2-135M-Instruct.Q4_1.gguf",
      "  gamelan chat --model hf:HuggingFaceTB/SmolLM2-135M-Instruct --system \"Be brief.\"",
      "  echo \"What is the capital of France?\" | gamelan chat --model SmolLM2.gguf",
      "",
      "At a terminal, lines are edited and remembered, Ctrl-C ends an answer, Ctrl-D the"
          + " conversation, and /help lists the commands. Without one, each line of standard input"
          + " is a turn, and standard output has the answers.",
      "Draws as the model's generation_config.json says, else greedily."
    })
final class ChatCommand extends Stage {
  private static final int USUAL_CONTEXT = 4096;

  @Mixin private ModelArguments model;
  @Mixin private KernelArguments kernels;

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "What the model is told beforehand.")
  private Optional<String> system = Optional.empty();

  @Option(
      names = "--chat-template",
      paramLabel = "FILE",
      description = "A Jinja template instead of the model's.")
  private Optional<Path> template = Optional.empty();

  @Option(
      names = "--context",
      paramLabel = "TOKENS",
      description =
          "Tokens that a conversation may have, which decides the memory it takes (default: the"
              + " model's, 4096 at most).")
  private Optional<Integer> context = Optional.empty();

  @Option(
      names = "--max-tokens",
      defaultValue = "1024",
      paramLabel = "N",
      description = "Tokens of an answer at most (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "0 takes the likeliest token; higher varies more (default: the model's).")
  private Optional<Double> temperature = Optional.empty();

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Draw among the K likeliest tokens; 0 for all (default: the model's).")
  private Optional<Integer> topK = Optional.empty();

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Draw among the likeliest that make up P (default: the model's).")
  private Optional<Double> topP = Optional.empty();

  @Option(
      names = "--min-p",
      defaultValue = "0",
      paramLabel = "P",
      description = "Draw among those at least P as likely as the likeliest (default: 0).")
  private double minP;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "R",
      description = "Above 1, tokens that occurred are drawn less (default: the model's).")
  private Optional<Double> repetitionPenalty = Optional.empty();

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "Same seed, same conversation (default: 0).")
  private long seed;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description =
          "End an answer before this text; may be given several times; \\n is a line feed.")
  private List<String> stops = List.of();

  @Option(names = "--stats", description = "Say after each answer what it took.")
  private boolean stats;

  ChatCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    try (Kernels opened = kernels.open(shell())) {
      Model loaded = model.open(shell(), opened);
      Path path = model.path(shell());
      ChatFormat format = ChatFormat.open(path, loaded, template);
      GenerationDefaults defaults = GenerationDefaults.of(path, loaded, format);
      Sampling sampling =
          new Sampling(
              maxTokens,
              temperature.orElse(defaults.temperature()),
              topK.orElse(defaults.topK()),
              topP.orElse(defaults.topP()),
              minP,
              repetitionPenalty.orElse(defaults.repetitionPenalty()),
              seed,
              stops.stream().map(s -> s.replace("\\n", "\n")).toList());
      int tokens = context.orElse(Math.min(USUAL_CONTEXT, loaded.decoder().spec().context()));
      try (ChatSession session = new ChatSession(loaded, opened, tokens, defaults.ends());
          Lines lines = lines()) {
        Conversation conversation =
            new Conversation(
                session, format, sampling, system, shell().out(), shell().err(), stats);
        // Whoever sits at a terminal has seen what went wrong.
        return conversation.hold(lines) || shell().isInteractive() ? DONE : FAILED;
      }
    }
  }

  private Lines lines() throws IOException {
    return shell().isInteractive()
        ? new TypedLines(Conversation.commands())
        : new PipedLines(shell().in());
  }
}
