package dev.gamelan.model;

import dev.gamelan.model.DecoderSpec.NormKind;
import dev.gamelan.model.DecoderSpec.QkNorm;
import dev.gamelan.model.DecoderSpec.QkvLayout;
import dev.gamelan.model.adapter.LowRank;
import dev.gamelan.tensor.op.Add;
import dev.gamelan.tensor.op.Elementwise;
import dev.gamelan.tensor.op.Experts;
import dev.gamelan.tensor.op.Gated;
import dev.gamelan.tensor.op.LayerNorm;
import dev.gamelan.tensor.op.Linear;
import dev.gamelan.tensor.op.RmsNorm;
import dev.gamelan.tensor.op.Rotary;
import dev.gamelan.tensor.op.SelectRows;
import dev.gamelan.tensor.op.SigmoidGate;
import dev.gamelan.tensor.spi.AttentionShape;
import dev.gamelan.tensor.spi.WeightLayout;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** One recording of a decoder's layers: the values of its parameters, and which of them learn. */
final class Recording {
  private final Decoder decoder;
  private final DecoderSpec spec;
  private final Tape tape;
  private final Optional<RowRotary> rotation;
  private final Predicate<String> trainable;
  private final Decoder.Attend attend;
  private final Consumer<Experts.Assignment> routers;
  private final Map<String, Optional<Value>> seen = new HashMap<>();

  Recording(
      Decoder decoder,
      Tape tape,
      Optional<RowRotary> rotation,
      Predicate<String> trainable,
      Decoder.Attend attend,
      Consumer<Experts.Assignment> routers) {
    this.decoder = decoder;
    this.spec = decoder.spec();
    this.tape = tape;
    this.rotation = rotation;
    this.trainable = trainable;
    this.attend = attend;
    this.routers = routers;
  }

  Optional<Value> optional(String name) {
    return seen.computeIfAbsent(
        name, n -> decoder.shape(n).map(shape -> tape.parameter(n, shape, trainable.test(n))));
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
        tape,
        x,
        parameter(name + ".weight"),
        spec.layout(),
        optional(name + ".bias"),
        sidePath(name, x, addend));
  }

  /** Into {@code y}, e.g. some columns of a wider value. */
  private void linear(String name, Value x, Value y) {
    Linear.apply(
        tape,
        x,
        parameter(name + ".weight"),
        spec.layout(),
        optional(name + ".bias"),
        sidePath(name, x, Optional.empty()),
        y);
  }

  /** What is added to a product: what the caller says, and what the adapter's side path gives. */
  private Optional<Value> sidePath(String name, Value x, Optional<Value> addend) {
    LowRank low = decoder.adapter().get(name);
    if (low == null) {
      return addend;
    }
    Value inner =
        Linear.apply(
            tape,
            x,
            parameter(LowRank.a(name)),
            WeightLayout.OUT_IN,
            Optional.empty(),
            Optional.empty());
    return Optional.of(
        Linear.apply(
            tape,
            Elementwise.scale(tape, (float) low.scale(), inner),
            parameter(LowRank.b(name)),
            WeightLayout.OUT_IN,
            Optional.empty(),
            addend));
  }

  /** One layer: attention and MLP, as the residual says. */
  Value layer(int i, Value x) {
    String attention = "layers." + i + ".attention";
    String mlp = "layers." + i + ".mlp";
    return switch (spec.residual()) {
      case SEQUENTIAL -> {
        Value n = norm(attention + ".norm", x);
        Value y = attention(i, n, Optional.of(x));
        yield mlp(i, norm(mlp + ".norm", y), Optional.of(y));
      }
      case PARALLEL -> {
        Value n = norm(attention + ".norm", x);
        Value y = attention(i, n, Optional.of(x));
        yield mlp(i, norm(mlp + ".norm", x), Optional.of(y));
      }
      case PARALLEL_SHARED_NORM -> {
        Value n = norm(attention + ".norm", x);
        Value y = attention(i, n, Optional.of(x));
        yield mlp(i, n, Optional.of(y));
      }
      case POST_NORM -> {
        Value a = attention(i, x, Optional.empty());
        Value y = Add.apply(tape, x, norm(attention + ".norm", a));
        Value m = mlp(i, y, Optional.empty());
        yield Add.apply(tape, y, norm(mlp + ".norm", m));
      }
      case NORM_OF_SUM -> {
        Value y = norm(attention + ".norm", attention(i, x, Optional.of(x)));
        yield norm(mlp + ".norm", mlp(i, y, Optional.of(y)));
      }
    };
  }

  private Value attention(int i, Value n, Optional<Value> addend) {
    String name = "layers." + i + ".attention";
    AttentionShape shape = decoder.attentionShape(i);
    Value qkv = projections(name, n);
    if (spec.position() instanceof DecoderSpec.Rotary rotary) {
      qkv = turned(qkv, rotary, shape);
    }
    return linear(name + ".out", attend.apply(tape, i, qkv, shape), addend);
  }

  private Value turned(Value qkv, DecoderSpec.Rotary rotary, AttentionShape shape) {
    RowRotary own = rotation.orElseThrow();
    if (own.queryCos().isEmpty()) {
      return turned(qkv, both(shape), rotary, own.rows(), own.cos(), own.sin());
    }
    Value q = turned(qkv, shape.q(), rotary, own.rows(), own.queryCos().get(), own.querySin());
    return turned(q, shape.k(), rotary, own.rows(), own.cos(), own.sin());
  }

  private Value turned(
      Value qkv, int[] heads, DecoderSpec.Rotary rotary, Value rows, Value cos, Value sin) {
    return Rotary.apply(tape, qkv, heads, rotary.style(), rows, cos, sin);
  }

  private static int[] both(AttentionShape shape) {
    int[] heads = new int[shape.q().length + shape.k().length];
    System.arraycopy(shape.q(), 0, heads, 0, shape.q().length);
    System.arraycopy(shape.k(), 0, heads, shape.q().length, shape.k().length);
    return heads;
  }

  /** Queries, keys and values side by side, clipped and normalised as the model wants. */
  private Value projections(String name, Value n) {
    DecoderSpec.Attention a = spec.attention();
    if (a.qkNorm() != QkNorm.NONE && a.layout() == QkvLayout.SEPARATE && a.clip() == 0) {
      Value qkv = tape.activation("qkv", n.rows(), a.qkvWidth());
      qkNorm(name + ".q_norm", linear(name + ".q", n, Optional.empty()), q(qkv), a.heads());
      qkNorm(name + ".k_norm", linear(name + ".k", n, Optional.empty()), k(qkv), a.kvHeads());
      linear(name + ".v", n, v(qkv));
      return qkv;
    }
    Value raw = tape.activation("qkv", n.rows(), a.qkvWidth());
    if (a.layout() == QkvLayout.SEPARATE) {
      linear(name + ".q", n, q(raw));
      linear(name + ".k", n, k(raw));
      linear(name + ".v", n, v(raw));
    } else {
      linear(name + ".qkv", n, raw);
    }
    Value clipped = a.clip() > 0 ? Elementwise.clamp(tape, a.clip(), raw) : raw;
    if (a.qkNorm() == QkNorm.NONE) {
      return clipped;
    }
    Value qkv = tape.activation("qkv", n.rows(), a.qkvWidth());
    qkNorm(name + ".q_norm", q(clipped), q(qkv), a.heads());
    qkNorm(name + ".k_norm", k(clipped), k(qkv), a.kvHeads());
    Elementwise.scale(tape, 1, v(clipped), v(qkv));
    return qkv;
  }

  private Value q(Value qkv) {
    return qkv.columns(0, spec.attention().qWidth());
  }

  private Value k(Value qkv) {
    int q = spec.attention().qWidth();
    return qkv.columns(q, (long) q + spec.attention().kvWidth());
  }

  private Value v(Value qkv) {
    return qkv.columns(
        (long) spec.attention().qWidth() + spec.attention().kvWidth(), spec.attention().qkvWidth());
  }

  private void qkNorm(String name, Value x, Value y, int heads) {
    Optional<Value> weight = optional(name + ".weight");
    float eps = spec.norm().eps();
    if (spec.norm().kind() == NormKind.LAYER) {
      LayerNorm.apply(tape, x, weight, optional(name + ".bias"), eps, y);
    } else {
      int groups = spec.attention().qkNorm() == QkNorm.WHOLE ? 1 : heads;
      RmsNorm.apply(tape, x, weight, groups, eps, y);
    }
  }

  private Value mlp(int layer, Value n, Optional<Value> addend) {
    DecoderSpec.Mlp m = spec.mlp();
    String name = "layers." + layer + ".mlp";
    if (!m.mixes(layer)) {
      return feedForward(name, n, m.hidden(), addend);
    }
    DecoderSpec.Experts experts = m.experts().orElseThrow();
    Value y = mixture(name, n, experts);
    if (experts.shared() > 0) {
      Value shared = feedForward(name + ".shared", n, experts.shared(), Optional.empty());
      Value share = linear(name + ".shared.share", n, Optional.empty());
      y = Add.apply(tape, y, SigmoidGate.apply(tape, share, shared));
    }
    Value mixed = y;
    return addend.map(x -> Add.apply(tape, x, mixed)).orElse(mixed);
  }

  private Value feedForward(String name, Value n, long hidden, Optional<Value> addend) {
    DecoderSpec.Mlp m = spec.mlp();
    Value inner;
    if (m.gated()) {
      Value both = tape.activation("up gate", n.rows(), 2 * hidden);
      Value up = both.columns(0, hidden);
      Value gate = both.columns(hidden, 2 * hidden);
      if (m.fusedUpGate()) {
        linear(name + ".up_gate", n, both);
      } else {
        linear(name + ".up", n, up);
        linear(name + ".gate", n, gate);
      }
      inner = Gated.apply(tape, m.activation(), gate, up);
    } else {
      Value up = linear(name + ".up", n, Optional.empty());
      inner = Elementwise.activation(tape, m.activation(), up);
    }
    return linear(name + ".down", inner, addend);
  }

  private Value mixture(String name, Value n, DecoderSpec.Experts experts) {
    Value logits = linear(name + ".router", n, Optional.empty());
    Experts.Assignment to = Experts.route(tape, logits, experts.chosen(), experts.routing());
    routers.accept(to);
    Value sorted = SelectRows.apply(tape, n, to.source());
    Value up = grouped(name, ".up", sorted, to, experts.hidden());
    Value gate = grouped(name, ".gate", sorted, to, experts.hidden());
    Value inner = Gated.apply(tape, spec.mlp().activation(), gate, up);
    return Experts.combine(tape, grouped(name, ".down", inner, to, spec.width()), to);
  }

  /** Every expert's part of a product, and its adapter's, if the experts have one. */
  private Value grouped(String name, String part, Value x, Experts.Assignment to, long out) {
    int count = spec.mlp().experts().orElseThrow().count();
    List<Value> weights = new ArrayList<>();
    List<Value> a = new ArrayList<>();
    List<Value> b = new ArrayList<>();
    Optional<LowRank> low = Optional.empty();
    for (int e = 0; e < count; e++) {
      String expert = name + ".experts." + e + part;
      weights.add(parameter(expert + ".weight"));
      Optional<LowRank> own = Optional.ofNullable(decoder.adapter().get(expert));
      if (e > 0 && !own.equals(low)) {
        throw new IllegalArgumentException(
            "lora: the experts of %s differ in rank, scale or in having an adapter at all; they run as one product and must not, merge the adapter"
                .formatted(name));
      }
      low = own;
      own.ifPresent(
          l -> {
            a.add(parameter(LowRank.a(expert)));
            b.add(parameter(LowRank.b(expert)));
          });
    }
    Value y = tape.activation("expert" + part, x.rows(), out);
    Experts.linear(tape, x, to.offsets(), weights, spec.layout(), y);
    if (low.isEmpty()) {
      return y;
    }
    Value inner = tape.activation("expert low rank", x.rows(), low.get().rank());
    Experts.linear(tape, x, to.offsets(), a, WeightLayout.OUT_IN, inner);
    Value scaled = Elementwise.scale(tape, (float) low.get().scale(), inner);
    Value side = tape.activation("expert side path", x.rows(), out);
    Experts.linear(tape, scaled, to.offsets(), b, WeightLayout.OUT_IN, side);
    return Add.apply(tape, y, side);
  }
}
