package dev.gamelan.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads lines of JSON with engine, shape, mode and tokens_per_second, prints the median of each and
 * how many times the best peer's Gamelan's is.
 */
public final class Medians {
  private Medians() {}

  public static void main(String[] arguments) throws Exception {
    JsonMapper mapper = JsonMapper.builder().build();
    Map<String, Map<String, List<Double>>> byShape = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of(arguments[0]))) {
      JsonNode row = mapper.readTree(line);
      byShape
          .computeIfAbsent(row.get("shape").asString(), s -> new TreeMap<>())
          .computeIfAbsent(
              row.get("engine").asString() + " " + row.get("mode").asString(),
              e -> new ArrayList<>())
          .add(row.get("tokens_per_second").asDouble());
    }
    byShape.forEach(
        (shape, engines) -> {
          double ours = 0;
          double best = 0;
          for (Map.Entry<String, List<Double>> e : engines.entrySet()) {
            Collections.sort(e.getValue());
            double median = e.getValue().get(e.getValue().size() / 2);
            System.out.printf(
                "%-12s %-36s %8.0f tokens/s  (%d rounds)%n",
                shape, e.getKey(), median, e.getValue().size());
            if (e.getKey().startsWith("gamelan")) {
              ours = Math.max(ours, median);
            } else {
              best = Math.max(best, median);
            }
          }
          if (best > 0) {
            System.out.printf("%-12s gamelan / best peer: %.2f%n", shape, ours / best);
          }
        });
  }
}
