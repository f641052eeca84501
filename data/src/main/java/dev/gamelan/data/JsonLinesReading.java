package dev.gamelan.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Dolma's contract, one JSON object a line: {@code id}, {@code text}, {@code source} are strings,
 * {@code metadata} an object. The text is required (its field can be renamed); an absent id becomes
 * {@code file:line}, an absent source the file's. A number is accepted as an id. Lines of white
 * space are passed over; a document whose text is empty is skipped and counted.
 */
final class JsonLinesReading implements Reading {
  private final Resource resource;
  private final CorpusOptions options;
  private final SkipCounter skips;
  private final InputStream in;
  private final Lines lines;
  private final JsonFactory json;

  JsonLinesReading(Resource resource, CorpusOptions options, SkipCounter skips) throws IOException {
    this.resource = resource;
    this.options = options;
    this.skips = skips;
    this.in = resource.content();
    int limit = Math.toIntExact(options.maximalDocumentBytes());
    this.lines = new Lines(in, limit);
    this.json =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxStringLength(limit)
                    .maxDocumentLength(-1)
                    .build())
            .build();
  }

  @Override
  public Optional<Document> next() throws IOException {
    while (advance()) {
      if (lines.blank()) {
        continue;
      }
      Document document = parse();
      if (document.text().isBlank()) {
        skips.add(Skipped.Reason.EMPTY, place());
        continue;
      }
      return Optional.of(document);
    }
    return Optional.empty();
  }

  private boolean advance() throws IOException {
    try {
      return lines.advance();
    } catch (Lines.TooLong e) {
      throw Reading.tooLong(place(), options.maximalDocumentBytes());
    }
  }

  private String place() {
    return resource.place() + ":" + lines.number();
  }

  private Document parse() {
    try (JsonParser parser =
        json.createParser(
            ObjectReadContext.empty(), lines.bytes(), lines.start(), lines.length())) {
      JsonToken first = parser.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw bad(
            first == JsonToken.START_ARRAY
                ? "it holds a JSON array"
                : "it holds a JSON value that is no object",
            "every line must be one JSON object {…}; convert the file to JSON lines (jq -c '.[]')");
      }
      Map<String, Object> fields = JsonValues.object(parser, this::duplicate);
      if (parser.nextToken() != null) {
        throw bad(
            "something follows the object",
            "a line must hold one object; put each on its own line");
      }
      return document(fields);
    } catch (JacksonException e) {
      throw new DataException(
          "corpus: bad line %s: it is not valid JSON at column %d (%s); correct or remove the line"
              .formatted(
                  place(),
                  e.getLocation() == null ? 1 : e.getLocation().getColumnNr(),
                  e.getOriginalMessage()),
          e);
    }
  }

  private DataException duplicate(String field) {
    return bad("the field '" + field + "' occurs twice", "an object's names must differ");
  }

  private DataException bad(String what, String rule) {
    return new DataException("corpus: bad line %s: %s; %s".formatted(place(), what, rule));
  }

  private Document document(Map<String, Object> fields) {
    String text =
        string(fields, options.textField())
            .orElseThrow(
                () ->
                    bad(
                        "it has no field '%s' but %s"
                            .formatted(options.textField(), fields.keySet()),
                        "every line needs a text; name its field in the options (textField)"));
    Object id = fields.getOrDefault("id", place(resource.name()));
    if (!(id instanceof Number) && !(id instanceof String s && !s.isEmpty())) {
      throw bad("its 'id' is " + id, "an id must be a string that isn't empty, or a number");
    }
    Optional<String> source = string(fields, "source").filter(s -> !s.isEmpty());
    Map<String, Object> metadata = metadata(fields);
    return new Document(
        id.toString(),
        text,
        options.source().or(() -> source).orElse(resource.source()),
        licence(fields).or(() -> licence(metadata)).or(options::licence),
        metadata);
  }

  private String place(String name) {
    return name + ":" + lines.number();
  }

  private static Optional<String> licence(Map<String, Object> fields) {
    return fields.getOrDefault("license", fields.get("licence")) instanceof String s && !s.isBlank()
        ? Optional.of(s)
        : Optional.empty();
  }

  private Map<String, Object> metadata(Map<String, Object> fields) {
    return switch (fields.get("metadata")) {
      case null -> Map.of();
      case Map<?, ?> object -> {
        Map<String, Object> typed = new LinkedHashMap<>();
        object.forEach((name, value) -> typed.put((String) name, value));
        yield typed;
      }
      case Object other ->
          throw bad("its 'metadata' is " + other, "metadata must be an object {…} or absent");
    };
  }

  private Optional<String> string(Map<String, Object> fields, String name) {
    return switch (fields.get(name)) {
      case null -> Optional.empty();
      case String s -> Optional.of(s);
      case Object other ->
          throw bad(
              "its '%s' is %s".formatted(name, other instanceof Map ? "an object" : other),
              "'%s' must be a string".formatted(name));
    };
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
