package dev.gamelan.eval.dataset;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Comma-separated values (RFC 4180) with a header line. A column whose every value is a whole
 * number, or a number, has numbers; an empty value is null.
 */
final class CsvRows {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final Path file;
  private final String text;
  private final char separator;
  private int at;
  private int line = 1;

  CsvRows(Path file, Reader in, char separator) throws IOException {
    this.file = file;
    String all = in.readAllAsString();
    this.text = all.startsWith("\uFEFF") ? all.substring(1) : all;
    this.separator = separator;
  }

  List<ObjectNode> read() {
    if (text.isBlank()) {
      throw new DatasetException(file + ": empty; a line with the columns' names is needed");
    }
    List<String> names = record();
    for (int c = 0; c < names.size(); c++) {
      // As pandas calls a column without a name, often that of row numbers.
      names.set(c, names.get(c).isEmpty() ? "Unnamed: " + c : names.get(c));
    }
    List<List<String>> records = new ArrayList<>();
    while (at < text.length()) {
      int began = line;
      List<String> values = record();
      if (values.size() == 1 && values.getFirst().isEmpty()) {
        continue;
      }
      if (values.size() != names.size()) {
        throw new DatasetException(
            "%s:%d: %d values; the header names %d columns"
                .formatted(file, began, values.size(), names.size()));
      }
      records.add(values);
    }
    List<ObjectNode> rows = new ArrayList<>(records.size());
    records.forEach(r -> rows.add(NODES.objectNode()));
    for (int c = 0; c < names.size(); c++) {
      column(names.get(c), c, records, rows);
    }
    return rows;
  }

  private static void column(
      String name, int c, List<List<String>> records, List<ObjectNode> rows) {
    boolean whole = true;
    boolean number = true;
    for (List<String> record : records) {
      String value = record.get(c);
      whole &= value.matches("[+-]?[0-9]{1,18}");
      number &=
          value.isEmpty() || value.matches("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");
    }
    for (int r = 0; r < rows.size(); r++) {
      String value = records.get(r).get(c);
      JsonNode node =
          value.isEmpty()
              ? NODES.nullNode()
              : whole
                  ? NODES.numberNode(Long.parseLong(value))
                  : number ? NODES.numberNode(Double.parseDouble(value)) : NODES.stringNode(value);
      rows.get(r).set(name, node);
    }
  }

  private List<String> record() {
    List<String> values = new ArrayList<>();
    while (true) {
      values.add(at < text.length() && text.charAt(at) == '"' ? quoted() : plain());
      if (at >= text.length()) {
        return values;
      }
      char c = text.charAt(at++);
      if (c == '\r' && at < text.length() && text.charAt(at) == '\n') {
        at++;
        c = '\n';
      }
      if (c == '\n' || c == '\r') {
        line++;
        return values;
      }
      if (c != separator) {
        throw new DatasetException(
            "%s:%d: '%s' after a closing quote; quotes within a value are doubled"
                .formatted(file, line, c));
      }
    }
  }

  private String plain() {
    int from = at;
    while (at < text.length()
        && text.charAt(at) != separator
        && text.charAt(at) != '\n'
        && text.charAt(at) != '\r') {
      at++;
    }
    return text.substring(from, at);
  }

  private String quoted() {
    StringBuilder out = new StringBuilder();
    int began = line;
    at++;
    while (true) {
      if (at >= text.length()) {
        throw new DatasetException(file + ":" + began + ": a quoted value without its end");
      }
      char c = text.charAt(at++);
      if (c == '"') {
        if (at < text.length() && text.charAt(at) == '"') {
          at++;
        } else {
          return out.toString();
        }
      }
      line += c == '\n' ? 1 : 0;
      out.append(c);
    }
  }
}
