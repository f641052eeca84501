package dev.gamelan.model.checkpoint;

import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.function.IntToLongFunction;

/**
 * The items of an array where they lie in the file, read when they are asked for: a vocabulary of
 * hundreds of thousands of strings costs nothing until somebody needs a tokenizer.
 */
final class GgufItems extends AbstractList<GgufValue> implements RandomAccess {
  /** Reads the item at a byte of the file. */
  @FunctionalInterface
  interface Reader {
    GgufValue at(long position);
  }

  private final int size;
  private final IntToLongFunction positions;
  private final Reader reader;

  /**
   * @param positions where each item begins; checked already
   */
  GgufItems(int size, IntToLongFunction positions, Reader reader) {
    this.size = size;
    this.positions = positions;
    this.reader = reader;
  }

  @Override
  public GgufValue get(int i) {
    return reader.at(positions.applyAsLong(Objects.checkIndex(i, size)));
  }

  @Override
  public int size() {
    return size;
  }
}
