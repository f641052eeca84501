package dev.gamelan.eval.task;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which tasks, groups and tags there are: those that come with us, then those of {@code
 * --include-path} folders, where the later one of a name wins.
 */
public final class TaskIndex {
  /** What a name stands for. */
  public enum Kind {
    TASK,
    GROUP,
    TAG
  }

  /**
   * One name.
   *
   * @param file where it is defined; empty for a tag
   * @param builtIn whether it came with us
   */
  public record Entry(String name, Kind kind, Optional<Path> file, boolean builtIn) {}

  private final Map<String, Entry> entries = new TreeMap<>();
  private final Map<String, TreeSet<String>> tags = new TreeMap<>();
  private final List<String> unreadable = new ArrayList<>();

  private TaskIndex() {}

  /**
   * Reads all task files below the folders.
   *
   * @throws TaskException a folder isn't there
   */
  public static TaskIndex of(List<Path> includePaths) {
    TaskIndex index = new TaskIndex();
    index.add(BuiltIn.folder(), true);
    for (Path folder : includePaths) {
      if (!Files.isDirectory(folder)) {
        throw new TaskException(folder + ": no such folder of tasks (--include-path)");
      }
      index.add(folder, false);
    }
    return index;
  }

  private void add(Path folder, boolean builtIn) {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      files =
          walk.filter(p -> p.toString().endsWith(".yaml") || p.toString().endsWith(".yml"))
              .sorted()
              .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (Path file : files) {
      try {
        add(file, TaskYaml.readAlone(file), builtIn);
      } catch (TaskException e) {
        // One bad file of a thousand doesn't keep the others from being used.
        unreadable.add(e.getMessage());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void add(Path file, Map<String, Object> values, boolean builtIn) throws IOException {
    if (values.get("group") instanceof String group && values.containsKey("task")) {
      entries.put(group, new Entry(group, Kind.GROUP, Optional.of(file), builtIn));
    } else if (values.get("task") instanceof String task) {
      entries.put(task, new Entry(task, Kind.TASK, Optional.of(file), builtIn));
      Object tag = values.get("tag");
      if (tag == null && values.containsKey("include")) {
        tag = TaskYaml.read(file).get("tag");
      }
      tag(tag, task);
    } else if (values.get("task_list") instanceof List<?> list) {
      for (Object each : list) {
        if (each instanceof Map<?, ?> map && map.get("task") instanceof String task) {
          entries.put(task, new Entry(task, Kind.TASK, Optional.of(file), builtIn));
          tag(map.containsKey("tag") ? map.get("tag") : values.get("tag"), task);
        }
      }
    }
  }

  private void tag(Object tag, String task) {
    for (Object each : tag instanceof List<?> l ? l : tag == null ? List.of() : List.of(tag)) {
      tags.computeIfAbsent(String.valueOf(each), t -> new TreeSet<>()).add(task);
    }
  }

  /** Task files that were passed over, and why. */
  public List<String> unreadable() {
    return List.copyOf(unreadable);
  }

  /** All names in alphabetical order, tags last. */
  public List<Entry> entries() {
    List<Entry> all = new ArrayList<>(entries.values());
    tags.keySet().stream()
        .filter(tag -> !entries.containsKey(tag))
        .forEach(tag -> all.add(new Entry(tag, Kind.TAG, Optional.empty(), false)));
    return all;
  }

  /** The entry of a name. */
  public Optional<Entry> find(String name) {
    Entry entry = entries.get(name);
    if (entry == null && tags.containsKey(name)) {
      return Optional.of(new Entry(name, Kind.TAG, Optional.empty(), false));
    }
    return Optional.ofNullable(entry);
  }

  /** The tasks of a tag, in alphabetical order. */
  List<String> tagged(String tag) {
    return List.copyOf(tags.getOrDefault(tag, new TreeSet<>()));
  }

  /** A task's or group's whole mapping, includes merged in. */
  Map<String, Object> values(Entry entry) {
    Path file = entry.file().orElseThrow();
    try {
      Map<String, Object> values = TaskYaml.read(file);
      if (values.remove("task_list") instanceof List<?> list
          && !entry.name().equals(values.get("task"))) {
        for (Object each : list) {
          if (each instanceof Map<?, ?> map && entry.name().equals(map.get("task"))) {
            Map<String, Object> merged = new LinkedHashMap<>(values);
            map.forEach((k, v) -> merged.put(String.valueOf(k), v));
            return merged;
          }
        }
      }
      return values;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
