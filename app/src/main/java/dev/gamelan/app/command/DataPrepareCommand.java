package dev.gamelan.app.command;

import dev.gamelan.app.console.Figures;
import dev.gamelan.app.console.LiveLine;
import dev.gamelan.app.console.Shell;
import dev.gamelan.data.DocumentStream;
import dev.gamelan.data.shard.Manifest;
import dev.gamelan.data.shard.Progress;
import dev.gamelan.data.shard.ShardOptions;
import dev.gamelan.data.shard.TokenShards;
import dev.gamelan.text.Tokenizer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code gamelan data prepare}. */
@Command(
    name = "prepare",
    customSynopsis = "gamelan data prepare --text PATH... --tokenizer X --out FOLDER [OPTIONS]",
    description = "Tokenize texts into shards, with an index of the documents and a fingerprint.",
    footer = {
      "",
      "Examples:",
      "  gamelan data prepare --text corpus/ --tokenizer runs/tokenizer --out runs/data",
      "  gamelan data prepare --text web.jsonl.zst src.zip --tokenizer model/ --out runs/data"
          + " --limit 200M",
      "",
      "The same texts, tokenizer and options give the same files. The folder appears once it is"
          + " complete."
    })
final class DataPrepareCommand extends Stage {
  @Mixin private CorpusArguments corpus;
  @Mixin private TokenizerArgument tokenizer;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FOLDER",
      description = "Where the shards go.")
  private Path out;

  @Option(
      names = "--end",
      paramLabel = "TOKEN",
      description = "The token that ends every document (default: the tokenizer's own).")
  private Optional<String> end = Optional.empty();

  @Option(
      names = "--shard-tokens",
      defaultValue = "268435456",
      paramLabel = "N",
      description = "How many tokens a shard holds at most (default: 2^28).")
  private long shardTokens;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that tokenize (default: all processors).")
  private Optional<Integer> threads = Optional.empty();

  @Option(names = "--replace", description = "Replace a dataset that is there already.")
  private boolean replace;

  DataPrepareCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    Tokenizer opened = tokenizer.open();
    ShardOptions options =
        ShardOptions.defaults()
            .withShardTokens(shardTokens)
            .withReplace(replace)
            .withSettings(corpus.settings());
    if (threads.isPresent()) {
      options = options.withThreads(threads.get());
    }
    if (end.isPresent()) {
      options =
          options.withSeparator(
              opened
                  .id(end.get())
                  .orElseThrow(
                      () ->
                          badUsage(
                              "--end: '%s' is no token of %s"
                                  .formatted(end.get(), tokenizer.path()))));
    }
    DocumentStream documents = corpus.source().open();
    Manifest manifest;
    try (LiveLine line = new LiveLine(shell())) {
      manifest =
          TokenShards.write(
              documents, opened, out, options.withProgress(p -> line.show(() -> text(p))));
    }
    if (!documents.skipped().counts().isEmpty()) {
      shell().err().println("gamelan: data prepare: " + documents.skipped());
    }
    shell()
        .out()
        .printf(
            "%s: %,d tokens in %,d documents, %.3f bytes a token, fingerprint %s%n",
            out,
            manifest.tokens(),
            manifest.documents(),
            manifest.bytes() / (double) manifest.tokens(),
            manifest.fingerprint().substring(0, 16));
    return DONE;
  }

  private String text(Progress progress) {
    return "tokenizing  %s%s  %s tokens  %s/s  %s"
        .formatted(
            Figures.bytes(progress.bytes()),
            corpus.bytes().isPresent() ? " of " + Figures.bytes(corpus.bytes().getAsLong()) : "",
            Figures.count(progress.tokens()),
            Figures.bytes(progress.bytesPerSecond()),
            Figures.time(Duration.ofMillis(Math.round(progress.seconds() * 1000))));
  }
}
