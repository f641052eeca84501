package dev.gamelan.text;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Third-party files beside the project; tests that need them are skipped where they are absent. */
public final class SharedAssets {
  private static final JsonMapper JSON = new JsonMapper();

  private SharedAssets() {}

  public static Path file(String path) {
    Path shared = Path.of(System.getProperty("gamelan.shared", "../../shared"));
    Path file = shared.resolve("assets").resolve(path);
    if (!Files.exists(file)) {
      file = file.resolveSibling(file.getFileName() + ".gz");
    }
    assumeTrue(Files.exists(file), "the folder of shared assets lacks " + path + ": " + shared);
    return file;
  }

  public static String text(String path) {
    return new String(bytes(path), StandardCharsets.UTF_8);
  }

  public static byte[] bytes(String path) {
    Path file = file(path);
    try (InputStream in = Files.newInputStream(file)) {
      return (file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in).readAllBytes();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  public static List<String> lines(String path) {
    return List.of(text(path).split("\n"));
  }

  public static List<JsonNode> jsonLines(String path) {
    List<JsonNode> out = new ArrayList<>();
    lines(path).forEach(line -> out.add(JSON.readTree(line)));
    return out;
  }

  public static JsonNode json(String path) {
    return JSON.readTree(text(path));
  }
}
