package dev.gamelan.tensor.op;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.AttentionShape;
import dev.gamelan.tensor.spi.CacheRows;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.spi.KvPages;
import dev.gamelan.tensor.tape.Frame;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.List;

/**
 * Puts the keys and values of the rows into the paged cache of a layer and attends to what is
 * there: prefill and decoding. Forward only.
 *
 * @param qkv [n, width]
 * @param rows which sequence and position every row is; inputs of the step
 * @param pages the layer's cache, fixed for the life of the step
 */
public record CachedAttention(Value qkv, AttentionShape shape, Rows rows, KvPages pages, Value y)
    implements Op {
  /**
   * {@link CacheRows} as values.
   *
   * @param positions i32 [1, n]
   * @param sequences i32 [1, n]
   * @param tables i32 [sequences, pages a sequence]
   */
  public record Rows(Value positions, Value sequences, Value tables) {}

  public static Value apply(Tape tape, Value qkv, AttentionShape shape, Rows rows, KvPages pages) {
    Checks.indices("cached attention positions", rows.positions(), qkv.rows());
    Checks.indices("cached attention sequences", rows.sequences(), qkv.rows());
    Attention.fits(qkv, shape);
    Checks.require(shape.causal(), "cached attention", "it is always causal", qkv);
    Value y = tape.activation("attention", qkv.rows(), (long) shape.heads() * shape.headDim());
    tape.record(new CachedAttention(qkv, shape, rows, pages, y));
    return y;
  }

  @Override
  public String name() {
    return "attention";
  }

  @Override
  public Effects effects() {
    return Effects.of(List.of(qkv, rows.positions(), rows.sequences(), rows.tables()), List.of(y));
  }

  /** The work at a full cache: what a pass really does depends on the positions. */
  @Override
  public Cost cost() {
    long positions = rows.tables().columns() * pages.pageSize();
    return new Cost(
        4 * qkv.rows() * positions * shape.heads() * shape.headDim(), 0, effects().bytes());
  }

  @Override
  public Runnable forward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor in = frame.tensor(qkv);
    Tensor out = frame.tensor(y);
    CacheRows bound =
        new CacheRows(
            frame.tensor(rows.positions()),
            frame.tensor(rows.sequences()),
            frame.tensor(rows.tables()));
    return () -> {
      kernels.cacheWrite(in, shape, bound, pages);
      kernels.cachedAttention(in, shape, bound, pages, out);
    };
  }

  @Override
  public Runnable backward(Frame frame) {
    throw new IllegalStateException(
        "cached attention has no backward pass; train with whole sequences");
  }
}
