package dev.gamelan.tensor;

import dev.gamelan.tensor.quant.Blocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Elements in off-heap memory, seen as {@link #rows} rows of {@link #columns} contiguous elements,
 * {@link #rowStride} elements apart. A shape of more than two dimensions has its leading dimensions
 * folded into rows. Views share memory; nothing here copies, but {@link #copyOf}.
 *
 * <p>A tensor keeps its segment reachable, so that memory outlives every tensor over it. Memory of
 * an arena that its owner closes is the owner's affair.
 */
public final class Tensor {
  /** What every allocation is aligned to, in bytes: a cache line, the widest vector. */
  public static final int ALIGNMENT = 64;

  private final MemorySegment segment;
  private final DType dtype;
  private final Shape shape;
  private final long rows;
  private final long columns;
  private final long rowStride;
  private final long address;

  private Tensor(MemorySegment segment, DType dtype, Shape shape, long rowStride) {
    this.segment = segment;
    this.dtype = dtype;
    this.shape = shape;
    this.rows = shape.rows();
    this.columns = shape.columns();
    this.rowStride = rowStride;
    this.address = segment.address();
  }

  /**
   * A contiguous tensor at the beginning of {@code segment}.
   *
   * @throws IllegalArgumentException if the segment lies in the Java heap, is too short or not
   *     aligned to the element
   */
  public static Tensor of(MemorySegment segment, DType dtype, Shape shape) {
    if (!segment.isNative()) {
      throw new IllegalArgumentException(
          "tensor " + dtype + shape + ": its memory must be off-heap; allocate it in an Arena");
    }
    if (shape.columns() % dtype.elementsPerBlock() != 0) {
      throw new IllegalArgumentException(
          "tensor %s%s: rows must be whole blocks of %d elements"
              .formatted(dtype, shape, dtype.elementsPerBlock()));
    }
    long bytes = dtype.bytes(shape.elements());
    if (segment.byteSize() < bytes) {
      throw new IllegalArgumentException(
          "tensor %s%s needs %d bytes, the segment has %d"
              .formatted(dtype, shape, bytes, segment.byteSize()));
    }
    return new Tensor(segment.asSlice(0, bytes), dtype, shape, shape.columns());
  }

  /** A zeroed tensor in {@code arena}, aligned to {@link #ALIGNMENT}. */
  public static Tensor allocate(Arena arena, DType dtype, long... extents) {
    Shape shape = new Shape(extents);
    return of(arena.allocate(Math.max(1, dtype.bytes(shape.elements())), ALIGNMENT), dtype, shape);
  }

  /** A zeroed f32 tensor that lives as long as it is reachable. */
  public static Tensor zeros(long... extents) {
    return allocate(Arena.ofAuto(), DType.F32, extents);
  }

  /** An f32 tensor of the given values. */
  public static Tensor copyOf(float[] values, long... extents) {
    Tensor tensor = zeros(extents);
    if (tensor.elements() != values.length) {
      throw new IllegalArgumentException(
          "tensor %s: %d values given".formatted(tensor.shape, values.length));
    }
    MemorySegment.copy(values, 0, tensor.segment, ValueLayout.JAVA_FLOAT, 0, values.length);
    return tensor;
  }

  /** An i32 tensor of the given values. */
  public static Tensor copyOf(int[] values, long... extents) {
    Tensor tensor = allocate(Arena.ofAuto(), DType.I32, extents);
    if (tensor.elements() != values.length) {
      throw new IllegalArgumentException(
          "tensor %s: %d values given".formatted(tensor.shape, values.length));
    }
    MemorySegment.copy(values, 0, tensor.segment, ValueLayout.JAVA_INT, 0, values.length);
    return tensor;
  }

  public DType dtype() {
    return dtype;
  }

  public Shape shape() {
    return shape;
  }

  public long rows() {
    return rows;
  }

  public long columns() {
    return columns;
  }

  /** Elements from the beginning of one row to the beginning of the next. */
  public long rowStride() {
    return rowStride;
  }

  public long elements() {
    return rows * columns;
  }

  /** The absolute address of the first element; the memory lives at least as long as this. */
  public long address() {
    return address;
  }

  /** The memory from the first element to the last (gaps between strided rows included). */
  public MemorySegment segment() {
    return segment;
  }

  public boolean isContiguous() {
    return rowStride == columns || rows <= 1;
  }

  /** Rows {@code from} (inclusive) to {@code to} (exclusive), as a matrix. */
  public Tensor rows(long from, long to) {
    check(from >= 0 && from <= to && to <= rows, "rows", from, to, rows);
    return view(from * rowStride, to - from, columns);
  }

  /** Columns {@code from} (inclusive) to {@code to} (exclusive) of every row, as a matrix. */
  public Tensor columns(long from, long to) {
    check(from >= 0 && from <= to && to <= columns, "columns", from, to, columns);
    return view(from, rows, to - from);
  }

  private Tensor view(long offset, long viewRows, long viewColumns) {
    long span = viewRows == 0 ? 0 : (viewRows - 1) * rowStride + viewColumns;
    return new Tensor(
        segment.asSlice(viewRows * viewColumns == 0 ? 0 : dtype.bytes(offset), dtype.bytes(span)),
        dtype,
        new Shape(viewRows, viewColumns),
        rowStride);
  }

  /**
   * The same elements in another shape.
   *
   * @throws IllegalArgumentException if the rows aren't contiguous or the numbers of elements
   *     differ
   */
  public Tensor reshape(long... extents) {
    Shape to = new Shape(extents);
    if (!isContiguous() || to.elements() != shape.elements()) {
      throw new IllegalArgumentException(
          "reshape %s to %s: the elements must be as many and contiguous".formatted(shape, to));
    }
    return new Tensor(segment, dtype, to, to.columns());
  }

  /** One element as a float, whatever type stores it. For tests and small work. */
  public float get(long row, long column) {
    long i = index(row, column);
    return switch (dtype) {
      case F32 -> segment.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
      case F16 -> Float.float16ToFloat(segment.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i));
      case BF16 -> DType.fromBf16(segment.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i));
      case I32 -> segment.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i);
      case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL -> {
        float[] block = new float[dtype.elementsPerBlock()];
        long first = i / block.length;
        Blocks.decode(
            dtype,
            segment,
            first * dtype.bytesPerBlock(),
            MemorySegment.ofArray(block),
            0,
            block.length);
        yield block[(int) (i - first * block.length)];
      }
    };
  }

  /**
   * One row as floats, whatever floating or quantized type stores it.
   *
   * @param to at least as long as the row
   */
  public void readRow(long row, float[] to) {
    check(row >= 0, "rows", row, row + 1, rows);
    check(row < rows, "rows", row, row + 1, rows);
    if (to.length < columns) {
      throw new IllegalArgumentException(
          "read row of %s%s: %d floats are too few".formatted(dtype, shape, to.length));
    }
    if (dtype.isQuantized()) {
      Blocks.decode(
          dtype, segment, dtype.bytes(row * rowStride), MemorySegment.ofArray(to), 0, columns);
    } else if (dtype == DType.F32) {
      MemorySegment.copy(
          segment, ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * row * rowStride, to, 0, (int) columns);
    } else {
      for (int c = 0; c < columns; c++) {
        to[c] = get(row, c);
      }
    }
  }

  /** Sets one element, rounded to the nearest that the type stores. For tests and small work. */
  public void set(long row, long column, float value) {
    long i = index(row, column);
    switch (dtype) {
      case F32 -> segment.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, value);
      case F16 ->
          segment.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i, Float.floatToFloat16(value));
      case BF16 -> segment.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, i, DType.toBf16(value));
      case I32 -> segment.setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i, (int) value);
      case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL ->
          throw new IllegalArgumentException(
              "set element of %s%s: quantized blocks are written whole (Blocks.encode)"
                  .formatted(dtype, shape));
    }
  }

  /** One element of an i32 tensor, exactly. */
  public int getInt(long row, long column) {
    return segment.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, index(row, column));
  }

  /** Sets one element of an i32 tensor, exactly. */
  public void setInt(long row, long column, int value) {
    segment.setAtIndex(ValueLayout.JAVA_INT_UNALIGNED, index(row, column), value);
  }

  /** All elements, row after row. */
  public float[] toFloats() {
    float[] values = new float[Math.toIntExact(elements())];
    if (dtype == DType.F32 && isContiguous()) {
      MemorySegment.copy(segment, ValueLayout.JAVA_FLOAT_UNALIGNED, 0, values, 0, values.length);
      return values;
    }
    int i = 0;
    if (dtype.isQuantized()) {
      for (long r = 0; r < rows; r++) {
        Blocks.decode(
            dtype,
            segment,
            dtype.bytes(r * rowStride),
            MemorySegment.ofArray(values),
            4 * r * columns,
            columns);
      }
      return values;
    }
    for (long r = 0; r < rows; r++) {
      for (long c = 0; c < columns; c++) {
        values[i++] = get(r, c);
      }
    }
    return values;
  }

  /** All elements of an i32 tensor, row after row. */
  public int[] toInts() {
    int[] values = new int[Math.toIntExact(elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = getInt(i / columns, i % columns);
    }
    return values;
  }

  private long index(long row, long column) {
    if (row < 0 || row >= rows || column < 0 || column >= columns) {
      throw new IndexOutOfBoundsException(
          "element (%d, %d) of a tensor of %d × %d".formatted(row, column, rows, columns));
    }
    return row * rowStride + column;
  }

  private void check(boolean ok, String what, long from, long to, long bound) {
    if (!ok) {
      throw new IllegalArgumentException(
          "%s [%d, %d) of tensor %s: they must lie in [0, %d]"
              .formatted(what, from, to, shape, bound));
    }
  }

  @Override
  public String toString() {
    return dtype + shape.toString();
  }
}
