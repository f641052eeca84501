package dev.gamelan.model.vision;

import dev.gamelan.model.ParameterSpec;
import dev.gamelan.model.ParameterSpec.Role;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.op.Add;
import dev.gamelan.tensor.op.Attention;
import dev.gamelan.tensor.op.Elementwise;
import dev.gamelan.tensor.op.Embedding;
import dev.gamelan.tensor.op.LayerNorm;
import dev.gamelan.tensor.op.Linear;
import dev.gamelan.tensor.op.SelectRows;
import dev.gamelan.tensor.spi.AttentionShape;
import dev.gamelan.tensor.spi.WeightLayout;
import dev.gamelan.tensor.tape.Step;
import dev.gamelan.tensor.tape.Tape;
import dev.gamelan.tensor.tape.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Records an image tower on a tape: pixels in, features of the decoder's width out. Published
 * reference: transformers' {@code CLIPVisionTransformer} and {@code LlavaMultiModalProjector}. The
 * convolution that embeds patches is a product, for its stride is its size.
 *
 * <p>Departures: layers after the last feature layer and the norm after the tower are parameters,
 * since checkpoints hold them, but are not computed: nothing reads them.
 */
public final class VisionTower {
  private static final String CLASS = "vision.class_embedding";

  private final VisionSpec spec;
  private final int textWidth;
  private final Map<String, ParameterSpec> parameters = new LinkedHashMap<>();

  /**
   * @param textWidth columns of the features, the decoder's width
   */
  public VisionTower(VisionSpec spec, int textWidth) {
    this.spec = spec;
    this.textWidth = textWidth;
    vector(CLASS, spec.width(), Role.EMBEDDING);
    matrix("vision.patch.weight", spec.width(), spec.patchValues(), Role.INPUT);
    matrix("vision.position.weight", spec.rows(), spec.width(), Role.EMBEDDING);
    norm("vision.pre_norm");
    for (int i = 0; i < spec.layers(); i++) {
      String layer = "vision.layers." + i;
      norm(layer + ".attention.norm");
      linear(layer + ".attention.q", spec.width(), spec.width(), true, Role.INPUT);
      linear(layer + ".attention.k", spec.width(), spec.width(), true, Role.INPUT);
      linear(layer + ".attention.v", spec.width(), spec.width(), true, Role.INPUT);
      linear(layer + ".attention.out", spec.width(), spec.width(), true, Role.OUTPUT);
      norm(layer + ".mlp.norm");
      linear(layer + ".mlp.up", spec.width(), spec.hidden(), true, Role.INPUT);
      linear(layer + ".mlp.down", spec.hidden(), spec.width(), true, Role.OUTPUT);
    }
    norm("vision.post_norm");
    int in = spec.width() * spec.featureLayers().size();
    linear("projector.in", in, textWidth, spec.projectorBias(), Role.INPUT);
    linear("projector.out", textWidth, textWidth, spec.projectorBias(), Role.OUTPUT);
  }

  public VisionSpec spec() {
    return spec;
  }

  /** All parameters of tower and projector, in the order of their flat buffer. */
  public List<ParameterSpec> parameters() {
    return List.copyOf(parameters.values());
  }

  private void norm(String name) {
    vector(name + ".weight", spec.width(), Role.NORM);
    vector(name + ".bias", spec.width(), Role.BIAS);
  }

  private void linear(String name, int in, int out, boolean bias, Role role) {
    matrix(name + ".weight", out, in, role);
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

  /**
   * A tower on a tape.
   *
   * @param patches [images·rows, patch values], what the host fills
   * @param features [images·features, text width]
   */
  public record Recorded(
      VisionSpec spec,
      int images,
      Value patches,
      Value classes,
      Value positions,
      Value picked,
      Value features) {
    /** Fills the inputs that never change; to be called once for every step. */
    public void prepare(Step step) {
      Tensor c = step.tensor(classes);
      Tensor p = step.tensor(positions);
      Tensor to = step.tensor(picked);
      int rows = spec.rows();
      int skipped = rows - spec.features();
      for (int i = 0; i < images * rows; i++) {
        c.setInt(0, i, i % rows == 0 ? 0 : -1);
        p.setInt(0, i, i % rows);
      }
      for (int i = 0; i < images * spec.features(); i++) {
        to.setInt(0, i, i / spec.features() * rows + skipped + i % spec.features());
      }
    }

    /**
     * Puts an image in its place.
     *
     * @param pixels channels·height·width normalised values, channel by channel, row by row
     * @throws IllegalArgumentException if it isn't of the tower's size
     */
    public void fill(Step step, int image, Tensor pixels) {
      if (pixels.elements() != spec.pixels()) {
        throw new IllegalArgumentException(
            "vision: an image of %s; the tower reads [%d, %d, %d]"
                .formatted(pixels.shape(), spec.channels(), spec.imageSize(), spec.imageSize()));
      }
      if (image < 0 || image >= images) {
        throw new IllegalArgumentException(
            "vision: image %d of a pass made for %d".formatted(image, images));
      }
      float[] from = pixels.toFloats();
      Tensor to = step.tensor(patches);
      int size = spec.imageSize();
      int patch = spec.patchSize();
      int side = size / patch;
      long first = (long) image * spec.rows();
      for (int column = 0; column < spec.patchValues(); column++) {
        to.set(first, column, 0);
      }
      for (int p = 0; p < spec.patches(); p++) {
        int corner = p / side * patch * size + p % side * patch;
        for (int column = 0; column < spec.patchValues(); column++) {
          int channel = column / (patch * patch);
          int y = column / patch % patch;
          int x = column % patch;
          to.set(first + 1 + p, column, from[channel * size * size + corner + y * size + x]);
        }
      }
    }
  }

  /**
   * Records the tower and its projector.
   *
   * @param images images at a time, at least 1
   * @param trainable which parameters learn, by name
   */
  public Recorded record(Tape tape, int images, Predicate<String> trainable) {
    long rows = (long) images * spec.rows();
    Value patches = tape.input("patches", DType.F32, rows, spec.patchValues());
    Value classes = tape.input("class rows", DType.I32, 1, rows);
    Value positions = tape.input("patch positions", DType.I32, 1, rows);
    Value picked = tape.input("features", DType.I32, 1, (long) images * spec.features());
    Recording r = new Recording(tape, trainable);
    // The class row has no pixels: its patch is zero, and so is the product.
    Value places =
        Add.apply(
            tape,
            Embedding.apply(tape, positions, 0, r.parameter("vision.position.weight")),
            Embedding.apply(tape, classes, 0, r.parameter(CLASS)));
    Value x = r.norm("vision.pre_norm", r.linear("vision.patch", patches, Optional.of(places)));
    List<Value> states = new ArrayList<>(List.of(x));
    for (int i = 0; i < spec.depth(); i++) {
      x = layer(r, "vision.layers." + i, x, images);
      states.add(x);
    }
    Value all =
        tape.activation(
            "features", picked.columns(), (long) spec.width() * spec.featureLayers().size());
    for (int i = 0; i < spec.featureLayers().size(); i++) {
      Value part = all.columns((long) i * spec.width(), (i + 1L) * spec.width());
      SelectRows.apply(tape, states.get(spec.featureLayers().get(i)), picked, part);
    }
    Value inner = r.linear("projector.in", all, Optional.empty());
    Value out =
        r.linear(
            "projector.out",
            Elementwise.activation(tape, spec.projectorActivation(), inner),
            Optional.empty());
    return new Recorded(spec, images, patches, classes, positions, picked, out);
  }

  private Value layer(Recording r, String name, Value x, int images) {
    int width = spec.width();
    int dim = width / spec.heads();
    Value n = r.norm(name + ".attention.norm", x);
    Value qkv = r.tape.activation("qkv", n.rows(), 3L * width);
    r.linear(name + ".attention.q", n, qkv.columns(0, width));
    r.linear(name + ".attention.k", n, qkv.columns(width, 2L * width));
    r.linear(name + ".attention.v", n, qkv.columns(2L * width, 3L * width));
    AttentionShape shape =
        AttentionShape.everywhere(
            dim,
            heads(0, dim),
            heads(width, dim),
            heads(2 * width, dim),
            (float) (1 / Math.sqrt(dim)));
    Value seen = Attention.apply(r.tape, qkv, shape, images, spec.rows());
    Value y = r.linear(name + ".attention.out", seen, Optional.of(x));
    Value up = r.linear(name + ".mlp.up", r.norm(name + ".mlp.norm", y), Optional.empty());
    Value inner = Elementwise.activation(r.tape, spec.activation(), up);
    return r.linear(name + ".mlp.down", inner, Optional.of(y));
  }

  private int[] heads(int from, int dim) {
    int[] columns = new int[spec.heads()];
    for (int h = 0; h < columns.length; h++) {
      columns[h] = from + h * dim;
    }
    return columns;
  }

  /** One recording: the values of the parameters, and which of them learn. */
  private final class Recording {
    private final Tape tape;
    private final Predicate<String> trainable;

    Recording(Tape tape, Predicate<String> trainable) {
      this.tape = tape;
      this.trainable = trainable;
    }

    Optional<Value> optional(String name) {
      return Optional.ofNullable(parameters.get(name))
          .map(p -> tape.parameter(name, p.shape(), trainable.test(name)));
    }

    Value parameter(String name) {
      return optional(name).orElseThrow();
    }

    Value norm(String name, Value x) {
      return LayerNorm.apply(
          tape, x, optional(name + ".weight"), optional(name + ".bias"), spec.eps());
    }

    Value linear(String name, Value x, Optional<Value> addend) {
      return Linear.apply(
          tape,
          x,
          parameter(name + ".weight"),
          WeightLayout.OUT_IN,
          optional(name + ".bias"),
          addend);
    }

    void linear(String name, Value x, Value y) {
      Linear.apply(
          tape,
          x,
          parameter(name + ".weight"),
          WeightLayout.OUT_IN,
          optional(name + ".bias"),
          Optional.empty(),
          y);
    }
  }
}
