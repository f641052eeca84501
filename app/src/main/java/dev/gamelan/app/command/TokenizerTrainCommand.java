package dev.gamelan.app.command;

import dev.gamelan.app.console.Figures;
import dev.gamelan.app.console.LiveLine;
import dev.gamelan.app.console.Shell;
import dev.gamelan.app.console.WorkProgress;
import dev.gamelan.data.DocumentStream;
import dev.gamelan.text.hf.HfTokenizer;
import dev.gamelan.text.train.BpeTrainer;
import dev.gamelan.text.train.BpeTrainingOptions;
import dev.gamelan.text.train.TrainingProgress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gamelan tokenizer train}. */
@Command(
    name = "train",
    customSynopsis = "gamelan tokenizer train --text PATH... --out FOLDER [OPTIONS]",
    description = "Learn a vocabulary and its merges from texts, and save them as tokenizer.json.",
    footer = {
      "",
      "Examples:",
      "  gamelan tokenizer train --text corpus/ --vocab 8192 --out runs/tokenizer",
      "  gamelan tokenizer train --text a.jsonl.zst b.txt --vocab 32000 --split-digits"
          + " --special '<|endoftext|>' --special '<|user|>' --out chat-tokenizer",
      "",
      "The same texts and options give the same file. Hugging Face's tokenizers reads it."
    })
final class TokenizerTrainCommand extends Stage {
  enum Algorithm {
    bpe
  }

  @Mixin private CorpusArguments corpus;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FOLDER",
      description = "Where tokenizer.json goes.")
  private Path out;

  @Option(
      names = "--algorithm",
      paramLabel = "NAME",
      defaultValue = "bpe",
      description =
          "How the vocabulary is learnt: ${COMPLETION-CANDIDATES} (byte-level;"
              + " default: ${DEFAULT-VALUE}).")
  private Algorithm algorithm;

  @Option(
      names = "--vocab",
      defaultValue = "32000",
      paramLabel = "N",
      description = "How many ids, special tokens and bytes included (default: ${DEFAULT-VALUE}).")
  private int vocabulary;

  @Option(
      names = "--min-frequency",
      defaultValue = "2",
      paramLabel = "N",
      description = "How often a pair must occur to be merged (default: ${DEFAULT-VALUE}).")
  private long minFrequency;

  @Option(
      names = "--special",
      defaultValue = "<|endoftext|>",
      paramLabel = "TOKEN",
      description = "A special token; may be given several times (default: ${DEFAULT-VALUE}).")
  private List<String> specials;

  @Option(names = "--split-digits", description = "Make every digit a token of its own.")
  private boolean splitDigits;

  @Option(
      names = "--pattern",
      paramLabel = "REGEX",
      description = "Cut texts into pieces by this expression (default: GPT-2's).")
  private Optional<String> pattern = Optional.empty();

  @Option(
      names = "--normalize",
      paramLabel = "FORM",
      description = "Normalize texts first: ${COMPLETION-CANDIDATES} (default: leave them alone).")
  private Optional<Normalizer.Form> form = Optional.empty();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that count words (default: all processors).")
  private Optional<Integer> threads = Optional.empty();

  @Option(names = "--replace", description = "Replace a tokenizer that is there already.")
  private boolean replace;

  TokenizerTrainCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    Path file = out.resolve("tokenizer.json");
    if (Files.exists(file) && !replace) {
      throw badUsage(file + " exists; choose another --out, or give --replace");
    }
    BpeTrainer trainer =
        switch (algorithm) {
          case bpe -> new BpeTrainer(options());
        };
    long began = System.nanoTime();
    HfTokenizer tokenizer;
    try (DocumentStream documents = corpus.source().open();
        Watch watch = new Watch(shell(), corpus)) {
      tokenizer = trainer.train(documents.texts(), watch);
      if (documents.skipped().counts().size() > 0) {
        watch.reading.say("gamelan: tokenizer train: " + documents.skipped());
      }
    }
    tokenizer.save(out);
    if (tokenizer.vocabularySize() < vocabulary) {
      shell()
          .err()
          .printf(
              "gamelan: tokenizer train: the texts have pairs for %d tokens only, not %d%n",
              tokenizer.vocabularySize(), vocabulary);
    }
    shell()
        .out()
        .printf(
            "%s: %d tokens, learnt in %s%n",
            file,
            tokenizer.vocabularySize(),
            Figures.time(Duration.ofNanos(System.nanoTime() - began)));
    return DONE;
  }

  private BpeTrainingOptions options() {
    BpeTrainingOptions options =
        BpeTrainingOptions.of(vocabulary)
            .withMinFrequency(minFrequency)
            .withSpecialTokens(specials);
    if (pattern.isPresent()) {
      options = options.withPattern(pattern.get());
    }
    if (splitDigits) {
      options = options.withSingleDigits();
    }
    if (form.isPresent()) {
      options = options.withNormalization(form.get());
    }
    return threads.isPresent() ? options.withThreads(threads.get()) : options;
  }

  /** Shows the two halves of the work on one line. */
  private static final class Watch implements TrainingProgress, AutoCloseable {
    private final LiveLine line;
    private final WorkProgress reading;

    Watch(Shell shell, CorpusArguments corpus) {
      line = new LiveLine(shell);
      reading = new WorkProgress(line, "counting words", corpus.bytes());
    }

    @Override
    public void counting(long bytes) {
      reading.reached(bytes);
    }

    @Override
    public void merging(int tokens, int wanted) {
      line.show(() -> "merging  " + tokens + " of " + wanted + " tokens");
    }

    @Override
    public void close() {
      line.close();
    }
  }
}
