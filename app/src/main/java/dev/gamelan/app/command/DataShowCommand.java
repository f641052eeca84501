package dev.gamelan.app.command;

import dev.gamelan.app.console.Shell;
import dev.gamelan.data.shard.DocumentEntry;
import dev.gamelan.data.shard.Manifest;
import dev.gamelan.data.shard.TokenDataset;
import dev.gamelan.data.shard.TokenDataset.Verify;
import dev.gamelan.data.shard.TokenizerFingerprint;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.Tokenizers;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code gamelan data show}. */
@Command(
    name = "show",
    description = "Tell what token shards hold, list their documents, or print one as text.",
    footer = {
      "",
      "Examples:",
      "  gamelan data show runs/data",
      "  gamelan data show runs/data --verify --documents 10",
      "  gamelan data show runs/data --document 3 --tokenizer runs/tokenizer",
      "  gamelan data show runs/data --json"
    })
final class DataShowCommand extends Stage {
  @Parameters(paramLabel = "FOLDER", description = "What 'gamelan data prepare' made.")
  private Path folder;

  @Option(names = "--verify", description = "Check the checksum of every file.")
  private boolean verify;

  @Option(
      names = "--documents",
      paramLabel = "N",
      defaultValue = "0",
      description = "List the first N documents.")
  private long documents;

  @Option(
      names = "--document",
      paramLabel = "I",
      description = "Print document I (from 0): as text with --tokenizer, else as ids.")
  private Optional<Long> document = Optional.empty();

  @Option(
      names = "--tokenizer",
      paramLabel = "X",
      description = "The tokenizer the shards were made with.")
  private Optional<Path> tokenizer = Optional.empty();

  @Option(names = "--json", description = "Print the manifest as JSON.")
  private boolean json;

  DataShowCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    if (tokenizer.isPresent() && document.isEmpty()) {
      throw badUsage("--tokenizer is for --document; say which document");
    }
    if (documents < 0) {
      throw badUsage("--documents is " + documents + "; it can't be negative");
    }
    if (json && (document.isPresent() || documents > 0)) {
      throw badUsage("--json prints the manifest alone; leave --document and --documents out");
    }
    try (TokenDataset dataset =
        TokenDataset.open(folder, verify ? Verify.CHECKSUMS : Verify.SIZES)) {
      if (json) {
        shell().out().write(Files.readAllBytes(folder.resolve("manifest.json")));
      } else if (document.isPresent()) {
        print(dataset, document.get());
      } else {
        summary(dataset.manifest());
        list(dataset);
      }
    }
    return DONE;
  }

  private void summary(Manifest manifest) {
    PrintStream out = shell().out();
    out.printf("tokens       %,d (%s)%n", manifest.tokens(), manifest.dtype());
    out.printf("documents    %,d%n", manifest.documents());
    out.printf(
        "text         %,d bytes, %.3f a token%n",
        manifest.bytes(), manifest.bytes() / (double) manifest.tokens());
    out.printf("shards       %,d%n", manifest.shards().size());
    out.printf(
        "vocabulary   %,d, documents end with %d%n",
        manifest.vocabularySize(), manifest.separator());
    out.printf("tokenizer    %s%n", manifest.tokenizer());
    out.printf("fingerprint  %s%s%n", manifest.fingerprint(), verify ? " (files verified)" : "");
    manifest.settings().forEach((name, value) -> out.printf("%-12s %s%n", name, value));
    out.println();
    out.printf("%14s %12s  %-24s %s%n", "tokens", "documents", "licence", "source");
    for (Manifest.SourceTotal source : manifest.sources()) {
      out.printf(
          "%,14d %,12d  %-24s %s%n",
          source.tokens(), source.documents(), source.licence().orElse("unknown"), source.source());
    }
  }

  private void list(TokenDataset dataset) {
    if (documents > 0) {
      shell().out().printf("%n%9s %14s %12s  %s%n", "document", "position", "tokens", "id");
      for (long i = 0; i < Math.min(documents, dataset.documents()); i++) {
        DocumentEntry entry = dataset.document(i);
        shell().out().printf("%9d %14d %12d  %s%n", i, entry.start(), entry.tokens(), entry.id());
      }
    }
  }

  private void print(TokenDataset dataset, long number) throws Exception {
    DocumentEntry entry = dataset.document(number);
    int[] ids = new int[Math.toIntExact(entry.tokens() - 1)]; // without the separator
    for (int i = 0; i < ids.length; i++) {
      ids[i] = dataset.token(entry.start() + i);
    }
    if (tokenizer.isEmpty()) {
      StringBuilder line = new StringBuilder();
      for (int id : ids) {
        line.append(line.isEmpty() ? "" : " ").append(id);
      }
      shell().out().println(line);
      return;
    }
    Tokenizer opened = Tokenizers.open(tokenizer.get());
    if (!TokenizerFingerprint.of(opened).equals(dataset.manifest().tokenizer())) {
      throw badUsage(
          "%s is not the tokenizer that %s was made with".formatted(tokenizer.get(), folder));
    }
    shell().out().print(opened.decode(ids));
    if (shell().outIsTerminal()) {
      shell().out().println();
    }
  }
}
