package dev.gamelan.app.command;

import dev.gamelan.data.Corpus;
import dev.gamelan.data.CorpusOptions;
import dev.gamelan.data.DocumentSource;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.CommandLine.Option;

/** The options by which a command is given texts. */
final class CorpusArguments {
  @Option(
      names = "--text",
      required = true,
      arity = "1..*",
      paramLabel = "PATH",
      description = {
        "What to read: text files, JSON lines, either of them packed by gzip or zstandard, zip"
            + " archives, and folders of all these."
      })
  private List<Path> paths = List.of();

  @Option(
      names = "--separator",
      paramLabel = "LINE",
      description = "The line that stands between the documents of a text file (else: one a file).")
  private Optional<String> separator = Optional.empty();

  @Option(
      names = "--text-field",
      paramLabel = "NAME",
      defaultValue = "text",
      description = "The field of a JSON line that holds the text (default: ${DEFAULT-VALUE}).")
  private String textField;

  @Option(
      names = "--extensions",
      split = ",",
      paramLabel = "EXT",
      description = "What to read in folders and archives, e.g. java,md (default: text and code).")
  private Set<String> extensions = new LinkedHashSet<>();

  @Option(
      names = "--limit",
      paramLabel = "BYTES",
      converter = ByteCount.class,
      description = "Stop after the document that reaches so many bytes, e.g. 20M.")
  private Optional<Long> limit = Optional.empty();

  @Option(
      names = "--shuffle",
      paramLabel = "SEED",
      description = "Read the files of folders and archives in a random order (default: sorted).")
  private Optional<Long> shuffle = Optional.empty();

  /** The documents asked for. */
  DocumentSource source() {
    CorpusOptions options = CorpusOptions.defaults().withTextField(textField);
    if (separator.isPresent()) {
      options = options.withSeparator(separator.get());
    }
    if (!extensions.isEmpty()) {
      options = options.withExtensions(extensions);
    }
    if (shuffle.isPresent()) {
      options = options.withShuffle(shuffle.get());
    }
    DocumentSource all = Corpus.of(paths, options);
    return limit.isPresent() ? all.limited(limit.get()) : all;
  }

  /** How many bytes will be read at most, where the options say it. */
  OptionalLong bytes() {
    return limit.isPresent() ? OptionalLong.of(limit.get()) : OptionalLong.empty();
  }

  /** What the documents depend on beside the files themselves: for a dataset's manifest. */
  Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>();
    settings.put("text_field", textField);
    separator.ifPresent(line -> settings.put("separator", line));
    if (!extensions.isEmpty()) {
      settings.put("extensions", String.join(",", new TreeSet<>(extensions)));
    }
    limit.ifPresent(bytes -> settings.put("limit", Long.toString(bytes)));
    shuffle.ifPresent(seed -> settings.put("shuffle", Long.toString(seed)));
    return settings;
  }
}
