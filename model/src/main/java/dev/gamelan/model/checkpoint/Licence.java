package dev.gamelan.model.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a model says of its licence. */
public final class Licence {
  private static final int MOST_READ = 1 << 16;

  /** How the texts of licences begin, with their SPDX names, the longer beginnings first. */
  private static final List<String[]> TEXTS =
      List.of(
          new String[] {"apache license version 2.0", "apache-2.0"},
          new String[] {"mit license", "mit"},
          new String[] {"the mit license", "mit"},
          new String[] {"gnu general public license version 3", "gpl-3.0"},
          new String[] {"gnu lesser general public license version 3", "lgpl-3.0"},
          new String[] {"gnu affero general public license version 3", "agpl-3.0"},
          new String[] {"bsd 3-clause license", "bsd-3-clause"},
          new String[] {"bsd 2-clause license", "bsd-2-clause"},
          new String[] {"attribution-noncommercial 4.0 international", "cc-by-nc-4.0"},
          new String[] {"attribution-sharealike 4.0 international", "cc-by-sa-4.0"},
          new String[] {"attribution 4.0 international", "cc-by-4.0"},
          new String[] {"creative commons legal code cc0 1.0 universal", "cc0-1.0"});

  private Licence() {}

  /**
   * A model's licence: the key {@code general.license} of a GGUF file; of other files and folders
   * {@code license} in the front matter of the README.md beside the weights, else what the LICENSE
   * there begins with.
   *
   * @throws IllegalArgumentException if the GGUF file is damaged
   */
  public static Optional<String> of(Path model) {
    if (GgufModel.is(model)) {
      Optional<String> stated = Gguf.open(model).text("general.license");
      if (stated.isPresent()) {
        return stated;
      }
    }
    Path folder = Files.isDirectory(model) ? model : model.toAbsolutePath().getParent();
    return begin(folder.resolve("README.md")).flatMap(Licence::frontMatter).or(() -> file(folder));
  }

  private static Optional<String> file(Path folder) {
    for (String name : List.of("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING")) {
      Optional<String> text = begin(folder.resolve(name));
      if (text.isPresent()) {
        return text.flatMap(Licence::recognised);
      }
    }
    return Optional.empty();
  }

  private static Optional<String> begin(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (var in = Files.newInputStream(file)) {
      return Optional.of(new String(in.readNBytes(MOST_READ), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * {@code license: NAME} between the first two lines of three dashes; {@code other} has a name.
   */
  private static Optional<String> frontMatter(String readme) {
    List<String> lines = readme.lines().toList();
    if (lines.isEmpty() || !lines.getFirst().strip().equals("---")) {
      return Optional.empty();
    }
    Optional<String> licence = Optional.empty();
    Optional<String> name = Optional.empty();
    for (String line : lines.subList(1, lines.size())) {
      if (line.strip().equals("---")) {
        break;
      }
      licence = licence.or(() -> value(line, "license:"));
      name = name.or(() -> value(line, "license_name:"));
    }
    Optional<String> named = name;
    return licence.map(l -> l.equals("other") ? named.orElse(l) : l);
  }

  private static Optional<String> value(String line, String key) {
    if (!line.startsWith(key)) {
      return Optional.empty();
    }
    String value = line.substring(key.length()).strip().replaceAll("^[\"'\\[]+|[\"'\\]]+$", "");
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }

  /** The licence whose text it is, else its first line. */
  private static Optional<String> recognised(String text) {
    String words = text.strip().replaceAll("[\\s#*]+", " ").strip().toLowerCase(Locale.ROOT);
    for (String[] known : TEXTS) {
      if (words.startsWith(known[0])) {
        return Optional.of(known[1]);
      }
    }
    return text.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .findFirst()
        .map(line -> line.length() > 80 ? line.substring(0, 80) + "…" : line);
  }
}
