package dev.gamelan.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whether files that belong together are all there. */
final class Shards {
  private static final Pattern SHARD = Pattern.compile("(.*)-(\\d+)-of-(\\d{1,6})(\\.\\w+)");

  private Shards() {}

  /** Of how many files the one of this name is part. */
  static int of(String path) {
    Matcher m = SHARD.matcher(path);
    return m.matches() ? Integer.parseInt(m.group(3)) : 1;
  }

  /** Whether every shard is there that a name or an index among {@code files} speaks of. */
  static boolean complete(Path snapshot, List<HubFile> files) throws IOException {
    Set<String> paths = new HashSet<>();
    files.forEach(f -> paths.add(f.path()));
    for (HubFile file : files) {
      Matcher m = SHARD.matcher(file.path());
      if (m.matches()) {
        long siblings = paths.stream().filter(p -> isSibling(p, m)).count();
        if (siblings < Integer.parseInt(m.group(3))) {
          return false;
        }
      }
      if (file.path().endsWith(".index.json") && !paths.containsAll(named(snapshot, file))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSibling(String path, Matcher shard) {
    Matcher other = SHARD.matcher(path);
    return other.matches()
        && other.group(1).equals(shard.group(1))
        && other.group(3).equals(shard.group(3))
        && other.group(4).equals(shard.group(4));
  }

  private static Set<String> named(Path snapshot, HubFile index) throws IOException {
    try {
      JsonNode map =
          JsonMapper.shared()
              .readTree(Files.readAllBytes(snapshot.resolve(index.path())))
              .path("weight_map");
      Set<String> named = new HashSet<>();
      String folder = index.path().substring(0, index.path().lastIndexOf('/') + 1);
      map.properties().forEach(e -> named.add(folder + e.getValue().asString("")));
      return named;
    } catch (JacksonException e) {
      return Set.of(); // whoever opens the model says so
    }
  }
}
