package dev.gamelan.tensor.scalar;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.AttentionKernels;
import dev.gamelan.tensor.spi.AttentionShape;
import dev.gamelan.tensor.spi.CacheRows;
import dev.gamelan.tensor.spi.KvPages;
import dev.gamelan.tensor.spi.RotaryStyle;
import java.util.Arrays;

/**
 * Rotary embedding and attention. For the query at position t and every key position j it sees,
 * max(0, t − window + 1) ≤ j ≤ t (all of them where attention isn't causal): s = scale·q·kⱼ +
 * slope·(j − t), p = exp(s − lse), out = Σ p·vⱼ.
 */
interface ScalarAttention extends AttentionKernels {
  /** (a, b) becomes (a·cos − b·sin, b·cos + a·sin); the inverse turns by −sin. */
  @Override
  default void rotary(
      Tensor x,
      int[] heads,
      RotaryStyle style,
      Tensor positions,
      Tensor cos,
      Tensor sin,
      boolean inverse) {
    int half = Math.toIntExact(cos.columns());
    int[] position = positions.toInts();
    for (int i = 0; i < position.length; i++) {
      double[] row = Rows.read(x, i);
      double[] c = Rows.read(cos, position[i]);
      double[] s = Rows.read(sin, position[i]);
      for (int head : heads) {
        for (int p = 0; p < half; p++) {
          int first = head + (style == RotaryStyle.HALF_SPLIT ? p : 2 * p);
          int second = style == RotaryStyle.HALF_SPLIT ? first + half : first + 1;
          double turn = inverse ? -s[p] : s[p];
          double a = row[first];
          double b = row[second];
          row[first] = a * c[p] - b * turn;
          row[second] = b * c[p] + a * turn;
        }
      }
      Rows.write(x, i, row);
    }
  }

  @Override
  default void attention(
      Tensor qkv, AttentionShape shape, int sequences, int length, Tensor out, Tensor lse) {
    for (int sequence = 0; sequence < sequences; sequence++) {
      int begin = sequence * length;
      double[][] rows = Rows.read(qkv.rows(begin, begin + length));
      for (int t = 0; t < length; t++) {
        double[] result = new double[shape.heads() * shape.headDim()];
        double[] lses = new double[shape.heads()];
        for (int head = 0; head < shape.heads(); head++) {
          int kv = shape.kvHead(head);
          int from = first(shape, t);
          double[] q = head(rows[t], shape.q()[head], shape);
          int last = shape.causal() ? t : length - 1;
          double[][] k = heads(rows, from, last, shape.k()[kv], shape);
          double[][] v = heads(rows, from, last, shape.v()[kv], shape);
          lses[head] = attend(q, k, v, shape, head, result);
        }
        Rows.write(out, begin + t, result);
        Rows.write(lse, begin + t, lses);
      }
    }
  }

  /**
   * With δ = dout·out: dp = dout·vⱼ, ds = p·(dp − δ), dq = Σⱼ scale·ds·kⱼ, dkⱼ += scale·ds·q, dvⱼ
   * += p·dout.
   */
  @Override
  default void attentionBackward(
      Tensor dout,
      Tensor qkv,
      Tensor out,
      Tensor lse,
      AttentionShape shape,
      int sequences,
      int length,
      Tensor dqkv) {
    for (int sequence = 0; sequence < sequences; sequence++) {
      int begin = sequence * length;
      double[][] rows = Rows.read(qkv.rows(begin, begin + length));
      double[][] gradients = Rows.read(dqkv.rows(begin, begin + length));
      clear(gradients, shape.q(), shape);
      clear(gradients, shape.k(), shape);
      clear(gradients, shape.v(), shape);
      for (int t = 0; t < length; t++) {
        double[] outRow = Rows.read(out, begin + t);
        double[] doutRow = Rows.read(dout, begin + t);
        for (int head = 0; head < shape.heads(); head++) {
          int kColumn = shape.k()[shape.kvHead(head)];
          int vColumn = shape.v()[shape.kvHead(head)];
          int from = first(shape, t);
          double[] q = head(rows[t], shape.q()[head], shape);
          int last = shape.causal() ? t : length - 1;
          double[][] k = heads(rows, from, last, kColumn, shape);
          double[] s = scores(q, k, shape, head);
          double[] d = head(doutRow, head * shape.headDim(), shape);
          double delta = Rows.dot(d, head(outRow, head * shape.headDim(), shape));
          double logSum = lse.get(begin + t, head);
          for (int j = from; j <= last; j++) {
            double p = Math.exp(s[j - from] - logSum);
            double dp = Rows.dot(d, head(rows[j], vColumn, shape));
            double ds = shape.scale() * p * (dp - delta);
            add(gradients[t], shape.q()[head], ds, k[j - from]);
            add(gradients[j], kColumn, ds, q);
            add(gradients[j], vColumn, p, d);
          }
        }
      }
      for (int t = 0; t < length; t++) {
        Rows.write(dqkv, begin + t, gradients[t]);
      }
    }
  }

  @Override
  default void cacheWrite(Tensor qkv, AttentionShape shape, CacheRows rows, KvPages pages) {
    int[] positions = rows.positions().toInts();
    int[] sequences = rows.sequences().toInts();
    int d = shape.headDim();
    for (int i = 0; i < positions.length; i++) {
      long page = rows.tables().getInt(sequences[i], positions[i] / pages.pageSize());
      int slot = positions[i] % pages.pageSize();
      for (int kv = 0; kv < shape.kvHeads(); kv++) {
        long head = page * shape.kvHeads() + kv;
        for (int c = 0; c < d; c++) {
          pages.keys().set(head * d + c, slot, qkv.get(i, shape.k()[kv] + c));
          pages.values().set(head * pages.pageSize() + slot, c, qkv.get(i, shape.v()[kv] + c));
        }
      }
    }
  }

  @Override
  default void cachedAttention(
      Tensor qkv, AttentionShape shape, CacheRows rows, KvPages pages, Tensor out) {
    int[] positions = rows.positions().toInts();
    int[] sequences = rows.sequences().toInts();
    int d = shape.headDim();
    for (int i = 0; i < positions.length; i++) {
      double[] row = Rows.read(qkv, i);
      double[] result = new double[shape.heads() * d];
      int from = first(shape, positions[i]);
      for (int head = 0; head < shape.heads(); head++) {
        double[][] k = new double[positions[i] + 1 - from][d];
        double[][] v = new double[k.length][];
        for (int j = 0; j < k.length; j++) {
          long page = rows.tables().getInt(sequences[i], (from + j) / pages.pageSize());
          int slot = (from + j) % pages.pageSize();
          long cached = page * shape.kvHeads() + shape.kvHead(head);
          for (int c = 0; c < d; c++) {
            k[j][c] = pages.keys().get(cached * d + c, slot);
          }
          v[j] = Rows.read(pages.values(), cached * pages.pageSize() + slot);
        }
        attend(head(row, shape.q()[head], shape), k, v, shape, head, result);
      }
      Rows.write(out, i, result);
    }
  }

  /** The first position that the query at {@code t} sees. */
  private static int first(AttentionShape shape, int t) {
    return shape.window() == 0 ? 0 : Math.max(0, t - shape.window() + 1);
  }

  /** Scaled and biased scores of a query that stands at the last of the keys. */
  private static double[] scores(double[] q, double[][] k, AttentionShape shape, int head) {
    double slope = shape.alibi().isPresent() ? shape.alibi().get()[head] : 0;
    double[] scores = new double[k.length];
    for (int j = 0; j < k.length; j++) {
      scores[j] = shape.scale() * Rows.dot(q, k[j]) + slope * (j - (k.length - 1));
    }
    return scores;
  }

  /** Adds a head's output to the row {@code out} and gives its lse. */
  private static double attend(
      double[] q, double[][] k, double[][] v, AttentionShape shape, int head, double[] out) {
    double[] scores = scores(q, k, shape, head);
    double lse = Softmax.logSumExp(scores);
    for (int j = 0; j < k.length; j++) {
      add(out, head * shape.headDim(), Math.exp(scores[j] - lse), v[j]);
    }
    return lse;
  }

  private static double[] head(double[] row, int column, AttentionShape shape) {
    return Arrays.copyOfRange(row, column, column + shape.headDim());
  }

  private static double[][] heads(
      double[][] rows, int from, int to, int column, AttentionShape shape) {
    double[][] heads = new double[to + 1 - from][];
    for (int j = from; j <= to; j++) {
      heads[j - from] = head(rows[j], column, shape);
    }
    return heads;
  }

  private static void add(double[] row, int column, double scale, double[] head) {
    for (int c = 0; c < head.length; c++) {
      row[column + c] += scale * head[c];
    }
  }

  private static void clear(double[][] rows, int[] columns, AttentionShape shape) {
    for (double[] row : rows) {
      for (int column : columns) {
        Arrays.fill(row, column, column + shape.headDim(), 0);
      }
    }
  }
}
