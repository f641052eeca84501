package dev.gamelan.kernels.vector;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.AttentionShape;
import dev.gamelan.tensor.spi.CacheRows;
import dev.gamelan.tensor.spi.KvPages;

/** Addresses within a paged cache. */
final class VectorAttentionPages {
  private final long keys;
  private final long values;
  private final long head;
  private final int kvHeads;
  private final int size;
  private final long positions;
  private final long sequences;
  private final Tensor tables;

  VectorAttentionPages(AttentionShape shape, CacheRows rows, KvPages pages) {
    keys = pages.keys().address();
    values = pages.values().address();
    size = pages.pageSize();
    kvHeads = shape.kvHeads();
    head = (long) shape.headDim() * size * 4;
    positions = rows.positions().address();
    sequences = rows.sequences().address();
    tables = rows.tables();
  }

  /** Positions a page. */
  int size() {
    return size;
  }

  int position(int row) {
    return Integers.at(positions, row);
  }

  int sequence(int row) {
    return Integers.at(sequences, row);
  }

  /** The page that holds a row's sequence's positions from {@code index}·size. */
  int page(int row, int index) {
    return Integers.at(tables, sequence(row), index);
  }

  /** [headDim][size] floats. */
  long keys(int page, int kvHead) {
    return keys + ((long) page * kvHeads + kvHead) * head;
  }

  /** Bytes from a column of a head's keys to the next. */
  long keysRow() {
    return size * 4L;
  }

  /** [size][headDim] floats. */
  long values(int page, int kvHead) {
    return values + ((long) page * kvHeads + kvHead) * head;
  }
}
