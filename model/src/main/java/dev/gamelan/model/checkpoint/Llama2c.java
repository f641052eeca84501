package dev.gamelan.model.checkpoint;

import dev.gamelan.model.RopeScaling;
import dev.gamelan.model.family.Family;
import dev.gamelan.model.family.Llama;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.spi.Activation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The {@code .bin} of Karpathy's llama2.c, version 0: seven int32 (dim, hidden, layers, heads, kv
 * heads, vocabulary — negative where the head is not tied —, context), then f32 tensors, kind by
 * kind over all layers. Its rotary embedding turns neighbours.
 */
final class Llama2c {
  private static final int HEADER = 7 * 4;

  /** Widths beyond it are no model's, and their products would not fit a long. */
  private static final int MAX_WIDTH = 1 << 20;

  private final MemorySegment file;
  private long at = HEADER;

  private Llama2c(MemorySegment file) {
    this.file = file;
  }

  static Checkpoint open(Path path) {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      if (channel.size() < HEADER) {
        throw new IllegalArgumentException(
            "llama2.c %s: %d bytes are no header; the file is truncated"
                .formatted(path, channel.size()));
      }
      return read(
          path, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto()));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "llama2.c %s: cannot be read: %s".formatted(path, Safetensors.reason(e)), e);
    }
  }

  private static Checkpoint read(Path path, MemorySegment file) {
    int[] h = file.asSlice(0, HEADER).toArray(ValueLayout.JAVA_INT_UNALIGNED);
    int dim = h[0];
    int hidden = h[1];
    int layers = h[2];
    int heads = h[3];
    int kvHeads = h[4];
    int vocabulary = Math.abs(h[5]);
    boolean tied = h[5] > 0;
    int context = h[6];
    boolean sane =
        dim > 0
            && dim <= MAX_WIDTH
            && hidden > 0
            && hidden <= MAX_WIDTH
            && layers > 0
            && layers < 10_000
            && heads > 0
            && kvHeads > 0
            && vocabulary > 0
            && context > 0
            && dim % heads == 0
            && heads % kvHeads == 0;
    long kv = sane ? (long) dim / heads * kvHeads : 0;
    long floats =
        (long) vocabulary * dim * (tied ? 1 : 2)
            + layers * (2L * dim + 2L * dim * dim + 2 * kv * dim + 3L * dim * hidden)
            + dim
            + (sane ? (long) context * (dim / heads) : 0);
    if (!sane || file.byteSize() != HEADER + 4 * floats) {
      throw new IllegalArgumentException(
          "llama2.c %s: the header says dim %d, hidden %d, %d layers, %d heads, %d kv heads, vocabulary %d, context %d; the file has %d bytes, not %d; it is truncated or no llama2.c file of version 0"
              .formatted(
                  path,
                  dim,
                  hidden,
                  layers,
                  heads,
                  kvHeads,
                  h[5],
                  context,
                  file.byteSize(),
                  HEADER + 4 * floats));
    }
    Family family =
        new Llama(
            vocabulary,
            dim,
            hidden,
            layers,
            heads,
            kvHeads,
            dim / heads,
            context,
            1e-5,
            10000,
            new RopeScaling.None(),
            Activation.SILU,
            false,
            false,
            tied,
            Optional.of(1),
            Optional.of(2));
    return new Checkpoint(
        family, Arrangement.neighbours(family.spec()), new Llama2c(file).tensors(h, tied, kv));
  }

  private Map<String, Tensor> tensors(int[] h, boolean tied, long kv) {
    int dim = h[0];
    int hidden = h[1];
    int layers = h[2];
    int headDim = dim / h[3];
    Map<String, Tensor> t = new LinkedHashMap<>();
    t.put("embedding.weight", next(Math.abs(h[5]), dim));
    each(t, layers, "attention.norm", dim);
    each(t, layers, "attention.q", dim, dim);
    each(t, layers, "attention.k", kv, dim);
    each(t, layers, "attention.v", kv, dim);
    each(t, layers, "attention.out", dim, dim);
    each(t, layers, "mlp.norm", dim);
    each(t, layers, "mlp.gate", hidden, dim);
    each(t, layers, "mlp.down", dim, hidden);
    each(t, layers, "mlp.up", hidden, dim);
    t.put("norm.weight", next(dim));
    at += 4L * h[6] * headDim; // cos and sin, which we compute
    if (!tied) {
      t.put("head.weight", next(Math.abs(h[5]), dim));
    }
    return t;
  }

  private void each(Map<String, Tensor> t, int layers, String name, long... extents) {
    for (int i = 0; i < layers; i++) {
      t.put("layers." + i + "." + name + ".weight", next(extents));
    }
  }

  private Tensor next(long... extents) {
    Shape shape = new Shape(extents);
    Tensor tensor = Tensor.of(file.asSlice(at, 4 * shape.elements()), DType.F32, shape);
    at += 4 * shape.elements();
    return tensor;
  }
}
