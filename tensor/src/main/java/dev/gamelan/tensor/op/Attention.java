package dev.gamelan.tensor.op;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.AttentionShape;
import dev.gamelan.tensor.spi.Kernels;
import dev.gamelan.tensor.tape.Frame;
import dev.gamelan.tensor.tape.Op;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.List;

/**
 * Attention over whole sequences of equal length, as training and image towers see them.
 *
 * @param qkv [sequences·length, width]
 * @param y [sequences·length, heads·headDim]
 * @param lse [sequences·length, heads], kept for the backward pass
 */
public record Attention(
    Value qkv, AttentionShape shape, int sequences, int length, Value y, Value lse) implements Op {
  public static Value apply(Tape tape, Value qkv, AttentionShape shape, int sequences, int length) {
    Checks.require(
        qkv.rows() == (long) sequences * length,
        "attention",
        "%d sequences of %d rows are expected".formatted(sequences, length),
        qkv);
    fits(qkv, shape);
    Value y = tape.activation("attention", qkv.rows(), (long) shape.heads() * shape.headDim());
    Value lse = tape.activation("lse", qkv.rows(), shape.heads());
    tape.record(new Attention(qkv, shape, sequences, length, y, lse));
    return y;
  }

  static void fits(Value qkv, AttentionShape shape) {
    for (int[] heads : new int[][] {shape.q(), shape.k(), shape.v()}) {
      for (int head : heads) {
        Checks.require(
            head >= 0 && head + shape.headDim() <= qkv.columns(),
            "attention",
            "a head of %d columns at column %d must fit".formatted(shape.headDim(), head),
            qkv);
      }
    }
  }

  @Override
  public String name() {
    return "attention";
  }

  @Override
  public Effects effects() {
    return Effects.of(List.of(qkv), List.of(y, lse))
        .backward(List.of(y), List.of(qkv), List.of(qkv, y, lse));
  }

  @Override
  public Cost cost() {
    long keys = shape.window() == 0 ? length : Math.min(length, shape.window());
    long pairs =
        sequences
            * (shape.causal()
                ? keys * (keys + 1) / 2 + (length - keys) * keys
                : (long) length * length);
    long forward = 4 * pairs * shape.heads() * shape.headDim();
    return new Cost(forward, forward * 5 / 2, effects().bytes());
  }

  @Override
  public Runnable forward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor in = frame.tensor(qkv);
    Tensor out = frame.tensor(y);
    Tensor l = frame.tensor(lse);
    return () -> kernels.attention(in, shape, sequences, length, out, l);
  }

  @Override
  public Runnable backward(Frame frame) {
    Kernels kernels = frame.kernels();
    Tensor dy = frame.gradientOf(y);
    Tensor in = frame.tensor(qkv);
    Tensor out = frame.tensor(y);
    Tensor l = frame.tensor(lse);
    Frame.Gradient g = frame.gradientTo(qkv).orElseThrow();
    if (g.accumulate()) {
      throw new IllegalStateException(
          "attention: its queries, keys and values are used by another op, too; record a copy");
    }
    return () -> kernels.attentionBackward(dy, in, out, l, shape, sequences, length, g.tensor());
  }
}
