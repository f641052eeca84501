package dev.gamelan.eval.dataset;

import dev.gamelan.eval.python.PythonLiteral;
import dev.gamelan.text.template.PromptTemplate;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Says in which files, and under which names of fields, data sets lie: a {@code datasets.yaml}.
 *
 * <pre>{@code
 * Rowan/hellaswag:            # the name tasks use
 *   validation:               # a split, or configuration/split, where * is any configuration
 *     file: hellaswag/val.jsonl.gz     # or a list: the first that is there
 *     field: examples         # of a JSON object: where the rows are
 *     where: {subject: "{name}"}       # only rows whose field is this
 *     rows: [10, 510]         # only these, from the first (counted from 0) to before the last
 *     fields: {label: "{{ 1 if answer else 0 }}"}  # computed of the row's own, or of `row` (Jinja)
 *     labels: train.lst       # a text file with a value a row, for the field `label`; in the
 *                             # root or beside the file
 *     text: page              # the file is no table: its whole text is this field of one row
 * }</pre>
 *
 * <p>{@code {name}} in {@code file}, {@code labels} and {@code where} is the configuration asked
 * for.
 */
final class Catalog {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final java.util.Set<String> KEYS =
      java.util.Set.of("file", "field", "where", "rows", "fields", "labels", "text");

  private final String owner;
  private final Path root;
  private final Map<String, Map<String, Map<String, Object>>> sets = new LinkedHashMap<>();

  /** Files that were read last: many sets may be parts of one. */
  private final Map<Path, List<ObjectNode>> files =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, List<ObjectNode>> eldest) {
          return size() > 4;
        }
      };

  private Catalog(String owner, Path root, Map<?, ?> values) {
    this.owner = owner;
    this.root = root;
    values.forEach(
        (set, splits) -> {
          Map<String, Map<String, Object>> entries = new LinkedHashMap<>();
          mapping(owner + ": " + set, splits)
              .forEach((split, e) -> entries.put(split, checked(set + ", " + split, e)));
          sets.put(String.valueOf(set), entries);
        });
  }

  private Map<String, Object> checked(String place, Object entry) {
    Map<String, Object> values = mapping(owner + ": " + place, entry);
    for (String key : values.keySet()) {
      if (!KEYS.contains(key)) {
        throw new DatasetException(
            "%s: %s: unknown key '%s'; known are %s".formatted(owner, place, key, KEYS));
      }
    }
    if (!values.containsKey("file")) {
      throw new DatasetException(owner + ": " + place + ": file is missing");
    }
    return values;
  }

  private static Map<String, Object> mapping(String place, Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new DatasetException(place + ": a mapping is needed");
    }
    Map<String, Object> result = new LinkedHashMap<>();
    map.forEach((k, v) -> result.put(String.valueOf(k), v));
    return result;
  }

  /** A user's catalog; names of files are relative to {@code root}. */
  static Catalog read(Path file, Path root) {
    try {
      return parse(file.toString(), root, Files.readString(file));
    } catch (IOException e) {
      throw new DatasetException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** The layouts that published collections of these sets have. */
  static Catalog known(Path root) {
    try (InputStream in = Catalog.class.getResourceAsStream("datasets.yaml")) {
      return parse("datasets.yaml", root, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException("eval: this build lacks its datasets.yaml", e);
    }
  }

  private static Catalog parse(String name, Path root, String text) {
    try {
      Object value = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
      return new Catalog(name, root, mapping(name, value));
    } catch (YAMLException e) {
      throw new DatasetException(name + ": " + e.getMessage(), e);
    }
  }

  /** The rows, if this catalog has them and their file is there. */
  Optional<List<ObjectNode>> rows(Datasets.Request request, List<Path> looked) {
    Map<String, Map<String, Object>> splits = sets.getOrDefault(request.path(), Map.of());
    List<String> keys = new ArrayList<>();
    request.name().ifPresent(name -> keys.add(name + "/" + request.split()));
    keys.add("*/" + request.split());
    keys.add(request.split());
    for (String key : keys) {
      Map<String, Object> entry = splits.get(key);
      if (entry == null) {
        continue;
      }
      Object files = entry.get("file");
      for (Object each : files instanceof List<?> list ? list : List.of(files)) {
        Path file = root.resolve(filled(String.valueOf(each), request));
        if (Files.isRegularFile(file)) {
          return Optional.of(read(file, entry, request));
        }
        looked.add(file);
      }
    }
    return Optional.empty();
  }

  private static String filled(String text, Datasets.Request request) {
    return text.replace("{name}", request.name().orElse(""));
  }

  private List<ObjectNode> read(Path file, Map<String, Object> entry, Datasets.Request request) {
    if (entry.get("text") instanceof String field) {
      return List.of(document(Rows.text(file), field));
    }
    List<ObjectNode> rows =
        files.computeIfAbsent(
            file, f -> Rows.read(f, Optional.ofNullable(entry.get("field")).map(String::valueOf)));
    if (entry.get("labels") instanceof String labels) {
      String name = filled(labels, request);
      Path own = root.resolve(name);
      rows = label(rows, Files.isRegularFile(own) ? own : file.resolveSibling(name));
    }
    if (entry.get("where") != null) {
      Map<String, Object> where = mapping(owner + ": where", entry.get("where"));
      rows =
          rows.stream()
              .filter(
                  row ->
                      where.entrySet().stream()
                          .allMatch(
                              w ->
                                  row.path(w.getKey())
                                      .asString("")
                                      .equals(filled(String.valueOf(w.getValue()), request))))
              .toList();
    }
    if (entry.get("rows") instanceof List<?> range) {
      int from = (Integer) range.get(0);
      rows = rows.subList(from, Math.min(rows.size(), (Integer) range.get(1)));
    }
    if (entry.get("fields") != null) {
      Map<String, PromptTemplate> templates = new LinkedHashMap<>();
      mapping(owner + ": fields", entry.get("fields"))
          .forEach(
              (name, t) ->
                  templates.put(name, PromptTemplate.parse(owner + ": " + name, (String) t)));
      return rows.stream().map(row -> mapped(row, templates)).toList();
    }
    return rows;
  }

  private static List<ObjectNode> label(List<ObjectNode> rows, Path labels) {
    List<String> values = Rows.text(labels).lines().toList();
    if (values.size() != rows.size()) {
      throw new DatasetException(
          "%s: %d labels for %d rows".formatted(labels, values.size(), rows.size()));
    }
    List<ObjectNode> labelled = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      ObjectNode row = rows.get(i).deepCopy();
      row.set("label", value(values.get(i)));
      labelled.add(row);
    }
    return labelled;
  }

  private static ObjectNode mapped(ObjectNode row, Map<String, PromptTemplate> templates) {
    ObjectNode result = row.deepCopy();
    // Names that aren't Jinja's, such as "Best Answer", are reached through `row`.
    ObjectNode context = row.deepCopy();
    context.set("row", row);
    templates.forEach((name, template) -> result.set(name, value(template.render(context))));
    return result;
  }

  /** What a rendered field stands for: a number, list or such as Python writes it, else a text. */
  private static JsonNode value(String text) {
    return PythonLiteral.parse(text).orElseGet(() -> NODES.stringNode(text));
  }

  static ObjectNode document(String text, String field) {
    return NODES.objectNode().put(field, text);
  }
}
