package dev.gamelan.app.report;

import java.util.List;
import java.util.Optional;

/** A part of a {@link Report}: what it says; how it looks is {@link Page}'s business. */
public sealed interface Block
    permits Block.Paragraph,
        Block.KeyValues,
        Block.Table,
        Block.Samples,
        Block.Row,
        LineChart,
        BarChart {

  /** Plain text. */
  record Paragraph(String text) implements Block {}

  /** One fact by name. */
  record KeyValue(String key, String value) {}

  /** Facts by name, in order: a configuration, a machine. */
  record KeyValues(List<KeyValue> entries) implements Block {
    public KeyValues {
      entries = List.copyOf(entries);
    }
  }

  /**
   * A column of a table.
   *
   * @param heading what stands above it
   * @param numeric whether it holds figures, which are set flush right
   */
  record Column(String heading, boolean numeric) {}

  /** A table; every row has a cell for every column. */
  record Table(List<Column> columns, List<List<String>> rows) implements Block {
    public Table {
      columns = List.copyOf(columns);
      rows = rows.stream().map(List::copyOf).toList();
      for (List<String> row : rows) {
        if (row.size() != columns.size()) {
          throw new IllegalArgumentException(
              "report table: a row has %d cells and there are %d columns: %s"
                  .formatted(row.size(), columns.size(), row));
        }
      }
    }
  }

  /**
   * A text that a model wrote.
   *
   * @param label where it comes from, e.g. {@code step 400}
   * @param prompt what it was given, shown before the text
   * @param text what it wrote
   */
  record Sample(String label, String prompt, String text) {}

  /** Texts that a model wrote, one below the other. */
  record Samples(List<Sample> samples) implements Block {
    public Samples {
      samples = List.copyOf(samples);
    }
  }

  /** Blocks side by side, where the window is wide enough. */
  record Row(List<Block> blocks) implements Block {
    public Row {
      blocks = List.copyOf(blocks);
    }
  }

  /** A heading and what belongs below it. */
  record Section(String heading, Optional<String> introduction, List<Block> blocks) {
    public Section {
      blocks = List.copyOf(blocks);
    }

    /** A section that needs no introduction. */
    public Section(String heading, Block... blocks) {
      this(heading, Optional.empty(), List.of(blocks));
    }
  }
}
