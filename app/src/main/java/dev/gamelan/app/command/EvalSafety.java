package dev.gamelan.app.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The options of safety tasks: who judges answers, and by which words. */
final class EvalSafety {
  @Option(
      names = "--judge",
      paramLabel = "MODEL",
      description =
          "The model that judges answers of safety tasks, here or behind an interface (default:"
              + " refusals by phrases).")
  private Optional<ModelName> judge = Optional.empty();

  @Option(
      names = "--judge-args",
      defaultValue = "",
      paramLabel = "KEY=VALUE,…",
      description = "As --model-args, for a judge behind an interface.")
  private String arguments;

  @Option(
      names = "--toxic-words",
      paramLabel = "FILE",
      description = "Words, one a line, by which safety_toxicity lists answers.")
  private Optional<Path> words = Optional.empty();

  Optional<ModelName> judge() {
    return judge;
  }

  String arguments() {
    return arguments;
  }

  Set<String> words() throws IOException {
    if (words.isEmpty()) {
      return Set.of();
    }
    Set<String> listed =
        Files.readString(words.get())
            .lines()
            .map(String::strip)
            .filter(l -> !l.isEmpty() && !l.startsWith("#"))
            .collect(Collectors.toSet());
    if (listed.isEmpty()) {
      throw new IllegalArgumentException(words.get() + ": there are no words in it");
    }
    return listed;
  }
}
