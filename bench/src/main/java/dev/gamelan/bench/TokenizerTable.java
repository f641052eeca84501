package dev.gamelan.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads lines of JSON with engine, tokenizer, text, mb_per_second and crc32, and prints the medians
 * as a table: tokenizers and engines down, texts across, how many times the engine's Gamelan's is
 * in brackets. Ends with 1 where an engine's ids are others than Gamelan's.
 *
 * <p>Lines of another kind, with what, engine and seconds, are printed below as medians.
 */
public final class TokenizerTable {
  private record Cell(List<Double> speeds, long checksum) {
    double median() {
      return middle(speeds);
    }
  }

  private TokenizerTable() {}

  private static double middle(List<Double> values) {
    Collections.sort(values);
    int half = values.size() / 2;
    return values.size() % 2 == 1
        ? values.get(half)
        : (values.get(half - 1) + values.get(half)) / 2;
  }

  public static void main(String[] arguments) throws IOException {
    Map<String, Map<String, Map<String, Cell>>> tokenizers = new LinkedHashMap<>();
    Map<String, Map<String, List<Double>>> times = new LinkedHashMap<>();
    JsonMapper mapper = JsonMapper.builder().build();
    for (String line : Files.readAllLines(Path.of(arguments[0]))) {
      JsonNode row = mapper.readTree(line);
      String engine = row.get("engine").stringValue();
      if (row.has("what")) {
        times
            .computeIfAbsent(row.get("what").stringValue(), w -> new LinkedHashMap<>())
            .computeIfAbsent(engine, e -> new ArrayList<>())
            .add(row.get("seconds").asDouble());
      } else {
        tokenizers
            .computeIfAbsent(row.get("tokenizer").stringValue(), t -> new LinkedHashMap<>())
            .computeIfAbsent(engine, e -> new LinkedHashMap<>())
            .computeIfAbsent(
                row.get("text").stringValue(),
                t -> new Cell(new ArrayList<>(), row.get("crc32").asLong()))
            .speeds()
            .add(row.get("mb_per_second").asDouble());
      }
    }
    boolean same = true;
    System.out.printf("%-14s %-14s", "MB/s", "");
    TokenizerThroughput.TEXTS.forEach(text -> System.out.printf(" %16s", text));
    System.out.println();
    for (Map.Entry<String, Map<String, Map<String, Cell>>> tokenizer : tokenizers.entrySet()) {
      Map<String, Cell> ours = tokenizer.getValue().getOrDefault("gamelan", Map.of());
      for (Map.Entry<String, Map<String, Cell>> engine : tokenizer.getValue().entrySet()) {
        System.out.printf("%-14s %-14s", tokenizer.getKey(), engine.getKey());
        for (Map.Entry<String, Cell> cell : engine.getValue().entrySet()) {
          Cell own = ours.getOrDefault(cell.getKey(), cell.getValue());
          boolean equal = own.checksum() == cell.getValue().checksum();
          same &= equal;
          double speed = cell.getValue().median();
          System.out.printf(" %8.2f (%4.1fx)%s", speed, own.median() / speed, equal ? "" : " IDS!");
        }
        System.out.println();
      }
    }
    times.forEach(
        (what, engines) ->
            engines.forEach(
                (engine, all) ->
                    System.out.printf("%-40s %-14s %8.2f s%n", what, engine, middle(all))));
    if (!same) {
      System.out.println("IDS!: other ids than Gamelan's");
      System.exit(1);
    }
  }
}
