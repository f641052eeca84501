package dev.gamelan.eval.task;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.AbstractConstruct;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads task files: YAML 1.1 as PyYAML understands it, {@code !function} tags as {@link
 * FunctionName}, {@code include} merged below what stands in the file itself.
 */
final class TaskYaml {
  private static final int MAX_BYTES = 16 << 20;

  private TaskYaml() {}

  private static final class Constructor extends SafeConstructor {
    Constructor(String folder, LoaderOptions options) {
      super(options);
      yamlConstructors.put(
          new Tag("!function"),
          new AbstractConstruct() {
            @Override
            public Object construct(Node node) {
              String name = node instanceof ScalarNode scalar ? scalar.getValue() : "";
              int dot = name.lastIndexOf('.');
              if (dot < 1) {
                throw new YAMLException("!function needs module.function, not '" + name + "'");
              }
              return new FunctionName(folder, name.substring(0, dot), name.substring(dot + 1));
            }
          });
    }
  }

  /**
   * Reads a file and what it includes.
   *
   * @throws TaskException it isn't a YAML mapping, or includes itself
   */
  static Map<String, Object> read(Path file) throws IOException {
    return read(file, true, new HashSet<>());
  }

  /** Reads a file by itself: {@code include} stays a key. */
  static Map<String, Object> readAlone(Path file) throws IOException {
    return read(file, false, new HashSet<>());
  }

  private static Map<String, Object> read(Path file, boolean includes, Set<URI> open)
      throws IOException {
    URI uri = file.toAbsolutePath().normalize().toUri();
    if (!open.add(uri)) {
      throw new TaskException(file + ": includes itself; take the include out");
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new TaskException(file + ": more than " + MAX_BYTES + " bytes is no task file");
    }
    Map<String, Object> own =
        parse(file.toString(), folder(file), Files.readString(file, StandardCharsets.UTF_8));
    if (!includes || !own.containsKey("include")) {
      return own;
    }
    Object named = own.remove("include");
    Map<String, Object> merged = new LinkedHashMap<>();
    for (Object each : named instanceof List<?> list ? list : List.of(named)) {
      Path included = file.resolveSibling(String.valueOf(each));
      if (!Files.exists(included)) {
        throw new TaskException(file + ": includes " + included + ", which isn't there");
      }
      Map<String, Object> base = read(included, true, open);
      base.remove("task_list");
      merged.putAll(base);
    }
    merged.putAll(own);
    open.remove(uri);
    return merged;
  }

  private static String folder(Path file) {
    Path folder = file.toAbsolutePath().normalize().getParent();
    return folder.getFileName() == null ? "" : folder.getFileName().toString();
  }

  /** Parses a text; {@code name} and {@code folder} are what errors and functions call it. */
  static Map<String, Object> parse(String name, String folder, String text) {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MAX_BYTES);
    options.setWarnOnDuplicateKeys(false);
    Object value;
    try {
      value = new Yaml(new Constructor(folder, options)).load(text);
    } catch (YAMLException e) {
      throw new TaskException(name + ": " + e.getMessage(), e);
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw new TaskException(name + ": a YAML mapping is needed");
    }
    Map<String, Object> result = new LinkedHashMap<>();
    map.forEach((key, v) -> result.put(String.valueOf(key), v));
    return result;
  }
}
