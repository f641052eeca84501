package dev.gamelan.eval.dataset;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the rows of a file: Parquet, or JSON lines, a JSON array, CSV or TSV, packed by gzip or
 * Zstandard.
 */
final class Rows {
  /** Extensions that can be read, the likeliest first. */
  static final List<String> EXTENSIONS =
      List.of(
          ".jsonl",
          ".jsonl.gz",
          ".jsonl.zst",
          ".json",
          ".json.gz",
          ".csv",
          ".csv.gz",
          ".tsv",
          ".tsv.gz",
          ".parquet",
          ".txt",
          ".txt.gz");

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxStringLength(256 << 20)
                          .maxDocumentLength(-1)
                          .build())
                  .build())
          .build();

  private Rows() {}

  /**
   * Reads all rows.
   *
   * @param field of a JSON object, the one that holds the rows
   * @throws DatasetException it can't be read; the message names the line
   */
  static List<ObjectNode> read(Path file, Optional<String> field) {
    String name = plainName(file);
    if (name.endsWith(".parquet")) {
      return ParquetRows.read(file);
    }
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        Reader in = new InputStreamReader(unpacked(raw), StandardCharsets.UTF_8.newDecoder())) {
      if (name.endsWith(".csv") || name.endsWith(".tsv")) {
        return new CsvRows(file, in, name.endsWith(".tsv") ? '\t' : ',').read();
      }
      if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
        return lines(file, new BufferedReader(in));
      }
      if (name.endsWith(".json")) {
        return json(file, in, field);
      }
      throw new DatasetException(
          "%s: rows are read from .parquet, .jsonl, .json, .csv and .tsv (the latter also .gz and .zst); convert it"
              .formatted(file));
    } catch (CharacterCodingException e) {
      throw new DatasetException(file + ": not UTF-8; convert it (iconv -t UTF-8)", e);
    } catch (IOException e) {
      throw new DatasetException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** A whole file as one text. */
  static String text(Path file) {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        InputStream in = unpacked(raw)) {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(java.nio.ByteBuffer.wrap(in.readAllBytes()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new DatasetException(file + ": not UTF-8; convert it (iconv -t UTF-8)", e);
    } catch (IOException e) {
      throw new DatasetException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static String plainName(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.replaceFirst("\\.(gz|zst)$", "");
  }

  private static InputStream unpacked(InputStream raw) throws IOException {
    raw.mark(4);
    byte[] magic = raw.readNBytes(4);
    raw.reset();
    if (magic.length > 1 && magic[0] == 0x1F && magic[1] == (byte) 0x8B) {
      return new GZIPInputStream(raw, 1 << 16);
    }
    return magic.length == 4 && magic[0] == 0x28 && magic[1] == (byte) 0xB5
        ? new ZstdInputStreamNoFinalizer(raw)
        : raw;
  }

  private static List<ObjectNode> lines(Path file, BufferedReader in) throws IOException {
    List<ObjectNode> rows = new ArrayList<>();
    int number = 0;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      number++;
      if (!line.isBlank()) {
        rows.add(object(file + ":" + number, line));
      }
    }
    return rows;
  }

  private static ObjectNode object(String place, String text) {
    try {
      if (JSON.readTree(text) instanceof ObjectNode row) {
        return row;
      }
    } catch (JacksonException e) {
      throw new DatasetException(place + ": not JSON: " + e.getOriginalMessage(), e);
    }
    throw new DatasetException(place + ": a JSON object is needed");
  }

  private static List<ObjectNode> json(Path file, Reader in, Optional<String> field)
      throws IOException {
    String text = in.readAllAsString();
    // A file called .json often holds lines.
    String start = text.stripLeading();
    if (start.startsWith("{") && field.isEmpty()) {
      int end = start.indexOf('\n');
      if (end > 0 && start.charAt(end - 1) == '}' && start.startsWith("{", end + 1)) {
        return lines(file, new BufferedReader(new java.io.StringReader(text)));
      }
    }
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JacksonException e) {
      throw new DatasetException(file + ": not JSON: " + e.getOriginalMessage(), e);
    }
    JsonNode list = root.isArray() ? root : list(file, root, field);
    List<ObjectNode> rows = new ArrayList<>();
    for (JsonNode row : list) {
      if (!(row instanceof ObjectNode object)) {
        throw new DatasetException(file + ": row " + rows.size() + " isn't an object");
      }
      rows.add(object);
    }
    return rows;
  }

  private static JsonNode list(Path file, JsonNode root, Optional<String> field) {
    if (field.isPresent()) {
      JsonNode list = root.path(field.get());
      if (!list.isArray()) {
        throw new DatasetException(file + ": its field " + field.get() + " isn't a list");
      }
      return list;
    }
    List<String> lists =
        root.properties().stream()
            .filter(e -> e.getValue().isArray())
            .map(Map.Entry::getKey)
            .toList();
    if (lists.size() != 1) {
      throw new DatasetException(
          "%s: an object with %d lists %s; say which has the rows (field)"
              .formatted(file, lists.size(), lists));
    }
    return root.get(lists.getFirst());
  }
}
