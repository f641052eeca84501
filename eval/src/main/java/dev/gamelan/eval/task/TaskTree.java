package dev.gamelan.eval.task;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The tasks that names stand for, and the groups they stand in.
 *
 * @param tasks in the order to be run, each once
 * @param groups parents before children
 */
public record TaskTree(List<TaskConfig> tasks, List<Group> groups) {
  public TaskTree {
    tasks = List.copyOf(tasks);
    groups = List.copyOf(groups);
  }

  /**
   * A group.
   *
   * @param children names of tasks and groups
   * @param aggregates what is averaged over its tasks; may be empty
   */
  public record Group(
      String name,
      Optional<String> alias,
      List<String> children,
      List<Aggregate> aggregates,
      ObjectNode metadata) {}

  /**
   * A mean over the tasks of a group.
   *
   * @param filters empty = all that the tasks have
   * @param weightBySize whether a task counts by its number of documents
   */
  public record Aggregate(String metric, List<String> filters, boolean weightBySize) {}

  /** The names of all tasks below a group, in order. */
  public List<String> leaves(String group) {
    Set<String> leaves = new LinkedHashSet<>();
    collect(group, leaves, new LinkedHashSet<>());
    return List.copyOf(leaves);
  }

  private void collect(String name, Set<String> leaves, Set<String> seen) {
    Optional<Group> group = groups.stream().filter(g -> g.name().equals(name)).findFirst();
    if (group.isEmpty()) {
      leaves.add(name);
    } else if (seen.add(name)) {
      group.get().children().forEach(child -> collect(child, leaves, seen));
    }
  }

  /**
   * Resolves names, which may hold {@code *} and {@code ?}.
   *
   * @throws TaskException a name is unknown
   */
  public static TaskTree of(TaskIndex index, List<String> names) {
    Builder builder = new Builder(index);
    for (String name : names) {
      if (name.contains("*") || name.contains("?")) {
        Pattern pattern =
            Pattern.compile(
                ("\\Q" + name + "\\E").replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q"));
        List<String> matching =
            index.entries().stream()
                .map(TaskIndex.Entry::name)
                .filter(n -> pattern.matcher(n).matches())
                .toList();
        if (matching.isEmpty()) {
          throw new TaskException("no task's name is like '" + name + "'; see gamelan eval tasks");
        }
        matching.forEach(n -> builder.named(n, Map.of()));
      } else {
        builder.named(name, Map.of());
      }
    }
    return new TaskTree(List.copyOf(builder.tasks.values()), List.copyOf(builder.groups.values()));
  }

  private static final class Builder {
    private final TaskIndex index;
    private final Map<String, TaskConfig> tasks = new LinkedHashMap<>();
    private final Map<String, Group> groups = new LinkedHashMap<>();
    private final Set<String> open = new LinkedHashSet<>();

    Builder(TaskIndex index) {
      this.index = index;
    }

    /** Adds what a name stands for; gives the names of the tasks or the group. */
    List<String> named(String name, Map<String, Object> overrides) {
      TaskIndex.Entry entry =
          index
              .find(name)
              .orElseThrow(
                  () ->
                      new TaskException(
                          "there is no task, group or tag '%s'%s; see gamelan eval tasks"
                              .formatted(name, near(name))));
      return switch (entry.kind()) {
        case TASK -> {
          Map<String, Object> values = new LinkedHashMap<>(index.values(entry));
          values.putAll(overrides);
          values.remove("tag");
          values.put("task", name);
          tasks.putIfAbsent(name, TaskConfig.of(name, values));
          yield List.of(name);
        }
        case TAG -> {
          List<String> all = new ArrayList<>();
          index.tagged(name).forEach(task -> all.addAll(named(task, overrides)));
          yield all;
        }
        case GROUP -> group(name, index.values(entry), overrides);
      };
    }

    private String near(String name) {
      return dev.gamelan.model.family.Nearest.to(
              name, index.entries().stream().map(TaskIndex.Entry::name).toList())
          .map(n -> "; did you mean " + n + "?")
          .orElse("");
    }

    private static final Set<String> GROUP_KEYS =
        Set.of("group", "group_alias", "task", "aggregate_metric_list", "metadata", "include");

    private List<String> group(
        String name, Map<String, Object> values, Map<String, Object> overrides) {
      if (!open.add(name)) {
        throw new TaskException("group " + name + " contains itself");
      }
      Settings s = new Settings("group " + name, values);
      Map<String, Object> inherited = new LinkedHashMap<>(values);
      inherited.keySet().removeAll(GROUP_KEYS);
      inherited.putAll(overrides);
      // Parents stand before their children: the place is taken before they are known.
      groups.put(name, new Group(name, Optional.empty(), List.of(), List.of(), nothing()));
      List<String> children = new ArrayList<>();
      for (Object child : s.list("task")) {
        if (child instanceof Map<?, ?> map) {
          children.addAll(inline(name, Settings.of("group " + name, map), inherited));
        } else {
          children.addAll(named(String.valueOf(child), inherited));
        }
      }
      open.remove(name);
      groups.put(
          name,
          new Group(
              name,
              s.text("group_alias"),
              children.stream().distinct().toList(),
              aggregates(s),
              (ObjectNode) Settings.json(s.get("metadata").orElse(Map.of()))));
      return List.of(name);
    }

    private static ObjectNode nothing() {
      return (ObjectNode) Settings.json(Map.of());
    }

    private List<String> inline(String parent, Settings child, Map<String, Object> inherited) {
      Map<String, Object> merged = new LinkedHashMap<>(inherited);
      merged.putAll(child.values());
      if (child.has("group")) {
        String name = child.text("group").orElseThrow();
        if (index.find(name).isPresent()) {
          merged.remove("group");
          return named(name, merged);
        }
        return group(parent + "::" + name, child.values(), inherited);
      }
      String name =
          child
              .text("task")
              .orElseThrow(() -> new TaskException("group " + parent + ": a member has no task"));
      if (index.find(name).isPresent()) {
        merged.remove("task");
        return named(name, merged);
      }
      String full = parent + "::" + name;
      merged.put("task", full);
      tasks.putIfAbsent(full, TaskConfig.of(full, merged));
      return List.of(full);
    }

    private static List<Aggregate> aggregates(Settings s) {
      List<Aggregate> aggregates = new ArrayList<>();
      for (Object each : s.list("aggregate_metric_list")) {
        Settings a = Settings.of("aggregate_metric_list", each);
        String how = a.text("aggregation").orElse("mean");
        if (!how.equals("mean")) {
          throw new TaskException("aggregate_metric_list: aggregation '" + how + "' isn't mean");
        }
        aggregates.add(
            new Aggregate(
                a.text("metric")
                    .orElseThrow(
                        () -> new TaskException("aggregate_metric_list: metric is missing")),
                a.texts("filter_list"),
                a.flag("weight_by_size", true)));
      }
      return aggregates;
    }
  }

  /** The version of a task or group, as its metadata has it. */
  public static Optional<JsonNode> version(ObjectNode metadata) {
    return metadata.optional("version");
  }
}
