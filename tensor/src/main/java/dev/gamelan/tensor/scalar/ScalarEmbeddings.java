package dev.gamelan.tensor.scalar;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.ElementKernels;

/** Rows taken from a table and given back to it. */
interface ScalarEmbeddings extends ElementKernels {
  @Override
  default void embedding(Tensor ids, int offset, Tensor table, boolean accumulate, Tensor y) {
    int[] rows = ids.toInts();
    for (int i = 0; i < rows.length; i++) {
      int row = rows[i] + offset;
      double[] from = row < 0 ? new double[Math.toIntExact(y.columns())] : Rows.read(table, row);
      Rows.write(y, i, from, accumulate);
    }
  }

  @Override
  default void embeddingBackward(Tensor ids, int offset, Tensor dy, Tensor dtable) {
    int[] rows = ids.toInts();
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] + offset >= 0) {
        Rows.write(dtable, rows[i] + offset, Rows.read(dy, i), true);
      }
    }
  }

  @Override
  default void selectRows(Tensor x, Tensor rows, Tensor y) {
    embedding(rows, 0, x, false, y);
  }

  @Override
  default void selectRowsBackward(Tensor dy, Tensor rows, Tensor dx) {
    embeddingBackward(rows, 0, dy, dx);
  }
}
