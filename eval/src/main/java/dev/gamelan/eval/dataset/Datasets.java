package dev.gamelan.eval.dataset;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Finds data sets by the name, configuration and split that tasks give them, on this machine: files
 * that a task names itself ({@code dataset_path: json}), folders of the user's ({@code --data DIR})
 * in the layouts described in docs/evaluation.md, and what a {@code datasets.yaml} in such a folder
 * says. Splits are read once. Not safe for concurrent use.
 */
public final class Datasets {
  private static final List<String> FILE_FORMATS =
      List.of("json", "csv", "text", "parquet", "arrow");

  private final List<Path> roots;
  private final Path working;
  private final Function<String, Optional<Path>> cached;
  private final List<Catalog> catalogs = new ArrayList<>();
  private final Map<Request, List<ObjectNode>> read = new HashMap<>();

  /**
   * Which rows are wanted.
   *
   * @param path a data set's name on the Hub, a folder, or {@code json} or {@code csv}
   * @param name its configuration
   * @param kwargs what the task gives the loader, such as {@code data_files}
   */
  public record Request(String path, Optional<String> name, ObjectNode kwargs, String split) {}

  /** {@link #Datasets(List, Path, Function)} without a cache. */
  public Datasets(List<Path> roots, Path working) {
    this(roots, working, name -> Optional.empty());
  }

  /**
   * @param roots folders to look in, the first first
   * @param working what relative names of files in tasks are relative to
   * @param cached where a data set of the Hub lies, if it was fetched
   * @throws DatasetException a folder isn't there, or its datasets.yaml is wrong
   */
  public Datasets(List<Path> roots, Path working, Function<String, Optional<Path>> cached) {
    this.cached = cached;
    this.roots = List.copyOf(roots);
    this.working = working;
    for (Path root : roots) {
      if (!Files.isDirectory(root)) {
        throw new DatasetException(root + ": no such folder of data (--data)");
      }
      Path own = root.resolve("datasets.yaml");
      if (Files.exists(own)) {
        catalogs.add(Catalog.read(own, root));
      }
    }
    for (Path root : roots) {
      catalogs.add(Catalog.known(root));
    }
  }

  /**
   * The rows of a split, in order. Callers mustn't change them.
   *
   * @throws DatasetException they aren't here, or can't be read
   */
  public List<ObjectNode> rows(Request request) {
    List<ObjectNode> known = read.get(request);
    if (known == null) {
      known = load(request);
      if (known.isEmpty()) {
        throw new DatasetException(describe(request) + ": there are no rows in it");
      }
      read.put(request, known);
    }
    return known;
  }

  private static String describe(Request r) {
    return "data set %s%s, split %s"
        .formatted(r.path(), r.name().map(n -> " (" + n + ")").orElse(""), r.split());
  }

  private List<ObjectNode> load(Request request) {
    if (FILE_FORMATS.contains(request.path())) {
      return named(request);
    }
    List<Path> looked = new ArrayList<>();
    for (Catalog catalog : catalogs) {
      Optional<List<ObjectNode>> rows = catalog.rows(request, looked);
      if (rows.isPresent()) {
        return rows.get();
      }
    }
    for (Path root : roots) {
      for (Path stem : stems(root, request)) {
        for (String extension : Rows.EXTENSIONS) {
          Path file = stem.resolveSibling(stem.getFileName() + extension);
          if (Files.isRegularFile(file)) {
            return Rows.read(file, Optional.empty());
          }
        }
        looked.add(stem);
      }
    }
    Path folder = working.resolve(request.path());
    if (Files.isDirectory(folder)) {
      for (String extension : Rows.EXTENSIONS) {
        Path file = folder.resolve(request.split() + extension);
        if (Files.isRegularFile(file)) {
          return Rows.read(file, Optional.empty());
        }
      }
    }
    Optional<Path> fetched = cached.apply(request.path());
    if (fetched.isPresent()) {
      return new Snapshot(fetched.get()).rows(request);
    }
    throw missing(request, looked);
  }

  private static List<Path> stems(Path root, Request request) {
    String plain = request.path().substring(request.path().lastIndexOf('/') + 1);
    List<Path> stems = new ArrayList<>();
    for (String base : List.of(request.path(), plain)) {
      request
          .name()
          .ifPresent(n -> stems.add(root.resolve(base).resolve(n).resolve(request.split())));
      stems.add(root.resolve(base).resolve(request.split()));
    }
    return stems;
  }

  private DatasetException missing(Request request, List<Path> looked) {
    String where =
        roots.isEmpty()
            ? "no folder of data was named (--data DIR)"
            : "looked for "
                + looked.stream().limit(4).map(p -> p + ".*").toList()
                + (looked.size() > 4 ? " and " + (looked.size() - 4) + " more" : "");
    String example =
        request.path() + request.name().map(n -> "/" + n).orElse("") + "/" + request.split();
    return new DatasetException(
        "%s isn't here: %s. Get it from https://huggingface.co/datasets/%s (gamelan pull), or put the rows as JSON lines into DIR/%s.jsonl, or say in DIR/datasets.yaml where they are"
            .formatted(describe(request), where, request.path(), example));
  }

  /** Files that the task names itself, as the loaders json and csv of Hugging Face do. */
  private List<ObjectNode> named(Request request) {
    if (request.path().equals("arrow")) {
      throw new DatasetException(
          "data set 'arrow' of a task: Arrow files aren't read; convert them to Parquet (Dataset.to_parquet)");
    }
    JsonNode files = request.kwargs().path("data_files");
    if (files.isMissingNode()) {
      throw new DatasetException(
          "dataset_path %s needs dataset_kwargs.data_files: a file, or files by split"
              .formatted(request.path()));
    }
    JsonNode ofSplit = files;
    if (files.isObject()) {
      ofSplit = files.path(request.split());
      if (ofSplit.isMissingNode()) {
        throw new DatasetException(
            "dataset_kwargs.data_files has no split '%s', only %s"
                .formatted(request.split(), files.propertyNames()));
      }
    } else if (!request.split().equals("train")) {
      throw new DatasetException(
          "dataset_kwargs.data_files names no splits, so all is 'train'; the task wants '%s'"
              .formatted(request.split()));
    }
    Optional<String> field = request.kwargs().optional("field").map(JsonNode::asString);
    List<ObjectNode> rows = new ArrayList<>();
    for (JsonNode name : ofSplit.isArray() ? ofSplit : List.of(ofSplit)) {
      Path file = find(name.asString(), request.kwargs());
      if (request.path().equals("text")) {
        Rows.text(file).lines().forEach(line -> rows.add(Catalog.document(line, "text")));
      } else {
        rows.addAll(Rows.read(file, field));
      }
    }
    return rows;
  }

  private Path find(String name, ObjectNode kwargs) {
    List<Path> places = new ArrayList<>();
    kwargs
        .optional("data_dir")
        .ifPresent(d -> places.add(working.resolve(d.asString()).resolve(name)));
    places.add(working.resolve(name));
    roots.forEach(root -> places.add(root.resolve(name)));
    for (Path place : places) {
      if (Files.isRegularFile(place)) {
        return place;
      }
    }
    throw new DatasetException(
        "%s: no such file, which a task's data_files names; looked at %s".formatted(name, places));
  }
}
