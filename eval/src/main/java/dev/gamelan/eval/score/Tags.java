package dev.gamelan.eval.score;

import dev.gamelan.eval.python.PythonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What a model says of words and names: the filters {@code regex_pos} and {@code format_span}. */
final class Tags {
  private static final Pattern TAGGED = Pattern.compile("\\('([^']*)', '([^']*)'\\)");
  private static final Map<String, String> LABELS =
      Map.ofEntries(
          Map.entry("person", "PER"),
          Map.entry("persons", "PER"),
          Map.entry("people", "PER"),
          Map.entry("per", "PER"),
          Map.entry("location", "LOC"),
          Map.entry("counties", "LOC"),
          Map.entry("places", "LOC"),
          Map.entry("country", "LOC"),
          Map.entry("continent", "LOC"),
          Map.entry("loc", "LOC"),
          Map.entry("organization", "ORG"),
          Map.entry("company", "ORG"),
          Map.entry("org", "ORG"),
          Map.entry("time", "DATE"),
          Map.entry("date", "DATE"));
  private static final Pattern LABEL =
      Pattern.compile(
          "\\b(" + String.join("|", LABELS.keySet()) + ")\\s*:", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern ENTITIES =
      Pattern.compile("\\b(PER|LOC|ORG|DATE):\\s*([^$]+)", Pattern.UNICODE_CHARACTER_CLASS);

  private Tags() {}

  /** The second members of all pairs of quoted texts, else the fallback. */
  static JsonNode partsOfSpeech(String text, ObjectNode options) {
    ArrayNode tags = JsonNodeFactory.instance.arrayNode();
    Matcher m = TAGGED.matcher(text);
    while (m.find()) {
      tags.add(m.group(2));
    }
    if (!tags.isEmpty()) {
      return tags;
    }
    return options
        .optional("fallback")
        .orElseGet(() -> JsonNodeFactory.instance.arrayNode().add("invalid"));
  }

  /** Names by kind, as {@code per: ada $ loc: london}; kinds that have none are left out. */
  static String spans(String text) {
    String labelled =
        LABEL
            .matcher(text.toLowerCase(Locale.ROOT))
            .replaceAll(m -> LABELS.get(m.group(1)) + ":")
            .replace("$$", "$")
            .replaceFirst("\\$+$", "")
            .replace('\n', '$');
    List<String> entities = new ArrayList<>();
    Matcher m = ENTITIES.matcher(PythonText.strip(labelled));
    while (m.find()) {
      for (String entity : m.group(2).split(",", -1)) {
        String name = PythonText.strip(entity);
        if (!name.equals("none")) {
          entities.add(m.group(1).toLowerCase(Locale.ROOT) + ": " + name);
        }
      }
    }
    return String.join(" $ ", entities);
  }
}
