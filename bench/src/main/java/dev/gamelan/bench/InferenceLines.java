package dev.gamelan.bench;

import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns what {@code gamelan bench --json} or {@code llama-bench -o json} prints into the lines that
 * {@link Medians} reads. Argument: the model's file, whose name becomes part of the shape's.
 */
public final class InferenceLines {
  private InferenceLines() {}

  public static void main(String[] arguments) throws Exception {
    String model = Path.of(arguments[0]).getFileName().toString();
    JsonNode root = JsonMapper.builder().build().readTree(System.in);
    if (root.isArray()) {
      for (JsonNode row : root) {
        int prompt = row.get("n_prompt").intValue();
        String test = prompt > 0 ? "pp" + prompt : "tg" + row.get("n_gen").intValue();
        print(model, test, "llama.cpp", "int8", row.get("avg_ts").asDouble());
      }
    } else {
      String mode = root.get("mode").asString();
      for (JsonNode row : root.get("tests")) {
        double speed = row.get("tokens_per_second").asDouble();
        print(model, row.get("test").asString(), "gamelan", mode, speed);
      }
    }
  }

  private static void print(String model, String test, String engine, String mode, double speed) {
    System.out.printf(
        "{\"engine\": \"%s\", \"shape\": \"%s %s\", \"mode\": \"%s\", \"tokens_per_second\": %.1f}%n",
        engine, model, test, mode, speed);
  }
}
