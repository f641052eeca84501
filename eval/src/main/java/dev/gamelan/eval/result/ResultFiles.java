package dev.gamelan.eval.result;

import dev.gamelan.eval.python.PythonText;
import dev.gamelan.eval.run.EvaluationResult;
import dev.gamelan.eval.run.EvaluationResult.Figure;
import dev.gamelan.eval.run.EvaluationResult.GroupResult;
import dev.gamelan.eval.run.EvaluationResult.TaskResult;
import dev.gamelan.eval.task.TaskTree;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes results under the harness's file names and in its formats. */
public final class ResultFiles {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH-mm-ss.SSSSSS");

  private ResultFiles() {}

  /** What was written. */
  public record Written(Path results, List<Path> samples) {}

  /**
   * Writes {@code FOLDER/MODEL/results_DATE.json} and, if wanted, {@code samples_TASK_DATE.jsonl}
   * beside it. Every file is there whole or not at all.
   */
  public static Written write(Path folder, EvaluationResult result, RunInfo info, boolean samples)
      throws IOException {
    Path own = folder.resolve(info.folder());
    Files.createDirectories(own);
    String date = DATE.format(LocalDateTime.ofInstant(info.began(), ZoneId.systemDefault()));
    List<Path> written = new ArrayList<>();
    if (samples) {
      for (TaskResult task : result.tasks()) {
        Path file =
            own.resolve(
                "samples_" + task.task().config().task().replace('/', '_') + "_" + date + ".jsonl");
        whole(
            file,
            out -> {
              for (EvaluationResult.Sample sample : task.samples()) {
                String line = PythonText.json(SampleLines.of(task, sample), 0, false) + "\n";
                out.write(line.getBytes(StandardCharsets.UTF_8));
              }
            });
        written.add(file);
      }
    }
    Path file = own.resolve("results_" + date + ".json");
    byte[] bytes =
        PythonText.json(json(result, info, samples), 2, false).getBytes(StandardCharsets.UTF_8);
    whole(file, out -> out.write(bytes));
    return new Written(file, written);
  }

  private interface Content {
    void write(OutputStream out) throws IOException;
  }

  private static void whole(Path file, Content content) throws IOException {
    Path draft =
        file.resolveSibling(
            "." + file.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(
              draft,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        OutputStream out =
            new java.io.BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
        content.write(out);
        out.flush();
        channel.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  /** The results as the harness's JSON object. */
  public static ObjectNode json(EvaluationResult result, RunInfo info, boolean samples) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    ObjectNode results = root.putObject("results");
    result.tasks().forEach(t -> results.set(t.task().config().task(), figures(t)));
    ObjectNode groups = JsonNodeFactory.instance.objectNode();
    for (TaskTree.Group group : result.tree().groups()) {
      ObjectNode figures = figures(group, result.groups().get(group.name()));
      results.set(group.name(), figures);
      if (!group.aggregates().isEmpty()) {
        groups.set(group.name(), figures);
      }
    }
    if (!groups.isEmpty()) {
      root.set("groups", groups);
    }
    ObjectNode subtasks = root.putObject("group_subtasks");
    for (TaskTree.Group group : result.tree().groups()) {
      ArrayNode children = subtasks.putArray(group.name());
      group.children().forEach(children::add);
    }
    byTask(root, result);
    ObjectNode config = root.putObject("config");
    config.put("model", info.source()).put("model_args", "pretrained=" + info.model());
    new TreeMap<>(info.arguments()).forEach(config::put);
    config.put("regime", result.regime().key());
    root.put("git_hash", info.version());
    root.put("date", info.began().toEpochMilli() / 1000.0);
    root.put("gamelan_version", info.version());
    ObjectNode hashes = root.putObject("task_hashes");
    if (samples) {
      result.tasks().forEach(t -> hashes.put(t.task().config().task(), SampleLines.taskHash(t)));
    }
    root.put("model_source", info.source());
    root.put("model_name", info.model());
    root.put("model_name_sanitized", info.folder());
    root.put("system_instruction", info.systemInstruction());
    root.put("fewshot_as_multiturn", info.multiturn());
    root.put("chat_template", info.chatTemplate());
    root.put("total_evaluation_time_seconds", PythonText.real(info.took().toMillis() / 1000.0));
    return root;
  }

  private static void byTask(ObjectNode root, EvaluationResult result) {
    Map<String, TaskResult> sorted = new TreeMap<>();
    result.tasks().forEach(t -> sorted.put(t.task().config().task(), t));
    ObjectNode configs = root.putObject("configs");
    ObjectNode versions = root.putObject("versions");
    ObjectNode shots = root.putObject("n-shot");
    ObjectNode better = root.putObject("higher_is_better");
    ObjectNode counts = root.putObject("n-samples");
    sorted.forEach(
        (name, t) -> {
          configs.set(name, t.task().config().config());
          TaskTree.version(t.task().config().metadata()).ifPresent(v -> versions.set(name, v));
          shots.put(name, t.task().shots());
          ObjectNode higher = better.putObject(name);
          t.higherIsBetter().forEach(higher::put);
          counts
              .putObject(name)
              .put("original", t.task().documents().size())
              .put("effective", t.effective());
        });
    for (TaskTree.Group group : result.tree().groups()) {
      TaskTree.version(group.metadata())
          .ifPresent(v -> versions.put(group.name(), PythonText.str(v)));
    }
  }

  private static ObjectNode figures(TaskResult task) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    String name = task.task().config().task();
    node.put("name", name).put("alias", task.task().config().taskAlias().orElse(name));
    node.put("sample_len", task.effective());
    add(node, task.figures());
    return node;
  }

  private static ObjectNode figures(TaskTree.Group group, GroupResult result) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("alias", group.alias().orElse(group.name())).put("name", group.name());
    if (!group.aggregates().isEmpty()) {
      node.put("sample_len", result.documents());
      add(node, result.figures());
      ObjectNode sizes = node.putObject("sample_count");
      result.sizes().forEach(sizes::put);
    }
    return node;
  }

  private static void add(ObjectNode node, Map<String, Figure> figures) {
    figures.forEach(
        (key, figure) -> {
          node.put(key, figure.value());
          int comma = key.lastIndexOf(',');
          String error = key.substring(0, comma) + "_stderr" + key.substring(comma);
          Optional.of(figure.standardError())
              .filter(e -> e.isPresent())
              .ifPresentOrElse(e -> node.put(error, e.getAsDouble()), () -> node.put(error, "N/A"));
        });
  }
}
