package dev.gamelan.model;

import dev.gamelan.model.DecoderSpec.NormKind;
import dev.gamelan.model.DecoderSpec.QkNorm;
import dev.gamelan.model.DecoderSpec.QkvLayout;
import dev.gamelan.model.ParameterSpec.Role;
import dev.gamelan.model.vision.VisionTower;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.op.Add;
import dev.gamelan.tensor.op.Elementwise;
import dev.gamelan.tensor.op.Embedding;
import dev.gamelan.tensor.op.Experts;
import dev.gamelan.tensor.op.Gated;
import dev.gamelan.tensor.op.LayerNorm;
import dev.gamelan.tensor.op.Linear;
import dev.gamelan.tensor.op.RmsNorm;
import dev.gamelan.tensor.op.Rotary;
import dev.gamelan.tensor.op.SelectRows;
import dev.gamelan.tensor.spi.AttentionShape;
import dev.gamelan.tensor.spi.WeightLayout;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
  /** The names of the rotary tables among the parameters of a step. */
  static final String COS = "rotary.cos";

  static final String SIN = "rotary.sin";

  /** Attention over whole sequences, or through a cache. */
  public interface Attend {
    Value apply(Tape tape, int layer, Value qkv, AttentionShape shape);
  }

  private final DecoderSpec spec;
  private final Map<String, ParameterSpec> parameters = new LinkedHashMap<>();

  public Decoder(DecoderSpec spec) {
    this.spec = spec;
    declareParameters();
  }

  public DecoderSpec spec() {
    return spec;
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

  private void declareParameters() {
    DecoderSpec.Attention a = spec.attention();
    matrix("embedding.weight", spec.vocabulary(), spec.width(), Role.EMBEDDING);
    if (spec.position() instanceof DecoderSpec.Learned learned) {
      matrix("position.weight", spec.context() + learned.offset(), spec.width(), Role.EMBEDDING);
    }
    for (int i = 0; i < spec.layers(); i++) {
      String attention = "layers." + i + ".attention";
      norm(attention + ".norm");
      if (a.layout() == QkvLayout.SEPARATE) {
        linear(attention + ".q", spec.width(), a.qWidth(), a.qkvBias(), Role.INPUT);
        linear(attention + ".k", spec.width(), a.kvWidth(), a.qkvBias(), Role.INPUT);
        linear(attention + ".v", spec.width(), a.kvWidth(), a.qkvBias(), Role.INPUT);
      } else {
        linear(attention + ".qkv", spec.width(), a.qkvWidth(), a.qkvBias(), Role.INPUT);
      }
      if (a.qkNorm() != QkNorm.NONE) {
        boolean whole = a.qkNorm() == QkNorm.WHOLE;
        vector(attention + ".q_norm.weight", whole ? a.qWidth() : a.headDim(), Role.NORM);
        vector(attention + ".k_norm.weight", whole ? a.kvWidth() : a.headDim(), Role.NORM);
      }
      linear(attention + ".out", a.qWidth(), spec.width(), a.outBias(), Role.OUTPUT);
      String mlp = "layers." + i + ".mlp";
      if (spec.residual() != DecoderSpec.Residual.PARALLEL_SHARED_NORM) {
        norm(mlp + ".norm");
      }
      declareMlp(mlp);
    }
    norm("norm");
    if (!spec.tied()) {
      matrix("head.weight", spec.vocabulary(), spec.width(), Role.HEAD);
    }
    vision().ifPresent(v -> v.parameters().forEach(p -> parameters.put(p.name(), p)));
  }

  private void declareMlp(String mlp) {
    DecoderSpec.Mlp m = spec.mlp();
    if (m.experts().isEmpty()) {
      declareFeedForward(mlp, m);
      return;
    }
    int count = m.experts().get().count();
    linear(mlp + ".router", spec.width(), count, false, Role.INPUT);
    for (int e = 0; e < count; e++) {
      declareFeedForward(mlp + ".experts." + e, m);
    }
  }

  private void declareFeedForward(String mlp, DecoderSpec.Mlp m) {
    if (m.fusedUpGate()) {
      linear(mlp + ".up_gate", spec.width(), 2 * m.hidden(), m.bias(), Role.INPUT);
    } else {
      if (m.gated()) {
        linear(mlp + ".gate", spec.width(), m.hidden(), m.bias(), Role.INPUT);
      }
      linear(mlp + ".up", spec.width(), m.hidden(), m.bias(), Role.INPUT);
    }
    linear(mlp + ".down", m.hidden(), spec.width(), m.bias(), Role.OUTPUT);
  }

  private void norm(String name) {
    if (spec.norm().weight()) {
      vector(name + ".weight", spec.width(), Role.NORM);
    }
    if (spec.norm().bias()) {
      vector(name + ".bias", spec.width(), Role.BIAS);
    }
  }

  private void linear(String name, int in, int out, boolean bias, Role role) {
    boolean outIn = spec.layout() == WeightLayout.OUT_IN;
    matrix(name + ".weight", outIn ? out : in, outIn ? in : out, role);
    if (bias) {
      vector(name + ".bias", out, Role.BIAS);
    }
  }

  private void matrix(String name, long rows, long columns, Role role) {
    parameters.put(name, new ParameterSpec(name, new Shape(rows, columns), role));
  }

  private void vector(String name, long n, Role role) {
    parameters.put(name, new ParameterSpec(name, new Shape(n), role));
  }

  /** One recording: the values of the parameters, and which of them learn. */
  private final class Recording {
    private final Tape tape;
    private final Predicate<String> trainable;
    private final Consumer<Experts.Assignment> routers;
    private final Map<String, Optional<Value>> seen = new HashMap<>();

    Recording(Tape tape, Predicate<String> trainable, Consumer<Experts.Assignment> routers) {
      this.tape = tape;
      this.routers = routers;
      this.trainable = trainable;
    }

    Optional<Value> optional(String name) {
      return seen.computeIfAbsent(
          name,
          n ->
              Optional.ofNullable(parameters.get(n))
                  .map(p -> tape.parameter(n, p.shape(), trainable.test(n))));
    }

    Value parameter(String name) {
      return optional(name).orElseThrow();
    }

    Value norm(String name, Value x) {
      Optional<Value> weight = optional(name + ".weight");
      return spec.norm().kind() == NormKind.RMS
          ? RmsNorm.apply(tape, x, weight, 1, spec.norm().eps())
          : LayerNorm.apply(tape, x, weight, optional(name + ".bias"), spec.norm().eps());
    }

    Value linear(String name, Value x, Optional<Value> addend) {
      return Linear.apply(
          tape, x, parameter(name + ".weight"), spec.layout(), optional(name + ".bias"), addend);
    }

    void linear(String name, Value x, Value y) {
      Linear.apply(
          tape,
          x,
          parameter(name + ".weight"),
          spec.layout(),
          optional(name + ".bias"),
          Optional.empty(),
          y);
    }
  }

  /**
   * Records the layers.
   *
   * @param tokens i32 [1, n]
   * @param positions i32 [1, n]: of every token in its sequence
   * @param trainable which parameters learn, by name
   * @return the final norm's output [n, width], which the head reads
   */
  public Value hidden(
      Tape tape, Value tokens, Value positions, Predicate<String> trainable, Attend attend) {
    return hidden(tape, tokens, positions, trainable, attend, routed -> {});
  }

  /**
   * {@link #hidden(Tape, Value, Value, Predicate, Attend)} that tells where each layer's router
   * sends the rows, layer after layer; models without experts have nothing to tell.
   */
  public Value hidden(
      Tape tape,
      Value tokens,
      Value positions,
      Predicate<String> trainable,
      Attend attend,
      Consumer<Experts.Assignment> routers) {
    return hidden(tape, tokens, Optional.empty(), positions, trainable, attend, routers);
  }

  /**
   * {@link #hidden(Tape, Value, Value, Predicate, Attend, Consumer)} with rows that come from
   * elsewhere.
   *
   * @param tokens i32 [1, n]; −1 where the row comes from {@code rows}
   * @param rows [n, width]: what is added to the embeddings, 0 where there is a token
   */
  public Value hidden(
      Tape tape,
      Value tokens,
      Optional<Value> rows,
      Value positions,
      Predicate<String> trainable,
      Attend attend,
      Consumer<Experts.Assignment> routers) {
    Recording r = new Recording(tape, trainable, routers);
    Value words = Embedding.apply(tape, tokens, 0, r.parameter("embedding.weight"));
    Value x = rows.map(more -> Add.apply(tape, words, more)).orElse(words);
    if (spec.position() instanceof DecoderSpec.Learned learned) {
      x =
          Add.apply(
              tape,
              x,
              Embedding.apply(tape, positions, learned.offset(), r.parameter("position.weight")));
    }
    for (int i = 0; i < spec.layers(); i++) {
      x = layer(r, i, x, positions, attend);
    }
    return r.norm("norm", x);
  }

  private Value layer(Recording r, int i, Value x, Value positions, Attend attend) {
    String attention = "layers." + i + ".attention";
    String mlp = "layers." + i + ".mlp";
    return switch (spec.residual()) {
      case SEQUENTIAL -> {
        Value n = r.norm(attention + ".norm", x);
        Value y = attention(r, i, n, positions, attend, Optional.of(x));
        yield mlp(r, mlp, r.norm(mlp + ".norm", y), Optional.of(y));
      }
      case PARALLEL -> {
        Value n = r.norm(attention + ".norm", x);
        Value y = attention(r, i, n, positions, attend, Optional.of(x));
        yield mlp(r, mlp, r.norm(mlp + ".norm", x), Optional.of(y));
      }
      case PARALLEL_SHARED_NORM -> {
        Value n = r.norm(attention + ".norm", x);
        Value y = attention(r, i, n, positions, attend, Optional.of(x));
        yield mlp(r, mlp, n, Optional.of(y));
      }
      case POST_NORM -> {
        Value a = attention(r, i, x, positions, attend, Optional.empty());
        Value y = Add.apply(r.tape, x, r.norm(attention + ".norm", a));
        Value m = mlp(r, mlp, y, Optional.empty());
        yield Add.apply(r.tape, y, r.norm(mlp + ".norm", m));
      }
    };
  }

  private Value attention(
      Recording r, int i, Value n, Value positions, Attend attend, Optional<Value> addend) {
    String name = "layers." + i + ".attention";
    AttentionShape shape = attentionShape(i);
    Value qkv = projections(r, name, n);
    if (spec.position() instanceof DecoderSpec.Rotary rotary) {
      int[] heads = new int[shape.q().length + shape.k().length];
      System.arraycopy(shape.q(), 0, heads, 0, shape.q().length);
      System.arraycopy(shape.k(), 0, heads, shape.q().length, shape.k().length);
      Shape table = new Shape(spec.context(), rotary.dims() / 2);
      Value cos = r.tape.parameter(COS, table, false);
      Value sin = r.tape.parameter(SIN, table, false);
      qkv = Rotary.apply(r.tape, qkv, heads, rotary.style(), positions, cos, sin);
    }
    return r.linear(name + ".out", attend.apply(r.tape, i, qkv, shape), addend);
  }

  private Value projections(Recording r, String name, Value n) {
    DecoderSpec.Attention a = spec.attention();
    Value qkv = r.tape.activation("qkv", n.rows(), a.qkvWidth());
    if (a.layout() != QkvLayout.SEPARATE) {
      r.linear(name + ".qkv", n, qkv);
    } else {
      Value q = qkv.columns(0, a.qWidth());
      Value k = qkv.columns(a.qWidth(), a.qWidth() + a.kvWidth());
      Value v = qkv.columns(a.qWidth() + a.kvWidth(), a.qkvWidth());
      projection(r, name + ".q", n, q, a.heads());
      projection(r, name + ".k", n, k, a.kvHeads());
      r.linear(name + ".v", n, v);
    }
    return a.clip() > 0 ? Elementwise.clamp(r.tape, a.clip(), qkv) : qkv;
  }

  private void projection(Recording r, String name, Value n, Value y, int heads) {
    if (spec.attention().qkNorm() == QkNorm.NONE) {
      r.linear(name, n, y);
      return;
    }
    Value raw = r.linear(name, n, Optional.empty());
    int groups = spec.attention().qkNorm() == QkNorm.WHOLE ? 1 : heads;
    RmsNorm.apply(r.tape, raw, r.optional(name + "_norm.weight"), groups, spec.norm().eps(), y);
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
    int window = layer >= a.firstWindowedLayer() ? a.window() : 0;
    Optional<float[]> alibi =
        spec.position() instanceof DecoderSpec.Alibi(float[] slopes)
            ? Optional.of(slopes)
            : Optional.empty();
    return new AttentionShape(d, q, k, v, a.scale(), window, alibi);
  }

  private Value mlp(Recording r, String name, Value n, Optional<Value> addend) {
    DecoderSpec.Mlp m = spec.mlp();
    if (m.experts().isPresent()) {
      Value y = mixture(r, name, n, m.experts().get());
      return addend.map(x -> Add.apply(r.tape, x, y)).orElse(y);
    }
    Value inner;
    if (m.gated()) {
      Value both = r.tape.activation("up gate", n.rows(), 2L * m.hidden());
      Value up = both.columns(0, m.hidden());
      Value gate = both.columns(m.hidden(), 2L * m.hidden());
      if (m.fusedUpGate()) {
        r.linear(name + ".up_gate", n, both);
      } else {
        r.linear(name + ".up", n, up);
        r.linear(name + ".gate", n, gate);
      }
      inner = Gated.apply(r.tape, m.activation(), gate, up);
    } else {
      Value up = r.linear(name + ".up", n, Optional.empty());
      inner = Elementwise.activation(r.tape, m.activation(), up);
    }
    return r.linear(name + ".down", inner, addend);
  }

  private Value mixture(Recording r, String name, Value n, DecoderSpec.Experts experts) {
    DecoderSpec.Mlp m = spec.mlp();
    Value logits = r.linear(name + ".router", n, Optional.empty());
    Experts.Assignment to = Experts.route(r.tape, logits, experts.chosen(), experts.routing());
    r.routers.accept(to);
    Value sorted = SelectRows.apply(r.tape, n, to.source());
    Value both = r.tape.activation("up gate", sorted.rows(), 2L * m.hidden());
    Value up = both.columns(0, m.hidden());
    Value gate = both.columns(m.hidden(), 2L * m.hidden());
    grouped(r, name, ".up", sorted, to, up);
    grouped(r, name, ".gate", sorted, to, gate);
    Value inner = Gated.apply(r.tape, m.activation(), gate, up);
    Value down = r.tape.activation("down", sorted.rows(), spec.width());
    grouped(r, name, ".down", inner, to, down);
    return Experts.combine(r.tape, down, to);
  }

  private void grouped(
      Recording r, String name, String part, Value x, Experts.Assignment to, Value y) {
    List<Value> weights = new ArrayList<>();
    for (int e = 0; e < spec.mlp().experts().orElseThrow().count(); e++) {
      weights.add(r.parameter(name + ".experts." + e + part + ".weight"));
    }
    Experts.linear(r.tape, x, to.offsets(), weights, spec.layout(), y);
  }

  /** The head's weight [vocabulary, width]: its own, or the embedding where they are tied. */
  public Value head(Tape tape, Predicate<String> trainable) {
    String name = headName();
    return tape.parameter(name, parameters.get(name).shape(), trainable.test(name));
  }

  String headName() {
    return spec.tied() ? "embedding.weight" : "head.weight";
  }

  /** Records logits [n, vocabulary] of hidden states [n, width]. */
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
