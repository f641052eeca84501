package dev.gamelan.model;

import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.random.CounterRandom;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Decoders of a few thousand random parameters. */
public final class TinyModels {
  public static final int VOCABULARY = 50;

  private TinyModels() {}

  /** A Llama of two layers; {@code window} 0 = none. */
  public static Decoder llama(int context, int window) {
    return llama(VOCABULARY, context, window);
  }

  public static Decoder llama(int vocabulary, int context, int window) {
    return llama(vocabulary, context, window, DecoderSpec.Layers.ALL, new RopeScaling.None());
  }

  /** A Llama with a window in some of its two layers, and its rotation scaled. */
  public static Decoder llama(
      int vocabulary, int context, int window, DecoderSpec.Layers in, RopeScaling scaling) {
    return new Decoder(
        new DecoderSpec(
            vocabulary,
            32,
            2,
            context,
            new DecoderSpec.Norm(DecoderSpec.NormKind.RMS, 1e-5f, true, false),
            DecoderSpec.Residual.SEQUENTIAL,
            new DecoderSpec.Attention(4, 2, 8, false, false).scaled(0.35f).windowed(window, in),
            new DecoderSpec.Rotary(RotaryStyle.HALF_SPLIT, 8, 10000, scaling),
            new DecoderSpec.Mlp(40, Activation.SILU, true, false, false, Optional.empty()),
            WeightLayout.OUT_IN,
            false));
  }

  public static Map<String, Tensor> weights(Decoder decoder, long seed) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    int n = 0;
    for (ParameterSpec p : decoder.parameters()) {
      CounterRandom random = new CounterRandom(seed, n++);
      boolean norm = p.role() == ParameterSpec.Role.NORM;
      Tensor t = Tensor.zeros(p.shape().extents());
      for (long i = 0; i < t.elements(); i++) {
        float x = (float) ((norm ? 0.1 : 0.3) * random.normal(i)) + (norm ? 1 : 0);
        t.set(i / t.columns(), i % t.columns(), x);
      }
      weights.put(p.name(), t);
    }
    return weights;
  }

  public static int[] tokens(int n, long seed) {
    CounterRandom random = new CounterRandom(seed, 77);
    int[] tokens = new int[n];
    for (int i = 0; i < n; i++) {
      tokens[i] = (int) random.below(VOCABULARY, i);
    }
    return tokens;
  }
}
