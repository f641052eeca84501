package dev.gamelan.model;

import dev.gamelan.model.vision.VisionSpec;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.Routing;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Optional;

/**
 * What a decoder-only transformer is made of, as data: a family fills it in from its configuration,
 * {@link Decoder} runs it.
 *
 * @param vocabulary rows of the embedding and of the head
 * @param width d, the columns of the residual stream
 * @param layers at least 1
 * @param context positions the model was made for
 * @param norm the kind of every norm
 * @param residual how attention and MLP join the stream
 * @param attention heads and what happens to queries and keys
 * @param position how positions enter
 * @param mlp the feed-forward part
 * @param layout which way round weights are kept
 * @param tied whether the head is the embedding
 * @param vision the tower whose features take the place of image tokens, if it reads images
 */
public record DecoderSpec(
    int vocabulary,
    int width,
    int layers,
    int context,
    Norm norm,
    Residual residual,
    Attention attention,
    Position position,
    Mlp mlp,
    WeightLayout layout,
    boolean tied,
    Optional<VisionSpec> vision) {

  public DecoderSpec {
    positive("vocabulary", vocabulary);
    positive("width", width);
    positive("layers", layers);
    positive("context", context);
    if (position instanceof Rotary rotary && rotary.dims() > attention.headDim()) {
      throw new IllegalArgumentException(
          "decoder: %d rotary dims in heads of %d; they must fit"
              .formatted(rotary.dims(), attention.headDim()));
    }
  }

  /** A decoder of text alone. */
  public DecoderSpec(
      int vocabulary,
      int width,
      int layers,
      int context,
      Norm norm,
      Residual residual,
      Attention attention,
      Position position,
      Mlp mlp,
      WeightLayout layout,
      boolean tied) {
    this(
        vocabulary,
        width,
        layers,
        context,
        norm,
        residual,
        attention,
        position,
        mlp,
        layout,
        tied,
        Optional.empty());
  }

  /** The same decoder with a tower for images. */
  public DecoderSpec reading(VisionSpec images) {
    return new DecoderSpec(
        vocabulary,
        width,
        layers,
        context,
        norm,
        residual,
        attention,
        position,
        mlp,
        layout,
        tied,
        Optional.of(images));
  }

  private static void positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "decoder: %s is %d; it must be at least 1".formatted(name, value));
    }
  }

  /** Layer norm subtracts the mean, RMS norm doesn't. */
  public enum NormKind {
    LAYER,
    RMS
  }

  /**
   * @param eps added to the variance
   * @param weight whether there is one (OLMo has none)
   * @param bias whether there is one
   */
  public record Norm(NormKind kind, float eps, boolean weight, boolean bias) {}

  /** Where the norms stand and what is added to what. */
  public enum Residual {
    /** x += attention(norm(x)); x += mlp(norm(x)). */
    SEQUENTIAL,
    /** x += attention(norm₁(x)) + mlp(norm₂(x)): GPT-NeoX. */
    PARALLEL,
    /** x += attention(n) + mlp(n), n = norm(x): Falcon 7B. */
    PARALLEL_SHARED_NORM,
    /** x += norm(attention(x)); x += norm(mlp(x)): OLMo 2. */
    POST_NORM
  }

  /** How a checkpoint keeps the projections to queries, keys and values. */
  public enum QkvLayout {
    /** Three weights. */
    SEPARATE,
    /** One: all queries, all keys, all values. */
    FUSED,
    /** One: q, k, v of head 0, then of head 1, …: GPT-NeoX. */
    FUSED_PER_HEAD,
    /** One: the queries of key head 0, its key, its value, then of key head 1, …: Falcon 40B. */
    FUSED_PER_GROUP
  }

  /** What is normalised before queries meet keys. */
  public enum QkNorm {
    NONE,
    /** Every head by itself, one weight for all: Qwen 3. */
    PER_HEAD,
    /** All heads together: OLMo 2. */
    WHOLE
  }

  /**
   * @param heads query heads
   * @param kvHeads key and value heads, a divisor of heads
   * @param headDim columns a head
   * @param scale what q·k is multiplied with, usually 1/√headDim
   * @param window a query sees this many positions, itself included; 0 = all
   * @param firstWindowedLayer layers before it see all
   * @param clip queries, keys and values are clamped to ±clip; 0 = not
   * @param qkvBias whether the projections have biases
   * @param outBias whether the output projection has one
   */
  public record Attention(
      int heads,
      int kvHeads,
      int headDim,
      float scale,
      int window,
      int firstWindowedLayer,
      float clip,
      QkvLayout layout,
      QkNorm qkNorm,
      boolean qkvBias,
      boolean outBias) {
    public Attention {
      positive("heads", heads);
      positive("key heads", kvHeads);
      positive("head dim", headDim);
      if (heads % kvHeads != 0) {
        throw new IllegalArgumentException(
            "decoder: %d query heads cannot share %d key heads; the first must be a multiple of the second"
                .formatted(heads, kvHeads));
      }
    }

    /** Three weights, the usual scale, every query sees all; the methods below change that. */
    public Attention(int heads, int kvHeads, int headDim, boolean qkvBias, boolean outBias) {
      this(
          heads,
          kvHeads,
          headDim,
          (float) (1 / Math.sqrt(headDim)),
          0,
          0,
          0,
          QkvLayout.SEPARATE,
          QkNorm.NONE,
          qkvBias,
          outBias);
    }

    public Attention scaled(float factor) {
      return with(factor, window, firstWindowedLayer, clip, layout, qkNorm);
    }

    /** With a window (0 = none) from a layer on. */
    public Attention windowed(int positions, int firstLayer) {
      return with(scale, positions, firstLayer, clip, layout, qkNorm);
    }

    public Attention clipped(double bound) {
      return with(scale, window, firstWindowedLayer, (float) bound, layout, qkNorm);
    }

    public Attention kept(QkvLayout as) {
      return with(scale, window, firstWindowedLayer, clip, as, qkNorm);
    }

    public Attention normalised(QkNorm norm) {
      return with(scale, window, firstWindowedLayer, clip, layout, norm);
    }

    private Attention with(
        float newScale, int positions, int first, float bound, QkvLayout as, QkNorm norm) {
      return new Attention(
          heads, kvHeads, headDim, newScale, positions, first, bound, as, norm, qkvBias, outBias);
    }

    public int qWidth() {
      return heads * headDim;
    }

    public int kvWidth() {
      return kvHeads * headDim;
    }

    public int qkvWidth() {
      return qWidth() + 2 * kvWidth();
    }
  }

  /** How positions enter. */
  public sealed interface Position {}

  /**
   * Queries and keys are turned (Su et al., 2021).
   *
   * @param dims the first dims of every head turn, an even number
   * @param base θ of the frequencies θ^(−2i/dims)
   */
  public record Rotary(RotaryStyle style, int dims, double base, RopeScaling scaling)
      implements Position {
    public Rotary {
      if (dims < 2 || dims % 2 != 0) {
        throw new IllegalArgumentException(
            "decoder: %d rotary dims; the number must be even and at least 2".formatted(dims));
      }
    }
  }

  /**
   * A table of positions is added to the embedding.
   *
   * @param offset added to the position before the look-up (2 in OPT)
   */
  public record Learned(int offset) implements Position {}

  /**
   * A penalty that grows with distance (Press et al., 2022).
   *
   * @param slopes one a head
   */
  public record Alibi(float[] slopes) implements Position {
    /**
     * The published slopes: 2^(−most·i/n), i = 1…n, for a power of two; for another number of heads
     * those of the power below, then every other one of the power above.
     *
     * @param most the exponent of the last slope, 8 in the paper
     * @param scale what every slope is multiplied with
     */
    public static Alibi of(int heads, double most, double scale) {
      int below = Integer.highestOneBit(heads);
      float[] slopes = new float[heads];
      for (int h = 0; h < heads; h++) {
        double exponent =
            h < below ? most * (h + 1) / below : most * (2 * (h - below) + 1) / (2.0 * below);
        slopes[h] = (float) (Math.pow(2, -exponent) * scale);
      }
      return new Alibi(slopes);
    }
  }

  /**
   * @param hidden columns between up and down (of one expert)
   * @param gated whether a gate multiplies what goes up (SwiGLU)
   * @param fusedUpGate whether one weight keeps up first, then gate (OLMo's original layout)
   * @param bias whether up and down have biases
   * @param experts a mixture instead of one
   */
  public record Mlp(
      int hidden,
      Activation activation,
      boolean gated,
      boolean fusedUpGate,
      boolean bias,
      Optional<Experts> experts) {
    public Mlp {
      positive("MLP width", hidden);
    }

    /** down(f(up(x))). */
    public static Mlp plain(int hidden, Activation activation, boolean bias) {
      return new Mlp(hidden, activation, false, false, bias, Optional.empty());
    }

    /** down(f(gate(x))·up(x)), in three weights. */
    public static Mlp gated(int hidden, Activation activation, boolean bias) {
      return new Mlp(hidden, activation, true, false, bias, Optional.empty());
    }
  }

  /**
   * @param count experts a layer
   * @param chosen experts a token
   * @param balance what the load-balancing loss (Fedus et al., 2021) is multiplied with before it
   *     joins the loss of training; 0 = there is none
   */
  public record Experts(int count, int chosen, Routing routing, float balance) {
    public Experts {
      positive("experts", count);
      if (chosen < 1 || chosen > count) {
        throw new IllegalArgumentException(
            "decoder: %d of %d experts a token; at least one, at most all"
                .formatted(chosen, count));
      }
    }
  }
}
