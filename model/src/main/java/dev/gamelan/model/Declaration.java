package dev.gamelan.model;

import dev.gamelan.model.DecoderSpec.NormKind;
import dev.gamelan.model.DecoderSpec.QkNorm;
import dev.gamelan.model.DecoderSpec.QkvLayout;
import dev.gamelan.model.ParameterSpec.Role;
import dev.gamelan.model.adapter.LowRank;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** The parameters of a decoder: names, shapes, roles, in the order of their flat buffer. */
final class Declaration {
  private final DecoderSpec spec;
  private final Map<String, LowRank> adapter;
  private final Map<String, ParameterSpec> parameters = new LinkedHashMap<>();
  private final Set<String> adapted = new LinkedHashSet<>();

  private Declaration(DecoderSpec spec, Map<String, LowRank> adapter) {
    this.spec = spec;
    this.adapter = adapter;
  }

  static Map<String, ParameterSpec> of(DecoderSpec spec, Map<String, LowRank> adapter) {
    Declaration declaration = new Declaration(spec, adapter);
    declaration.all();
    for (String name : adapter.keySet()) {
      if (!declaration.adapted.contains(name)) {
        throw new IllegalArgumentException(
            "decoder: the adapter is for %s, which is no linear part of this model's layers"
                .formatted(name));
      }
    }
    return declaration.parameters;
  }

  private void all() {
    int outer = spec.embeddingWidth();
    matrix("embedding.weight", spec.vocabulary(), outer, Role.EMBEDDING);
    if (spec.position() instanceof DecoderSpec.Learned learned) {
      matrix(
          "position.weight",
          (long) spec.context() + learned.offset(),
          spec.width(),
          Role.EMBEDDING);
    }
    if (outer != spec.width()) {
      linear("embedding.in", outer, spec.width(), false, Role.INPUT);
    }
    for (int i = 0; i < spec.layers(); i++) {
      attention("layers." + i + ".attention");
      mlp(i, "layers." + i + ".mlp");
    }
    if (spec.finalNorm()) {
      norm("norm");
    }
    if (outer != spec.width()) {
      linear("embedding.out", spec.width(), outer, false, Role.INPUT);
    }
    if (spec.labels().isPresent()) {
      matrix("head.weight", spec.labels().get(), outer, Role.HEAD);
    } else if (!spec.tied()) {
      matrix("head.weight", spec.vocabulary(), outer, Role.HEAD);
    }
  }

  private void attention(String name) {
    DecoderSpec.Attention a = spec.attention();
    norm(name + ".norm");
    if (a.layout() == QkvLayout.SEPARATE) {
      linear(name + ".q", spec.width(), a.qWidth(), a.qkvBias(), Role.INPUT);
      linear(name + ".k", spec.width(), a.kvWidth(), a.qkvBias(), Role.INPUT);
      linear(name + ".v", spec.width(), a.kvWidth(), a.qkvBias(), Role.INPUT);
    } else {
      linear(name + ".qkv", spec.width(), a.qkvWidth(), a.qkvBias(), Role.INPUT);
    }
    if (a.qkNorm() != QkNorm.NONE) {
      boolean whole = a.qkNorm() == QkNorm.WHOLE;
      qkNorm(name + ".q_norm", whole ? a.qWidth() : a.headDim());
      qkNorm(name + ".k_norm", whole ? a.kvWidth() : a.headDim());
    }
    linear(name + ".out", a.qWidth(), spec.width(), a.outBias(), Role.OUTPUT);
  }

  /** RMS norms of queries and keys have a weight in every family, layer norms as the others. */
  private void qkNorm(String name, int width) {
    boolean layer = spec.norm().kind() == NormKind.LAYER;
    if (!layer || spec.norm().weight()) {
      vector(name + ".weight", width, Role.NORM);
    }
    if (layer && spec.norm().bias()) {
      vector(name + ".bias", width, Role.BIAS);
    }
  }

  private void mlp(int layer, String name) {
    DecoderSpec.Mlp m = spec.mlp();
    if (spec.residual() != DecoderSpec.Residual.PARALLEL_SHARED_NORM) {
      norm(name + ".norm");
    }
    if (!m.mixes(layer)) {
      feedForward(name, m, m.hidden());
      return;
    }
    DecoderSpec.Experts experts = m.experts().orElseThrow();
    linear(name + ".router", spec.width(), experts.count(), false, Role.INPUT);
    for (int e = 0; e < experts.count(); e++) {
      feedForward(name + ".experts." + e, m, experts.hidden());
    }
    if (experts.shared() > 0) {
      feedForward(name + ".shared", m, experts.shared());
      linear(name + ".shared.share", spec.width(), 1, false, Role.INPUT);
    }
  }

  private void feedForward(String name, DecoderSpec.Mlp m, int hidden) {
    if (m.fusedUpGate()) {
      linear(name + ".up_gate", spec.width(), 2 * hidden, m.bias(), Role.INPUT);
    } else {
      if (m.gated()) {
        linear(name + ".gate", spec.width(), hidden, m.bias(), Role.INPUT);
      }
      linear(name + ".up", spec.width(), hidden, m.bias(), Role.INPUT);
    }
    linear(name + ".down", hidden, spec.width(), m.bias(), Role.OUTPUT);
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
    LowRank low = adapter.get(name);
    if (low != null) {
      adapted.add(name);
      matrix(LowRank.a(name), low.rank(), in, Role.LOW_RANK_IN);
      matrix(LowRank.b(name), out, low.rank(), Role.LOW_RANK_OUT);
    }
  }

  private void matrix(String name, long rows, long columns, Role role) {
    parameters.put(name, new ParameterSpec(name, new Shape(rows, columns), role));
  }

  private void vector(String name, long n, Role role) {
    parameters.put(name, new ParameterSpec(name, new Shape(n), role));
  }
}
