package dev.gamelan.model.checkpoint;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.model.family.Config;
import dev.gamelan.model.family.Families;
import dev.gamelan.model.family.Family;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.gguf.GgufTokenizers;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** A GGUF file as one of our families with its tokenizer. */
public final class GgufModel {
  private static final List<GgufArchitecture> KNOWN =
      Stream.<GgufArchitecture>concat(
              Stream.of(
                  new GgufLlama(),
                  new GgufNeoX(),
                  GgufGpt2.gpt2(),
                  GgufGpt2.starcoder(),
                  new GgufStarCoder2(),
                  new GgufFalcon(),
                  new GgufMpt(),
                  new GgufOlmo(),
                  new GgufOlmo2(),
                  new GgufQwen1()),
              GgufQwen.all().stream())
          .toList();

  private GgufModel() {}

  /** The architecture of a Hugging Face {@code model_type}. */
  static GgufArchitecture architecture(String modelType) {
    return KNOWN.stream()
        .filter(a -> a.modelTypes().contains(modelType))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "gguf: models of the type \"%s\" are not written, GGUF has no architecture for them here; known are %s"
                        .formatted(
                            modelType,
                            KNOWN.stream().flatMap(a -> a.modelTypes().stream()).toList())));
  }

  /** Opens a file: everything stays where it lies. */
  static Checkpoint open(Path path) {
    Gguf file = Gguf.open(path);
    String name =
        file.text("general.architecture")
            .orElseThrow(() -> GgufKeys.missing(file, "general.architecture"));
    GgufArchitecture architecture =
        KNOWN.stream()
            .filter(a -> a.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "gguf %s: the architecture \"%s\" is not known; known are %s"
                            .formatted(
                                path, name, KNOWN.stream().map(GgufArchitecture::name).toList())));
    ObjectNode config = architecture.config(file);
    Family family = Families.read(new Config("gguf " + path, config));
    DecoderSpec spec = architecture.kept(family.spec());
    Checkpoint.plausible("gguf " + path, spec, file);
    return new Checkpoint(family, spec, tensors(file, architecture, spec));
  }

  private static Map<String, Tensor> tensors(
      Gguf file, GgufArchitecture architecture, DecoderSpec spec) {
    Set<String> surplus = new LinkedHashSet<>(file.names());
    Set<String> missing = new LinkedHashSet<>();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (ParameterSpec p : new Decoder(spec).parameters()) {
      GgufArchitecture.Place place = architecture.place(spec, p.name());
      surplus.remove(place.tensor());
      if (!file.names().contains(place.tensor())) {
        missing.add(place.tensor());
        continue;
      }
      Tensor tensor = part(file, place, spec, p);
      if (tensor.dtype().isQuantized() && tensor.shape().rank() < 2) {
        tensor = Tensor.copyOf(tensor.toFloats(), tensor.elements());
      }
      tensors.put(p.name(), tensor);
    }
    surplus.remove(GgufRope.FACTORS);
    if (!missing.isEmpty() || !surplus.isEmpty()) {
      throw new IllegalArgumentException(
          "gguf %s: %d tensors are missing %s, %d are surplus %s"
              .formatted(file.file(), missing.size(), missing, surplus.size(), surplus));
    }
    return tensors;
  }

  private static Tensor part(
      Gguf file, GgufArchitecture.Place place, DecoderSpec spec, ParameterSpec p) {
    Tensor tensor = file.tensor(place.tensor());
    Shape whole = p.shape();
    if (place.expert().isPresent()) {
      int experts = spec.mlp().experts().orElseThrow().count();
      whole = new Shape(experts, p.shape().extent(0), p.shape().extent(1));
    }
    boolean same = tensor.shape().equals(whole);
    // Converters drop an extent of 1.
    boolean squeezed = whole.rank() == 2 && whole.rows() == 1 && tensor.shape().rank() == 1;
    if (!same && !(squeezed && tensor.elements() == whole.elements())) {
      throw new IllegalArgumentException(
          "gguf %s: tensor '%s' is %s, the keys make it %s"
              .formatted(file.file(), place.tensor(), tensor.shape(), whole));
    }
    if (place.expert().isPresent()) {
      long rows = p.shape().extent(0);
      long first = place.expert().getAsInt() * rows;
      return tensor.rows(first, first + rows);
    }
    return same ? tensor : tensor.reshape(p.shape().extents());
  }

  /**
   * The tokenizer that a file carries.
   *
   * @throws IllegalArgumentException if it carries none, or one of a kind that isn't read
   */
  public static Tokenizer tokenizer(Path path) {
    Path file = Gguf.open(path).file();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      return GgufTokenizers.read(in);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "gguf %s: cannot be read: %s".formatted(path, Safetensors.reason(e)), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "gguf %s: its tokenizer: %s; name another (--tokenizer FILE)"
              .formatted(path, e.getMessage()),
          e);
    }
  }

  /** Why {@link #tokenizer} fails; empty if it doesn't. */
  static String whyNoTokenizer(Path path) {
    try {
      tokenizer(path);
      return "";
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  /** The chat template that a file carries. */
  public static Optional<String> chatTemplate(Path path) {
    return Gguf.open(path).text("tokenizer.chat_template");
  }

  /** Whether a file begins as GGUF files do. */
  public static boolean is(Path path) {
    return Gguf.is(path);
  }
}
