package dev.gamelan.eval.dataset;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * A data set's repository as it was fetched from the Hub. Files of a split are called after it, and
 * those of a configuration lie in a folder of its name: {@code main/test-00000-of-00001.parquet},
 * {@code data/test.jsonl}.
 */
record Snapshot(Path folder) {
  /**
   * The rows of a split.
   *
   * @throws DatasetException the repository has none that can be read
   */
  List<ObjectNode> rows(Datasets.Request request) {
    Pattern named =
        Pattern.compile("(.*[-_])?" + Pattern.quote(request.split()) + "([-_.].*)?\\.[a-z.]+");
    List<Path> all;
    try (Stream<Path> walk = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      all =
          walk.filter(Files::isRegularFile)
              .filter(p -> named.matcher(p.getFileName().toString()).matches())
              .sorted()
              .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Path> files = ofConfiguration(all, request.name());
    List<ObjectNode> rows = new ArrayList<>();
    for (Path file : files) {
      if (Rows.EXTENSIONS.stream().anyMatch(file.toString()::endsWith)) {
        rows.addAll(Rows.read(file, Optional.empty()));
      }
    }
    if (!rows.isEmpty()) {
      return rows;
    }
    throw new DatasetException(
        files.isEmpty()
            ? "%s has no file of the split %s".formatted(folder, request.split())
            : "%s: %s aren't of a kind that is read; convert them to Parquet or JSON lines and name them with --data"
                .formatted(folder, files.stream().map(folder::relativize).toList()));
  }

  private List<Path> ofConfiguration(List<Path> files, Optional<String> name) {
    List<Path> own =
        files.stream()
            .filter(f -> name.isPresent() && folder.relativize(f).toString().contains(name.get()))
            .toList();
    return own.isEmpty() ? files : own;
  }
}
