package dev.gamelan.tensor.op;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Frame;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.List;

/**
 * y[i] = table[ids[i] + offset]: token embeddings, and learned positions (offset 2 in OPT). Where
 * ids[i] + offset is negative, y[i] is 0.
 *
 * @param ids i32 [1, n]
 * @param table [vocabulary, d]
 */
public record Embedding(Value ids, int offset, Value table, Value y) implements Op {
  public static Value apply(Tape tape, Value ids, int offset, Value table) {
    long n = ids.rows() * ids.columns();
    Checks.indices("embedding", ids, n);
    Value y = tape.activation("embedding(" + table.name() + ")", n, table.columns());
    tape.record(new Embedding(ids, offset, table, y));
    return y;
  }

  @Override
  public String name() {
    return "embedding";
  }

  @Override
  public boolean writesEveryGradient() {
    return false;
  }

  @Override
  public Effects effects() {
    return Effects.of(List.of(ids, table), List.of(y))
        .backward(List.of(y), List.of(table), List.of(ids));
  }

  @Override
  public Cost cost() {
    return new Cost(0, y.rows() * y.columns(), 8 * y.rows() * y.columns());
  }

  @Override
  public Runnable forward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor i = frame.tensor(ids);
    Tensor rows = frame.tensor(table);
    Tensor out = frame.tensor(y);
    return () -> kernels.embedding(i, offset, rows, false, out);
  }

  @Override
  public Runnable backward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor i = frame.tensor(ids);
    Tensor dy = frame.gradientOf(y);
    return frame
        .gradientTo(table)
        .<Runnable>map(g -> () -> kernels.embeddingBackward(i, offset, dy, g.tensor()))
        .orElse(() -> {});
  }
}
