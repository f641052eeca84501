package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.model.Model;
import dev.gamelan.model.generate.Generator.Generation;
import dev.gamelan.model.generate.Sampling;
import dev.gamelan.tensor.spi.Kernels;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gamelan generate}. */
@Command(
    name = "generate",
    customSynopsis = "gamelan generate --model MODEL --prompt TEXT [OPTIONS]",
    description = "Continue a text with a model, as it is drawn.",
    footer = {
      "",
      "Examples:",
      "  gamelan generate --model runs/tour/model --prompt \"Once upon a time\"",
      "  gamelan generate --model runs/tour/model --prompt \"Question:\" --temperature 0.8 --top-p"
          + " 0.95 --seed 7 --stop \"\\n\\n\"",
      "",
      "A model that reads images (LLaVA) takes one --image for each image token of the prompt:",
      "  gamelan generate --model llava-1.5-7b-hf --image photo.jpg --prompt \"USER: <image> What is"
          + " this? ASSISTANT:\"",
      "",
      "The same model, kernels, prompt, options and seed give the same text."
    })
final class GenerateCommand extends Stage {
  @Mixin private ModelArguments model;
  @Mixin private KernelArguments kernels;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      description = "What to continue (default: standard input).")
  private Optional<String> prompt = Optional.empty();

  @Option(
      names = "--max-tokens",
      defaultValue = "200",
      paramLabel = "N",
      description = "Tokens at most (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Option(
      names = "--temperature",
      defaultValue = "0",
      paramLabel = "T",
      description = "0 takes the likeliest token; 1 draws as the model says (default: 0).")
  private double temperature;

  @Option(
      names = "--top-k",
      defaultValue = "0",
      paramLabel = "K",
      description = "Draw among the K likeliest; 0 = all (default: 0).")
  private int topK;

  @Option(
      names = "--top-p",
      defaultValue = "1",
      paramLabel = "P",
      description = "Draw among the likeliest that sum to P (default: 1).")
  private double topP;

  @Option(
      names = "--min-p",
      defaultValue = "0",
      paramLabel = "P",
      description = "Draw among those at least P as likely as the likeliest (default: 0).")
  private double minP;

  @Option(
      names = "--repetition-penalty",
      defaultValue = "1",
      paramLabel = "R",
      description = "Above 1, tokens that occurred are drawn less (default: 1).")
  private double repetitionPenalty;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "N",
      description = "Same seed, same text (default: 0).")
  private long seed;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End before this text; may be given several times; \\n is a line feed.")
  private List<String> stops = List.of();

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description =
          "A PNG or JPEG file in place of the prompt's next image token; may be given several"
              + " times.")
  private List<Path> images = List.of();

  GenerateCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    Sampling sampling =
        new Sampling(
            maxTokens,
            temperature,
            topK,
            topP,
            minP,
            repetitionPenalty,
            seed,
            stops.stream().map(s -> s.replace("\\n", "\n")).toList());
    String text = prompt.isPresent() ? prompt.get() : shell().text();
    try (Kernels opened = kernels.open(shell())) {
      Model loaded = model.open(shell(), opened);
      // The prompt is part of the result, but not of a failure: it waits for the first piece.
      AtomicBoolean begun = new AtomicBoolean();
      Generation answer =
          loaded.generate(
              text,
              model.images(shell(), loaded, images),
              sampling,
              piece -> {
                if (begun.compareAndSet(false, true)) {
                  shell().out().print(text);
                }
                shell().out().print(piece);
                shell().out().flush();
              });
      shell().out().println(begun.get() ? "" : text);
      shell()
          .err()
          .printf(
              "gamelan: generate: %d prompt tokens in %.2f s, then %d tokens at %.1f tokens/s; ended by %s%n",
              answer.promptTokens(),
              answer.prompt().toNanos() / 1e9,
              answer.ids().length,
              answer.tokensPerSecond(),
              answer.finish().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
    }
    return DONE;
  }
}
