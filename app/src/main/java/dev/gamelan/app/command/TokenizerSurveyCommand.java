package dev.gamelan.app.command;

import dev.gamelan.app.console.LiveLine;
import dev.gamelan.app.console.Machine;
import dev.gamelan.app.console.Shell;
import dev.gamelan.app.tokens.Survey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code gamelan tokenizer survey}. */
@Command(
    name = "survey",
    description = {
      "Check every published tokenizer of the shared assets against other implementations' ids, and"
          + " measure its speed and compression."
    },
    footer = {
      "",
      "Examples:",
      "  gamelan tokenizer survey --assets ../shared/assets",
      "  gamelan tokenizer survey --assets ../shared/assets --out docs/tokenizers.md",
      "",
      "MB/s: English, Vietnamese and Chinese prose, one thread, warm, the median of five runs."
    })
final class TokenizerSurveyCommand extends Stage {
  private static final String BEGIN = "<!-- survey -->";
  private static final String END = "<!-- /survey -->";

  @Option(
      names = "--assets",
      required = true,
      paramLabel = "FOLDER",
      description = "The folder of shared assets, with tokenizers/ and corpora/.")
  private Path assets;

  @Option(
      names = "--out",
      paramLabel = "FILE.md",
      description = {
        "Put the table between the lines "
            + BEGIN
            + " and "
            + END
            + " of this file (default: print it)."
      })
  private Optional<Path> out = Optional.empty();

  TokenizerSurveyCommand(Shell shell) {
    super(shell);
  }

  @Override
  int run() throws Exception {
    if (out.isPresent()) {
      // Before minutes of work.
      replaced(Files.readString(out.get()), "");
    }
    List<Survey.Line> lines;
    try (LiveLine line = new LiveLine(shell())) {
      lines = new Survey(assets).run(name -> line.show(() -> "looking at " + name));
    }
    String table =
        Survey.markdown(lines)
            + "\nMeasured on "
            + Machine.here().oneLine()
            + " by `gamelan tokenizer survey`.\n";
    if (out.isPresent()) {
      write(out.get(), replaced(Files.readString(out.get()), table));
    } else {
      shell().out().print(table);
    }
    long wrong = lines.stream().filter(line -> line.passed() < line.vectors()).count();
    if (wrong > 0) {
      shell().err().printf("gamelan: tokenizer survey: %d tokenizers miss some vectors%n", wrong);
    }
    return wrong == 0 ? DONE : FAILED;
  }

  private String replaced(String file, String table) {
    int from = file.indexOf(BEGIN);
    int to = file.indexOf(END);
    if (from < 0 || to < from) {
      throw badUsage(
          "%s has no lines %s and %s; put them where the table is to be"
              .formatted(out.orElseThrow(), BEGIN, END));
    }
    return file.substring(0, from + BEGIN.length()) + "\n\n" + table + "\n" + file.substring(to);
  }

  private static void write(Path file, String text) throws IOException {
    Path draft = file.resolveSibling("." + file.getFileName() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(
              draft,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
  }
}
