package dev.gamelan.model.checkpoint;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.model.family.Config;
import dev.gamelan.model.family.Families;
import dev.gamelan.model.family.Family;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.hf.GgufVocabulary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** A GGUF file as one of our families with its tokenizer. */
public final class GgufModel {
  private static final List<GgufArchitecture> KNOWN = List.of(new GgufLlama(), new GgufNeoX());

  private GgufModel() {}

  /** The architecture of a Hugging Face {@code model_type}. */
  static GgufArchitecture architecture(String modelType) {
    return KNOWN.stream()
        .filter(a -> a.modelType().equals(modelType))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "gguf: models of the type \"%s\" are not written; known are %s"
                        .formatted(
                            modelType, KNOWN.stream().map(GgufArchitecture::modelType).toList())));
  }

  /**
   * Opens a file: matrices stay where they lie, in their dtype; those whose rows the converter
   * moved (queries and keys) are copied in our order.
   */
  static Checkpoint open(Path path) {
    Gguf file = Gguf.open(path);
    String name =
        file.text("general.architecture")
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "gguf %s: general.architecture is missing".formatted(path)));
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
    return new Checkpoint(family, tensors(file, architecture, config, family));
  }

  private static Map<String, Tensor> tensors(
      Gguf file, GgufArchitecture architecture, ObjectNode config, Family family) {
    Set<String> surplus = new LinkedHashSet<>(file.names());
    List<String> missing = new ArrayList<>();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (ParameterSpec p : new Decoder(family.spec()).parameters()) {
      String published = architecture.published(p.name());
      if (!surplus.remove(published)) {
        missing.add(published);
        continue;
      }
      Tensor tensor = file.tensor(published);
      if (!tensor.shape().equals(p.shape())) {
        throw new IllegalArgumentException(
            "gguf %s: tensor '%s' is %s, the keys make it %s"
                .formatted(file.file(), published, tensor.shape(), p.shape()));
      }
      if (architecture.reorders(p.name())) {
        tensor = ours(architecture, p.name(), config, tensor);
      }
      if (tensor.dtype().isQuantized() && tensor.shape().rank() < 2) {
        tensor = Tensor.copyOf(tensor.toFloats(), tensor.elements());
      }
      tensors.put(p.name(), tensor);
    }
    if (!missing.isEmpty() || !surplus.isEmpty()) {
      throw new IllegalArgumentException(
          "gguf %s: %d tensors are missing %s, %d are surplus %s"
              .formatted(file.file(), missing.size(), missing, surplus.size(), surplus));
    }
    return tensors;
  }

  private static Tensor ours(
      GgufArchitecture architecture, String name, ObjectNode config, Tensor file) {
    Tensor moved = Tensor.allocate(Arena.ofAuto(), file.dtype(), file.shape().extents());
    long rows = file.shape().extent(0);
    long bytes = file.segment().byteSize() / rows;
    for (long r = 0; r < rows; r++) {
      MemorySegment.copy(
          file.segment(),
          architecture.fileRow(name, config, r) * bytes,
          moved.segment(),
          r * bytes,
          bytes);
    }
    return moved;
  }

  /**
   * The tokenizer that a file carries.
   *
   * @throws IllegalArgumentException if it carries none, or one of a kind that isn't read
   */
  public static Tokenizer tokenizer(Path path) {
    Gguf file = Gguf.open(path);
    String model = file.text("tokenizer.ggml.model").orElse("none");
    if (!model.equals("gpt2")) {
      throw new IllegalArgumentException(
          "gguf %s: its tokenizer is of the kind \"%s\"; read is gpt2 (byte-level BPE); name another (--tokenizer FILE)"
              .formatted(path, model));
    }
    List<String> tokens = file.texts("tokenizer.ggml.tokens").orElse(List.of());
    int[] normal = new int[tokens.size()];
    Arrays.fill(normal, 1);
    return new GgufVocabulary(
            file.text("tokenizer.ggml.pre").orElse("default"),
            tokens,
            file.ints("tokenizer.ggml.token_type").orElse(normal),
            file.texts("tokenizer.ggml.merges").orElse(List.of()),
            id(file, "tokenizer.ggml.bos_token_id"),
            id(file, "tokenizer.ggml.eos_token_id"))
        .tokenizer();
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

  /** The licence that a file names. */
  public static Optional<String> licence(Path path) {
    return Gguf.open(path).text("general.license");
  }

  /** Whether a file begins as GGUF files do. */
  public static boolean is(Path path) {
    return Gguf.is(path);
  }

  private static OptionalInt id(Gguf file, String key) {
    return file.whole(key).stream().mapToInt(Math::toIntExact).findFirst();
  }
}
