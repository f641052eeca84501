package dev.gamelan.text.template;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Published templates, contexts, and what Jinja2 3.1 made of them. */
final class Fixtures {
  static final JsonMapper JSON = new JsonMapper();

  /** The day the fixtures were made on. */
  static final Clock CLOCK = Clock.fixed(Instant.parse("2024-07-26T00:00:00Z"), ZoneOffset.UTC);

  private Fixtures() {}

  /** One template rendered with one context. */
  record Row(String template, String context, JsonNode outcome) {
    @Override
    public String toString() {
      return template + " with " + context;
    }
  }

  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    resource("expected.jsonl")
        .lines()
        .map(JSON::readTree)
        .forEach(
            row ->
                rows.add(
                    new Row(
                        row.get("template").stringValue(), row.get("context").stringValue(), row)));
    return rows;
  }

  static String source(String template) {
    return resource(template + ".jinja");
  }

  /** Every template's text by its name. */
  static Map<String, String> sources() {
    Map<String, String> sources = new TreeMap<>();
    rows().forEach(row -> sources.computeIfAbsent(row.template(), Fixtures::source));
    return sources;
  }

  /** The contexts, with the tokens that the fixtures were rendered with. */
  static Map<String, ObjectNode> contexts() {
    Map<String, ObjectNode> contexts = new TreeMap<>();
    for (Map.Entry<String, JsonNode> e : JSON.readTree(resource("contexts.json")).properties()) {
      ObjectNode context = (ObjectNode) e.getValue();
      context.put("bos_token", "<s>");
      context.put("eos_token", "</s>");
      contexts.put(e.getKey(), context);
    }
    return contexts;
  }

  static String resource(String file) {
    try (InputStream in = Fixtures.class.getResourceAsStream("/templates/" + file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
