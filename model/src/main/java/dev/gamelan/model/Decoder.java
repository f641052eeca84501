package dev.gamelan.model;

import dev.gamelan.model.DecoderSpec.QkvLayout;
import dev.gamelan.model.adapter.LowRank;
import dev.gamelan.model.vision.VisionTower;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.op.Add;
import dev.gamelan.tensor.op.Embedding;
import dev.gamelan.tensor.op.Experts;
import dev.gamelan.tensor.op.Linear;
import dev.gamelan.tensor.spi.AttentionShape;
import dev.gamelan.tensor.spi.WeightLayout;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Records a decoder of any {@link DecoderSpec} on a tape: for training, scoring and generating
 * alike. How attention gets at earlier positions is the caller's choice ({@link Attend}).
 */
public final class Decoder {
  /** Attention over whole sequences, or through a cache. */
  public interface Attend {
    Value apply(Tape tape, int layer, Value qkv, AttentionShape shape);
  }

  private final DecoderSpec spec;
  private final Map<String, LowRank> adapter;
  private final Map<String, ParameterSpec> parameters;

  public Decoder(DecoderSpec spec) {
    this(spec, Map.of());
  }

  /**
   * A decoder with side paths, whose matrices are parameters like the others.
   *
   * @param adapter by the name of the linear part, e.g. {@code layers.3.attention.q}
   * @throws IllegalArgumentException if the model has no such part
   */
  public Decoder(DecoderSpec spec, Map<String, LowRank> adapter) {
    this.spec = spec;
    this.adapter = Map.copyOf(adapter);
    this.parameters = Declaration.of(spec, this.adapter);
    vision().ifPresent(v -> v.parameters().forEach(p -> parameters.put(p.name(), p)));
  }

  public DecoderSpec spec() {
    return spec;
  }

  /** The side paths, by the name of the linear part that each belongs to. */
  public Map<String, LowRank> adapter() {
    return adapter;
  }

  /** All parameters, in the order of their flat buffer. */
  public List<ParameterSpec> parameters() {
    return List.copyOf(parameters.values());
  }

  /** The tower that reads images, if there is one. */
  public Optional<VisionTower> vision() {
    return spec.vision().map(v -> new VisionTower(v, spec.width()));
  }

  public long parameterCount() {
    return parameters.values().stream().mapToLong(p -> p.shape().elements()).sum();
  }

  /** The shape of a parameter; empty if this decoder has none of the name. */
  Optional<Shape> shape(String name) {
    return Optional.ofNullable(parameters.get(name)).map(ParameterSpec::shape);
  }

  /**
   * Records the layers.
   *
   * @param tokens i32 [1, n]
   * @param positions i32 [1, n]: of every token in its sequence
   * @param trainable which parameters learn, by name
   * @return the final norm's output [n, embedding width], which the head reads
   */
  public Value hidden(
      Tape tape, Value tokens, Value positions, Predicate<String> trainable, Attend attend) {
    return hidden(
        tape,
        tokens,
        Optional.empty(),
        positions,
        Optional.empty(),
        trainable,
        attend,
        routed -> {});
  }

  /**
   * {@link #hidden(Tape, Value, Value, Predicate, Attend)} with rows that come from elsewhere, and
   * that tells where each layer's router sends the rows, layer after layer; models without experts
   * have nothing to tell.
   *
   * @param tokens i32 [1, n]; −1 where the row comes from {@code rows}
   * @param rows [n, width]: what is added to the embeddings, 0 where there is a token
   * @param rotation of a model with rotary embedding ({@link RowRotary#of})
   */
  public Value hidden(
      Tape tape,
      Value tokens,
      Optional<Value> rows,
      Value positions,
      Optional<RowRotary> rotation,
      Predicate<String> trainable,
      Attend attend,
      Consumer<Experts.Assignment> routers) {
    if (rotation.isEmpty() && spec.position() instanceof DecoderSpec.Rotary) {
      throw new IllegalArgumentException(
          "decoder: this model turns queries and keys by position; give the pass a RowRotary");
    }
    Recording r = new Recording(this, tape, rotation, trainable, attend, routers);
    Value x = Embedding.apply(tape, tokens, 0, r.parameter("embedding.weight"));
    if (spec.embeddingWidth() != spec.width()) {
      x = r.linear("embedding.in", x, Optional.empty());
    }
    if (rows.isPresent()) {
      x = Add.apply(tape, x, rows.get());
    }
    if (spec.position() instanceof DecoderSpec.Learned learned) {
      Value table = r.parameter("position.weight");
      x = Add.apply(tape, x, Embedding.apply(tape, positions, learned.offset(), table));
    }
    for (int i = 0; i < spec.layers(); i++) {
      x = r.layer(i, x);
    }
    x = spec.finalNorm() ? r.norm("norm", x) : x;
    return spec.embeddingWidth() != spec.width()
        ? r.linear("embedding.out", x, Optional.empty())
        : x;
  }

  /** Where the heads lie in a row of projections, and how they attend in a layer. */
  AttentionShape attentionShape(int layer) {
    DecoderSpec.Attention a = spec.attention();
    int d = a.headDim();
    int[] q = new int[a.heads()];
    int[] k = new int[a.kvHeads()];
    int[] v = new int[a.kvHeads()];
    int group = a.heads() / a.kvHeads();
    boolean grouped =
        a.layout() == QkvLayout.FUSED_PER_HEAD || a.layout() == QkvLayout.FUSED_PER_GROUP;
    for (int h = 0; h < a.heads(); h++) {
      q[h] = grouped ? (h / group * (group + 2) + h % group) * d : h * d;
    }
    for (int h = 0; h < a.kvHeads(); h++) {
      k[h] = grouped ? (h * (group + 2) + group) * d : a.qWidth() + h * d;
      v[h] = grouped ? (h * (group + 2) + group + 1) * d : a.qWidth() + a.kvWidth() + h * d;
    }
    float scale = a.scaledByLayer() ? a.scale() / (layer + 1) : a.scale();
    Optional<float[]> alibi =
        spec.position() instanceof DecoderSpec.Alibi(float[] slopes)
            ? Optional.of(slopes)
            : Optional.empty();
    return new AttentionShape(d, q, k, v, scale, a.window(layer), alibi);
  }

  /**
   * The head's weight: [vocabulary, width], its own, or the embedding where they are tied; of a
   * model that scores, [labels, width].
   */
  public Value head(Tape tape, Predicate<String> trainable) {
    String name = headName();
    return tape.parameter(name, parameters.get(name).shape(), trainable.test(name));
  }

  String headName() {
    return spec.tied() && spec.labels().isEmpty() ? "embedding.weight" : "head.weight";
  }

  /** Records logits [n, vocabulary], or scores [n, labels], of hidden states. */
  public Value logits(Tape tape, Value hidden, Predicate<String> trainable) {
    return Linear.apply(
        tape,
        hidden,
        head(tape, trainable),
        WeightLayout.OUT_IN,
        Optional.empty(),
        Optional.empty());
  }
}
