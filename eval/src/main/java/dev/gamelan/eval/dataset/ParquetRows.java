package dev.gamelan.eval.dataset;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.row.PqList;
import dev.hardwood.row.PqMap;
import dev.hardwood.row.PqStruct;
import dev.hardwood.row.StructAccessor;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the rows of a Parquet file as Hugging Face's {@code datasets} gives them to a task: structs
 * as objects, lists as arrays, maps as lists of pairs, dates and times as Python prints them, bytes
 * in base 64. What is null is a null.
 */
final class ParquetRows {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final DateTimeFormatter SECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);
  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);

  private ParquetRows() {}

  /**
   * Reads all rows, in order.
   *
   * @throws DatasetException the file isn't Parquet, is damaged, or uses what cannot be read
   */
  static List<ObjectNode> read(Path file) {
    List<ObjectNode> rows = new ArrayList<>();
    try (ParquetFileReader parquet = ParquetFileReader.open(InputFile.of(file));
        RowReader reader = parquet.rowReader()) {
      while (reader.hasNext()) {
        reader.next();
        rows.add(object(reader));
      }
    } catch (DatasetException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // The library reports damage by whatever exception the damage leads to.
      throw new DatasetException(
          "%s: cannot be read as Parquet (row %d): %s; fetch it again, or convert it to JSON lines"
              .formatted(file, rows.size(), e.getMessage()),
          e);
    }
    return rows;
  }

  private static ObjectNode object(StructAccessor struct) {
    ObjectNode node = NODES.objectNode();
    for (int i = 0; i < struct.getFieldCount(); i++) {
      String name = struct.getFieldName(i);
      node.set(name, struct.isNull(i) ? NODES.nullNode() : node(name, struct.getValue(i)));
    }
    return node;
  }

  private static JsonNode node(String field, Object value) {
    return switch (value) {
      case null -> NODES.nullNode();
      case String text -> NODES.stringNode(text);
      case Boolean flag -> NODES.booleanNode(flag);
      case Byte number -> NODES.numberNode(number.intValue());
      case Short number -> NODES.numberNode(number.intValue());
      case Integer number -> NODES.numberNode(number);
      case Long number -> NODES.numberNode(number);
      // Python has doubles only: a float32 becomes the double of the same value.
      case Float number -> NODES.numberNode(number.doubleValue());
      case Double number -> NODES.numberNode(number);
      case BigDecimal number -> NODES.numberNode(number);
      case Instant time -> time(time.atOffset(ZoneOffset.UTC).toLocalDateTime());
      case LocalDateTime time -> time(time);
      case byte[] bytes -> NODES.binaryNode(bytes);
      case PqStruct struct -> object(struct);
      case PqList list -> {
        ArrayNode array = NODES.arrayNode();
        for (int i = 0; i < list.size(); i++) {
          array.add(list.isNull(i) ? NODES.nullNode() : node(field, list.get(i)));
        }
        yield array;
      }
      case PqMap map -> {
        ArrayNode array = NODES.arrayNode();
        for (PqMap.Entry entry : map.getEntries()) {
          array.add(
              NODES
                  .arrayNode()
                  .add(node(field, entry.getKey()))
                  .add(node(field, entry.isValueNull() ? null : entry.getValue())));
        }
        yield array;
      }
      case java.time.LocalDate date -> NODES.stringNode(date.toString());
      case java.util.UUID id -> NODES.stringNode(id.toString());
      default ->
          throw new DatasetException(
              "column %s: values of the kind %s aren't read; convert the column to text"
                  .formatted(field, value.getClass().getSimpleName()));
    };
  }

  private static JsonNode time(LocalDateTime time) {
    return NODES.stringNode((time.getNano() < 1000 ? SECONDS : MICROSECONDS).format(time));
  }
}
