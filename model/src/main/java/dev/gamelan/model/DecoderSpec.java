package dev.gamelan.model;

import dev.gamelan.model.vision.VisionSpec;
import dev.gamelan.tensor.spi.Activation;
import dev.gamelan.tensor.spi.RotaryStyle;
import dev.gamelan.tensor.spi.Routing;
import dev.gamelan.tensor.spi.WeightLayout;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

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
 * @param embeddingWidth columns of the embedding and of what the head reads; where it isn't the
 *     width, a product stands at each end (OPT 350M)
 * @param finalNorm whether a norm stands before the head
 * @param labels a head of so many scores in the place of the one over the vocabulary: a reward
 *     model or classifier
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
    int embeddingWidth,
    boolean finalNorm,
    Optional<Integer> labels,
    Optional<VisionSpec> vision) {
  /** What a configuration may ask for; more is a mistake in it, and nothing would ever hold it. */
  private static final int MOST_LAYERS = 4096;

  private static final int MOST_EXPERTS = 1 << 16;
  private static final int MOST_HEADS = 1 << 16;
  private static final int MOST_POSITIONS = 1 << 27;
  private static final int MOST_WIDTH = 1 << 20;
  private static final int MOST_HIDDEN = 1 << 24;
  private static final int MOST_VOCABULARY = 1 << 28;

  public DecoderSpec {
    positive("vocabulary", vocabulary);
    positive("width", width);
    positive("layers", layers);
    positive("context", context);
    positive("embedding width", embeddingWidth);
    labels.ifPresent(n -> positive("labels", n));
    atMost("layers", layers, MOST_LAYERS);
    atMost("context", context, MOST_POSITIONS);
    atMost("width", width, MOST_WIDTH);
    atMost("embedding width", embeddingWidth, MOST_WIDTH);
    atMost("vocabulary", vocabulary, MOST_VOCABULARY);
    if (attention.qkNorm() == QkNorm.PER_HEAD && norm.kind() == NormKind.LAYER) {
      throw new IllegalArgumentException(
          "decoder: layer norms of every head of q and k are not known; RMS norms are");
    }
    mlp.experts()
        .ifPresent(e -> atMost("experts of all layers", (long) layers * e.count(), MOST_EXPERTS));
    if (position instanceof Rotary rotary) {
      if (rotary.dims() > attention.headDim()) {
        throw new IllegalArgumentException(
            "decoder: %d rotary dims in heads of %d; they must fit"
                .formatted(rotary.dims(), attention.headDim()));
      }
      if (rotary.scaling() instanceof RopeScaling.Dynamic dynamic) {
        context = Math.max(context, dynamic.reach());
      }
    }
  }

  /** With embeddings of the stream's width, a final norm, and a head over the vocabulary. */
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
        width,
        true,
        Optional.empty(),
        Optional.empty());
  }

  /** With embeddings of another width. */
  public DecoderSpec embedded(int columns) {
    return with(columns, finalNorm, labels, vision);
  }

  /** With or without the norm before the head. */
  public DecoderSpec finallyNormed(boolean normed) {
    return with(embeddingWidth, normed, labels, vision);
  }

  /** With a head of so many scores. */
  public DecoderSpec scoring(int scores) {
    return with(embeddingWidth, finalNorm, Optional.of(scores), vision);
  }

  /** The same decoder with a tower for images. */
  public DecoderSpec reading(VisionSpec images) {
    return with(embeddingWidth, finalNorm, labels, Optional.of(images));
  }

  private DecoderSpec with(
      int columns, boolean normed, Optional<Integer> scores, Optional<VisionSpec> images) {
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
        columns,
        normed,
        scores,
        images);
  }

  private static void atMost(String name, long value, long most) {
    if (value > most) {
      throw new IllegalArgumentException(
          "decoder: %s would be %,d; %,d is the most".formatted(name, value, most));
    }
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
  public record Norm(NormKind kind, float eps, boolean weight, boolean bias) {
    public Norm {
      if (!(eps >= 0 && eps <= 1)) {
        throw new IllegalArgumentException(
            "decoder: eps of the norms is %s; it must lie in [0, 1]".formatted(eps));
      }
    }
  }

  /** Where the norms stand and what is added to what. */
  public enum Residual {
    /** x += attention(norm(x)); x += mlp(norm(x)). */
    SEQUENTIAL,
    /** x += attention(norm₁(x)) + mlp(norm₂(x)): GPT-NeoX. */
    PARALLEL,
    /** x += attention(n) + mlp(n), n = norm(x): Falcon 7B. */
    PARALLEL_SHARED_NORM,
    /** x += norm(attention(x)); x += norm(mlp(x)): OLMo 2. */
    POST_NORM,
    /** x = norm(x + attention(x)); x = norm(x + mlp(x)): the first Transformer, OPT 350M. */
    NORM_OF_SUM
  }

  /** Which layers something holds for: all but some. */
  public record Layers(Set<Integer> without) {
    public static final Layers ALL = new Layers(Set.of());

    public Layers {
      without = Set.copyOf(without);
    }

    /** From a layer on, of so many. */
    public static Layers from(int first, int layers) {
      Set<Integer> without = new TreeSet<>();
      for (int i = 0; i < Math.min(first, layers); i++) {
        without.add(i);
      }
      return new Layers(without);
    }

    public boolean has(int layer) {
      return !without.contains(layer);
    }
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
    /** Every head by itself, one weight for all, RMS norms only: Qwen 3. */
    PER_HEAD,
    /** All heads together: OLMo 2, MPT. */
    WHOLE
  }

  /**
   * Queries beyond the length of pretraining count more: at position p &gt; from they are
   * multiplied with log(p + 1)/log(from) (Su, 2021; Qwen 1).
   */
  public record LogScaling(int from) {
    /** What the query at a position is multiplied with. */
    public double at(long position) {
      return position < from ? 1 : Math.log(position + 1) / Math.log(from);
    }
  }

  /**
   * @param heads query heads
   * @param kvHeads key and value heads, a divisor of heads
   * @param headDim columns a head
   * @param scale what q·k is multiplied with, usually 1/√headDim
   * @param scaledByLayer whether layer i, from 0, divides the scale by i + 1 (GPT-2 of Mistral, the
   *     Stanford project)
   * @param window a query sees this many positions, itself included; 0 = all
   * @param windowed the layers with the window; the others see all
   * @param clip queries, keys and values are clamped to ±clip; 0 = not
   * @param qkvBias whether the projections have biases
   * @param outBias whether the output projection has one
   */
  public record Attention(
      int heads,
      int kvHeads,
      int headDim,
      float scale,
      boolean scaledByLayer,
      int window,
      Layers windowed,
      float clip,
      QkvLayout layout,
      QkNorm qkNorm,
      boolean qkvBias,
      boolean outBias,
      Optional<LogScaling> logScaling) {
    public Attention {
      positive("heads", heads);
      positive("key heads", kvHeads);
      positive("head dim", headDim);
      atMost("heads", heads, MOST_HEADS);
      atMost("width of all heads", (long) heads * headDim, MOST_HIDDEN);
      if (!(scale > 0 && scale <= 1e6f) || !(clip >= 0 && clip <= Float.MAX_VALUE) || window < 0) {
        throw new IllegalArgumentException(
            "decoder: attention scale %s, clip %s, window %d; the scale must be positive, the others at least 0 (0 = none)"
                .formatted(scale, clip, window));
      }
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
          false,
          0,
          Layers.ALL,
          0,
          QkvLayout.SEPARATE,
          QkNorm.NONE,
          qkvBias,
          outBias,
          Optional.empty());
    }

    public Attention scaled(float factor) {
      return with(factor, scaledByLayer, window, windowed, clip, layout, qkNorm, logScaling);
    }

    /** Each layer i, from 0, divides the scale by i + 1. */
    public Attention scaledByLayer(boolean is) {
      return with(scale, is, window, windowed, clip, layout, qkNorm, logScaling);
    }

    /** With a window (0 = none) in some layers. */
    public Attention windowed(int positions, Layers in) {
      return with(scale, scaledByLayer, positions, in, clip, layout, qkNorm, logScaling);
    }

    /** With a window (0 = none) in all layers. */
    public Attention windowed(int positions) {
      return windowed(positions, Layers.ALL);
    }

    public Attention clipped(double bound) {
      return with(
          scale, scaledByLayer, window, windowed, (float) bound, layout, qkNorm, logScaling);
    }

    public Attention kept(QkvLayout as) {
      return with(scale, scaledByLayer, window, windowed, clip, as, qkNorm, logScaling);
    }

    public Attention normalised(QkNorm norm) {
      return with(scale, scaledByLayer, window, windowed, clip, layout, norm, logScaling);
    }

    /** Queries beyond a length count more. */
    public Attention logScaled(int from) {
      return with(
          scale,
          scaledByLayer,
          window,
          windowed,
          clip,
          layout,
          qkNorm,
          Optional.of(new LogScaling(from)));
    }

    private Attention with(
        float newScale,
        boolean byLayer,
        int positions,
        Layers in,
        float bound,
        QkvLayout as,
        QkNorm norm,
        Optional<LogScaling> logs) {
      return new Attention(
          heads, kvHeads, headDim, newScale, byLayer, positions, in, bound, as, norm, qkvBias,
          outBias, logs);
    }

    /** What a query of a layer sees: so many positions, itself included; 0 = all. */
    public int window(int layer) {
      return windowed.has(layer) ? window : 0;
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
      if (!(base > 1 && base <= 1e30)) {
        throw new IllegalArgumentException(
            "decoder: the base of rotary embedding is %s; it must be above 1".formatted(base));
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
      if (!(most > 0 && most <= 1e3)) {
        throw new IllegalArgumentException(
            "decoder: the largest exponent of ALiBi is %s; it must lie in (0, 1000]"
                .formatted(most));
      }
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
   * @param hidden columns between up and down
   * @param gated whether a gate multiplies what goes up (SwiGLU)
   * @param fusedUpGate whether one weight keeps up first, then gate (OLMo's original layout)
   * @param bias whether up and down have biases
   * @param experts a mixture instead of one, in some layers or all
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
      atMost("MLP width", hidden, MOST_HIDDEN);
    }

    /** Whether a layer has experts. */
    public boolean mixes(int layer) {
      return experts.isPresent() && experts.get().in().has(layer);
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
   * A mixture of experts in some layers; the others have the plain MLP.
   *
   * @param count experts a layer
   * @param chosen experts a token
   * @param hidden columns between up and down of one expert
   * @param balance what the load-balancing loss (Fedus et al., 2021) is multiplied with before it
   *     joins the loss of training; 0 = there is none
   * @param shared columns between up and down of an expert that every token goes to, weighted by a
   *     gate of its own (Qwen 2-MoE); 0 = there is none
   * @param in the layers with experts
   */
  public record Experts(
      int count, int chosen, int hidden, Routing routing, float balance, int shared, Layers in) {
    public Experts {
      positive("experts", count);
      positive("MLP width of an expert", hidden);
      atMost("MLP width of an expert", hidden, MOST_HIDDEN);
      atMost("MLP width of the shared expert", shared, MOST_HIDDEN);
      if (shared < 0 || !(balance >= 0 && balance <= Float.MAX_VALUE)) {
        throw new IllegalArgumentException(
            "decoder: a shared expert of %d columns, a balance of %s; both must be at least 0"
                .formatted(shared, balance));
      }
      if (chosen < 1 || chosen > count) {
        throw new IllegalArgumentException(
            "decoder: %d of %d experts a token; at least one, at most all"
                .formatted(chosen, count));
      }
    }
  }
}
