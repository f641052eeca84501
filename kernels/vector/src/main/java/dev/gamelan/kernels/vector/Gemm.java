package dev.gamelan.kernels.vector;

import java.lang.foreign.Arena;

/**
 * Products of f32 matrices: C[m, n] = A[m, k] · B[k, n], optionally added to C, to a bias and to
 * another matrix.
 *
 * <p><b>Order.</b> Every element of C is {@code fma} over k in rising order from 0, then (+ C when
 * accumulating), then + bias, then + addend. The order depends on nothing else: not on m, n, the
 * place in the matrix, strides, packing, tiles or threads. So the same numbers give the same bits,
 * whether a row is computed alone or among many.
 *
 * <p><b>Operands</b> are absolute byte addresses, aligned to 4 bytes, and strides in elements, from
 * 0 to 2^29 - 1; nothing outside the operands is read or written. C must overlap neither A nor B;
 * the addend may be C itself. Any m, n and k from 0: with k = 0 the product is zero.
 *
 * <p>Method: blocks for each level of cache as in Goto and van de Geijn, "Anatomy of
 * High-Performance Matrix Multiplication" (2008), and BLIS, with row operands read through strides
 * instead of always being packed.
 *
 * <p>One product at a time: calls from several threads take turns. Not to be called from inside a
 * task of the same {@link Workers}, except {@link #block}.
 */
final class Gemm implements AutoCloseable {
  private static final int COLUMNS = Tiling.columns();
  private static final long ROW = COLUMNS * 4L;

  /** Below this many multiplications a fork costs more than it gains. */
  private static final long INLINE_WORK = 100_000;

  private final Workers workers;
  private final Tiling tiling;
  private final PanelKernel kernel;
  private final Arena arena = Arena.ofShared();
  private final TileTask tile;
  private final PackTask pack = new PackTask();
  private final long zeros;
  private Arena packedArena = Arena.ofShared();
  private long packed;
  private long packedBytes;

  Gemm(Workers workers, Tiling tiling) {
    this(workers, tiling, new VectorPanels(tiling.rows()));
  }

  Gemm(Workers workers, Tiling tiling, PanelKernel kernel) {
    this.workers = workers;
    this.kernel = kernel;
    this.tiling = tiling;
    zeros = Memory.allocate(arena, ROW);
    tile = new TileTask(tiling, kernel, zeros, workers.threads(), arena);
  }

  /** A product on this team with the tiles that suit this machine. */
  static Gemm on(Workers workers) {
    return new Gemm(workers, Tiling.of(Capabilities.detect()));
  }

  /**
   * C = A · B with every choice.
   *
   * @param aRow elements from a row of A to the next; {@code aCol} from a column to the next; so
   *     too for B
   * @param cRow elements from a row of C to the next, at least n; its columns are contiguous
   * @param accumulate whether the product is added to C
   * @param bias address of n floats added to each row, or 0
   * @param addend address of a matrix [m, n] added at the end, or 0; may equal {@code c}
   */
  synchronized void product(
      int m,
      int n,
      int k,
      long a,
      long aRow,
      long aCol,
      long b,
      long bRow,
      long bCol,
      long c,
      long cRow,
      boolean accumulate,
      long bias,
      long addend,
      long addendRow) {
    check(m, n, k, aRow, aCol, cRow, addendRow);
    checkStride("B", bRow, bCol);
    if (m == 0 || n == 0) {
      return;
    }
    tile.operands(
        m, k, a, aRow * 4, aCol * 4, c, cRow * 4, accumulate, bias, addend, addendRow * 4);
    boolean inPlace = bCol == 1 && m <= 2 * tiling.rows();
    int step = inPlace ? n : packedColumns(n, k);
    for (int j = 0; j < n; j += step) {
      int columns = Math.min(step, n - j);
      long at = b + j * bCol * 4;
      if (inPlace) {
        int full = columns / COLUMNS * COLUMNS;
        long tail = room(k, COLUMNS);
        if (full < columns) {
          Packing.columns(k, columns - full, at + full * 4L, bRow * 4, 4, tail);
        }
        tile.panels(j, columns, at, ROW, bRow * 4, tail);
      } else {
        long to = room(k, columns);
        pack(k, columns, at, bRow * 4, bCol * 4, to);
        tile.packedPanels(j, columns, to);
      }
      runTiles();
    }
  }

  /** C = A · B as in the other method, with a B packed before. */
  synchronized void product(
      int m,
      long a,
      long aRow,
      long aCol,
      PackedB b,
      long c,
      long cRow,
      boolean accumulate,
      long bias,
      long addend,
      long addendRow) {
    check(m, b.n(), b.k(), aRow, aCol, cRow, addendRow);
    if (m == 0 || b.n() == 0) {
      return;
    }
    tile.operands(
        m, b.k(), a, aRow * 4, aCol * 4, c, cRow * 4, accumulate, bias, addend, addendRow * 4);
    tile.packedPanels(0, b.n(), b.address());
    runTiles();
  }

  /** Packs B, strides in elements, into {@code to}, whose earlier content is replaced. */
  synchronized void pack(long b, long bRow, long bCol, PackedB to) {
    checkStride("B", bRow, bCol);
    pack(to.k(), to.n(), b, bRow * 4, bCol * 4, to.address());
  }

  /** Scratch that {@link #block} needs for products of this depth. */
  long blockScratchBytes(int k) {
    return tiling.rows() * ROW + k * ROW;
  }

  /**
   * C = A · B, or C += A · B, on the calling thread and without packing: for operands that lie in
   * the first two levels of cache, with B's and C's columns contiguous. May be called inside tasks.
   *
   * @param scratch {@link #blockScratchBytes} of memory of this thread
   */
  void block(
      int m,
      int n,
      int k,
      long a,
      long aRow,
      long aCol,
      long b,
      long bRow,
      long c,
      long cRow,
      boolean accumulate,
      long scratch) {
    long panel = scratch + tiling.rows() * ROW;
    for (int j = 0; j < n; j += COLUMNS) {
      int columns = Math.min(COLUMNS, n - j);
      long bAt = b + j * 4L;
      long bStep = bRow * 4;
      if (columns < COLUMNS) {
        Packing.columns(k, columns, bAt, bStep, 4, panel);
        bAt = panel;
        bStep = ROW;
      }
      boolean direct = columns == COLUMNS && !accumulate;
      for (int i = 0; i < m; i += tiling.rows()) {
        int rows = Math.min(tiling.rows(), m - i);
        long cAt = c + (i * cRow + j) * 4;
        long out = direct ? cAt : scratch;
        long outRow = direct ? cRow * 4 : ROW;
        kernel.run(
            rows,
            1,
            k,
            a + i * aRow * 4,
            aRow * 4,
            aCol * 4,
            bAt,
            bStep,
            0,
            zeros,
            0,
            0,
            out,
            outRow,
            0);
        if (!direct) {
          Epilogue.finish(rows, columns, scratch, ROW, cAt, cRow * 4, accumulate, 0, 0, 0);
        }
      }
    }
  }

  private void runTiles() {
    workers.run(tile.plan(workers.threads(), INLINE_WORK), tile);
  }

  private void pack(int k, int n, long b, long bRow, long bCol, long to) {
    workers.run(pack.plan(k, n, b, bRow, bCol, to, workers.threads()), pack);
  }

  /** Columns of B packed at a time: a share of the last-level cache, but enough to reuse A. */
  private int packedColumns(int n, int k) {
    long column = 4L * Math.max(1, k);
    long columns = Math.max(tiling.packedBytes() / column, 512);
    columns = Math.min(columns, (256L << 20) / column);
    return (int) Math.min(n, Math.max(COLUMNS, columns / COLUMNS * COLUMNS));
  }

  private long room(int k, int n) {
    long bytes = PackedB.bytes(k, n);
    if (bytes > packedBytes) {
      packedArena.close();
      packedArena = Arena.ofShared();
      packed = Memory.allocate(packedArena, bytes);
      packedBytes = bytes;
    }
    return packed;
  }

  private void check(int m, int n, int k, long aRow, long aCol, long cRow, long addendRow) {
    if (workers.insideTask()) {
      throw new IllegalStateException(
          "Gemm.product: called from inside a task of its own workers; use block there");
    }
    if (m < 0 || n < 0 || k < 0) {
      throw new IllegalArgumentException(
          "Gemm.product: m = %d, n = %d, k = %d, but sizes cannot be negative".formatted(m, n, k));
    }
    checkStride("A", aRow, aCol);
    checkStride("C", cRow, addendRow);
    if (m > 1 && cRow < n) {
      throw new IllegalArgumentException(
          "Gemm.product: rows of C are %d apart but %d long; they must not overlap"
              .formatted(cRow, n));
    }
  }

  private static void checkStride(String operand, long row, long col) {
    if (row < 0 || col < 0 || row * 4 > Memory.STRIDE || col * 4 > Memory.STRIDE) {
      throw new IllegalArgumentException(
          "Gemm: strides of %s are %d and %d elements, but must be from 0 to 2^29 - 1"
              .formatted(operand, row, col));
    }
  }

  @Override
  public synchronized void close() {
    arena.close();
    packedArena.close();
  }
}
