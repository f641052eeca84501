package dev.gamelan.app.command;

import dev.gamelan.app.console.Figures;
import dev.gamelan.app.console.LiveLine;
import dev.gamelan.app.console.Shell;
import dev.gamelan.app.console.WorkProgress;
import dev.gamelan.app.tour.TourCorpus;
import dev.gamelan.app.tour.TourFolder;
import dev.gamelan.app.tour.TourReport;
import dev.gamelan.app.tour.TourSettings;
import dev.gamelan.data.DocumentStream;
import dev.gamelan.data.shard.ShardOptions;
import dev.gamelan.data.shard.TokenDataset;
import dev.gamelan.data.shard.TokenShards;
import dev.gamelan.data.stats.CorpusEntropy;
import dev.gamelan.model.checkpoint.Checkpoint;
import dev.gamelan.model.family.GptNeoX;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.Tokenizers;
import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.train.BpeTrainer;
import dev.gamelan.text.train.BpeTrainingOptions;
import dev.gamelan.text.train.TrainingProgress;
import dev.gamelan.train.Pace;
import dev.gamelan.train.TrainingSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gamelan tour}: from raw text to a model that writes, on one command. */
@Command(
    name = "tour",
    description =
        "Go the whole way: raw text, tokenizer, token shards, a pretrained model, samples, a report.",
    footer = {
      "",
      "Examples:",
      "  gamelan tour                                about five minutes of training on two cores",
      "  gamelan tour --minutes 2                    as many steps as fit into two minutes here",
      "  gamelan tour --text ~/books --out runs/books",
      "",
      "Without --text it learns from the sources and javadoc of the JDK it runs on, and from a small"
          + " world of stories, facts, arithmetic and questions, invented from the seed. The same"
          + " settings give the same weights. An interrupted tour goes on where it stopped."
    })
final class TourCommand extends Stage {
  private static final double PACE_SECONDS = 12;

  @Mixin private KernelArguments kernels;

  @Option(
      names = "--out",
      defaultValue = "runs/tour",
      paramLabel = "FOLDER",
      description = "Where everything goes (default: ${DEFAULT-VALUE}).")
  private Path out;

  @Option(
      names = "--text",
      arity = "1..*",
      paramLabel = "PATH",
      description = "Files or folders to learn from instead.")
  private List<Path> text = List.of();

  @Option(
      names = "--bytes",
      converter = ByteCount.class,
      defaultValue = "24M",
      paramLabel = "BYTES",
      description = "Text to tokenize at most (default: ${DEFAULT-VALUE}).")
  private long bytes;

  @Option(
      names = "--vocab",
      defaultValue = "4096",
      paramLabel = "N",
      description = "Tokens to learn (default: ${DEFAULT-VALUE}).")
  private int vocabulary;

  @Option(
      names = "--layers",
      defaultValue = "6",
      paramLabel = "N",
      description = "Layers of the model (default: ${DEFAULT-VALUE}).")
  private int layers;

  @Option(
      names = "--width",
      defaultValue = "192",
      paramLabel = "N",
      description = "Width of the model, a multiple of 32, which is a head's (default: 192).")
  private int width;

  @Option(
      names = "--steps",
      defaultValue = "600",
      paramLabel = "N",
      description = "Training steps of 8 sequences of 256 tokens (default: ${DEFAULT-VALUE}).")
  private long steps;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      description =
          "As many steps as fit into so many minutes on this machine, instead of --steps.")
  private Optional<Double> minutes = Optional.empty();

  @Option(
      names = "--seed",
      defaultValue = "1234",
      paramLabel = "N",
      description = "Of the world, the mixture, the weights, the order (default: 1234).")
  private long seed;

  TourCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    if (width < 32 || width % 32 != 0) {
      throw badUsage("--width is " + width + "; it must be a multiple of 32");
    }
    try (Kernels opened = kernels.open(shell())) {
      TourSettings settings = settings(opened);
      TourFolder folder = new TourFolder(out, settings);
      TourCorpus corpus = TourCorpus.of(settings, Path.of(System.getProperty("java.home")));
      folder.claim(corpus);
      shell().err().println("gamelan: tour: learning from " + corpus.description());
      Path tokenizerFile = learnTokenizer(settings, corpus);
      Tokenizer tokenizer = Tokenizers.open(tokenizerFile);
      try (TokenDataset data = tokenize(settings, corpus, tokenizer)) {
        folder.enough(data);
        GptNeoX family = family(settings, tokenizer);
        TrainingSetup setup =
            new TrainingSetup(
                settings.training(),
                family,
                Optional.empty(),
                out.resolve("tokens"),
                out.resolve("pretraining"),
                Optional.of(tokenizerFile),
                corpus.prompts());
        TrainingSession.Outcome outcome = TrainingSession.run(shell(), setup, data, opened);
        if (!outcome.complete()) {
          shell().err().println("gamelan: tour: interrupted; the same command goes on from here");
          return FAILED;
        }
        Path model = publish(outcome.trainer().checkpoint(outcome.steps()), tokenizerFile);
        CorpusEntropy entropy =
            CorpusEntropy.measure(
                outcome.trainer().split().training(), outcome.trainer().split().validation());
        Path report = out.resolve("report.html");
        TourReport.of(setup, corpus, data, entropy, opened, shell().home()).write(report);
        tell(setup, entropy, model, report);
      }
    }
    return DONE;
  }

  private TourSettings settings(Kernels opened) {
    TourSettings asked = settings(steps);
    if (minutes.isEmpty()) {
      return asked;
    }
    if (!(minutes.get() > 0)) {
      throw badUsage("--minutes is " + minutes.get() + "; it must be positive");
    }
    shell().err().println("gamelan: tour: measuring how fast this machine trains");
    double seconds =
        Pace.secondsPerStep(
            asked.training(), asked.family(vocabulary, Optional.empty()), opened, PACE_SECONDS);
    // Twelve looks at the model come out even.
    long fitting = 12 * Math.max(2, Math.round(minutes.get() * 60 / seconds / 12));
    shell()
        .err()
        .printf(
            "gamelan: tour: %.0f ms a step: %d steps in %s minutes; --steps %d gives this very model again%n",
            seconds * 1e3, fitting, minutes.get(), fitting);
    return settings(fitting);
  }

  private TourSettings settings(long trainingSteps) {
    return new TourSettings(
        text, bytes, vocabulary, layers, width, width / 32, 256, 8, trainingSteps, 2e-3, seed);
  }

  private Path learnTokenizer(TourSettings settings, TourCorpus corpus) throws Exception {
    Path folder = out.resolve("tokenizer");
    Path file = folder.resolve("tokenizer.json");
    if (!Files.exists(file)) {
      long began = System.nanoTime();
      int found;
      try (DocumentStream documents = corpus.source().limited(TourSettings.TOKENIZER_BYTES).open();
          LiveLine line = new LiveLine(shell())) {
        WorkProgress reading =
            new WorkProgress(line, "counting words", OptionalLong.of(TourSettings.TOKENIZER_BYTES));
        HfTokenizer learnt =
            new BpeTrainer(BpeTrainingOptions.of(settings.vocabulary()))
                .train(documents.texts(), new Watch(line, reading));
        learnt.save(folder);
        found = learnt.vocabularySize();
      }
      say("tokenizer of %,d tokens, learnt", found, began);
      if (found < settings.vocabulary()) {
        shell()
            .err()
            .printf(
                "gamelan: tour: the text has pairs for %,d tokens only, not %,d%n",
                found, settings.vocabulary());
      }
    }
    return file;
  }

  private record Watch(LiveLine line, WorkProgress reading) implements TrainingProgress {
    @Override
    public void counting(long read) {
      reading.reached(read);
    }

    @Override
    public void merging(int tokens, int wanted) {
      line.show(() -> "merging  " + tokens + " of " + wanted + " tokens");
    }
  }

  private TokenDataset tokenize(TourSettings settings, TourCorpus corpus, Tokenizer tokenizer) {
    Path folder = out.resolve("tokens");
    if (!Files.exists(folder)) {
      long began = System.nanoTime();
      try (LiveLine line = new LiveLine(shell())) {
        ShardOptions options =
            ShardOptions.defaults()
                .withThreads(kernels.threads())
                .withSettings(
                    Map.of(
                        "corpus", corpus.source().name(),
                        "bytes", Long.toString(settings.corpusBytes()),
                        "seed", Long.toString(settings.seed())))
                .withProgress(
                    p ->
                        line.show(
                            () ->
                                "tokenizing  %s  %s tokens"
                                    .formatted(
                                        Figures.bytes(p.bytes()), Figures.count(p.tokens()))));
        TokenShards.write(corpus.source().open(), tokenizer, folder, options);
      }
      TokenDataset data = TokenDataset.open(folder);
      say("%,d tokens in shards, made", data.tokens(), began);
      return data;
    }
    return TokenDataset.open(folder);
  }

  private void say(String what, long figure, long began) {
    shell()
        .err()
        .printf(
            "gamelan: tour: " + what + " in %s%n",
            figure,
            Figures.time(Duration.ofNanos(System.nanoTime() - began)));
  }

  private static GptNeoX family(TourSettings settings, Tokenizer tokenizer) {
    Optional<Integer> end =
        tokenizer.eos().isPresent() ? Optional.of(tokenizer.eos().getAsInt()) : Optional.empty();
    return settings.family(tokenizer.vocabularySize(), end);
  }

  /** The trained model without its optimizer, where generate finds it. */
  private Path publish(Path checkpoint, Path tokenizer) throws IOException {
    Path model = out.resolve("model");
    Checkpoint trained = Checkpoint.open(checkpoint);
    Checkpoint.save(model, trained.family(), trained.tensors());
    Path draft = model.resolve("tokenizer.json.tmp");
    Files.copy(tokenizer, draft, StandardCopyOption.REPLACE_EXISTING);
    Files.move(draft, model.resolve("tokenizer.json"), StandardCopyOption.ATOMIC_MOVE);
    return model;
  }

  private void tell(TrainingSetup setup, CorpusEntropy entropy, Path model, Path report) {
    double loss = TourReport.lastValidation(setup);
    shell()
        .out()
        .printf(
            "validation loss %.3f nats a token; counting words gives %.3f (unigram), pairs %.3f (bigram)%n",
            loss, entropy.unigramValidation(), entropy.bigramValidation());
    shell().out().println("model   " + model);
    shell().out().println("report  " + report);
    shell()
        .out()
        .println("next    ./gamelan generate --model " + model + " --prompt \"One morning,\"");
  }
}
