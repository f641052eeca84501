package dev.gamelan.model.checkpoint;

import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.DecoderSpec.QkvLayout;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.WeightLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What must be done to a parameter that is kept as one {@link DecoderSpec} says to keep it as
 * another says: formats differ in the order of the rows of queries and keys (which dims of a head
 * turn together), in whether q, k and v of a head lie together, and in which way round weights lie.
 */
sealed interface Arrangement {
  /** Nothing. */
  record AsItIs() implements Arrangement {
    @Override
    public Tensor of(Tensor kept) {
      return kept;
    }
  }

  /**
   * Rows (elements of a vector) in another order.
   *
   * @param from row i of the result is row {@code from[i]}
   */
  record Rows(int[] from) implements Arrangement {
    @Override
    public Tensor of(Tensor kept) {
      Tensor moved = Tensor.allocate(Arena.ofAuto(), kept.dtype(), kept.shape().extents());
      long bytes = kept.segment().byteSize() / from.length;
      for (int r = 0; r < from.length; r++) {
        MemorySegment.copy(kept.segment(), from[r] * bytes, moved.segment(), r * bytes, bytes);
      }
      return moved;
    }
  }

  /** Rows become columns; quantized blocks become f32 on the way. */
  record Transposed() implements Arrangement {
    @Override
    public Tensor of(Tensor kept) {
      DType dtype = kept.dtype().isQuantized() ? DType.F32 : kept.dtype();
      long rows = kept.rows();
      Tensor turned = Tensor.allocate(Arena.ofAuto(), dtype, kept.columns(), rows);
      float[] row = new float[Math.toIntExact(kept.columns())];
      for (long r = 0; r < rows; r++) {
        kept.readRow(r, row);
        for (int c = 0; c < row.length; c++) {
          turned.set(c, r, row[c]);
        }
      }
      return turned;
    }
  }

  /** The tensor in the new arrangement: itself or a copy. */
  Tensor of(Tensor kept);

  /**
   * The step from one way of keeping to another.
   *
   * @param p a parameter that both know
   */
  static Arrangement between(DecoderSpec from, DecoderSpec to, ParameterSpec p) {
    if (from.layout() != to.layout() && p.shape().rank() == 2 && isLinear(p)) {
      return new Transposed();
    }
    int[] before = rows(from, p);
    int[] after = rows(to, p);
    int[] place = new int[before.length];
    for (int r = 0; r < before.length; r++) {
      place[before[r]] = r;
    }
    int[] order = new int[before.length];
    boolean moved = false;
    for (int r = 0; r < order.length; r++) {
      order[r] = place[after[r]];
      moved |= order[r] != r;
    }
    return moved ? new Rows(order) : new AsItIs();
  }

  private static boolean isLinear(ParameterSpec p) {
    return switch (p.role()) {
      case INPUT, OUTPUT -> true;
      case EMBEDDING, HEAD, NORM, BIAS, LOW_RANK_IN, LOW_RANK_OUT -> false;
    };
  }

  /** For every row as it is kept: which it is of q, k, v one after the other, in halves. */
  private static int[] rows(DecoderSpec spec, ParameterSpec p) {
    DecoderSpec.Attention a = spec.attention();
    boolean q = p.name().contains(".attention.q.");
    boolean k = p.name().contains(".attention.k.");
    boolean rows = p.shape().rank() == 1 || spec.layout() == WeightLayout.OUT_IN;
    if (p.name().contains(".attention.qkv.") && rows) {
      return apart(a);
    }
    if (q || k) {
      boolean neighbours =
          spec.position() instanceof DecoderSpec.Rotary rotary
              && rotary.style() == RotaryStyle.INTERLEAVED;
      return halves(q ? a.heads() : a.kvHeads(), a.headDim(), neighbours);
    }
    return new int[0];
  }

  private static int[] halves(int heads, int dim, boolean neighbours) {
    int[] rows = new int[heads * dim];
    for (int r = 0; r < rows.length; r++) {
      int i = r % dim;
      rows[r] = neighbours ? r - i + i / 2 + i % 2 * (dim / 2) : r;
    }
    return rows;
  }

  private static int[] apart(DecoderSpec.Attention a) {
    int dim = a.headDim();
    int group = a.heads() / a.kvHeads();
    int[] rows = new int[a.qkvWidth()];
    boolean together =
        a.layout() == QkvLayout.FUSED_PER_HEAD || a.layout() == QkvLayout.FUSED_PER_GROUP;
    for (int r = 0; r < rows.length; r++) {
      int head = r / dim;
      int key = head / (group + 2);
      int part = head % (group + 2);
      int other =
          part < group ? key * group + part : a.heads() + (part - group) * a.kvHeads() + key;
      rows[r] = together ? other * dim + r % dim : r;
    }
    return rows;
  }

  /** A spec whose rotary embedding turns neighbours. */
  static DecoderSpec neighbours(DecoderSpec s) {
    DecoderSpec.Position position =
        s.position() instanceof DecoderSpec.Rotary r
            ? new DecoderSpec.Rotary(RotaryStyle.INTERLEAVED, r.dims(), r.base(), r.scaling())
            : s.position();
    return with(s, s.attention(), position, s.layout());
  }

  /** A spec whose fused projection has all queries, all keys, all values. */
  static DecoderSpec fused(DecoderSpec s) {
    return with(s, s.attention().kept(QkvLayout.FUSED), s.position(), s.layout());
  }

  /** A spec whose weights lie [out, in]. */
  static DecoderSpec outIn(DecoderSpec s) {
    return with(s, s.attention(), s.position(), WeightLayout.OUT_IN);
  }

  private static DecoderSpec with(
      DecoderSpec s,
      DecoderSpec.Attention attention,
      DecoderSpec.Position position,
      WeightLayout layout) {
    return new DecoderSpec(
        s.vocabulary(),
        s.width(),
        s.layers(),
        s.context(),
        s.norm(),
        s.residual(),
        attention,
        position,
        s.mlp(),
        layout,
        s.tied(),
        s.embeddingWidth(),
        s.finalNorm(),
        s.labels(),
        s.vision());
  }
}
