package dev.gamelan.model.checkpoint;

import dev.gamelan.model.adapter.Lora;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.Tokenizers;
import dev.gamelan.text.gguf.GgufTokens;
import dev.gamelan.text.hf.HfTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A model with its tokenizer and chat template, from one format into another. */
public final class Conversion {
  private static final String TEMPLATE = "chat_template.jinja";
  private static final String NONE_BESIDE = "no tokenizer.json lies beside the model";

  private final Path from;
  private final Checkpoint checkpoint;
  private final Optional<Tokenizer> tokenizer;
  private final Optional<String> template;
  private final Optional<String> licence;

  /** What GGUF can say of the tokenizer. */
  private final Optional<GgufTokens> vocabulary;

  /** Why there is no tokenizer, or none that the other format can hold. */
  private final List<String> left = new ArrayList<>();

  private Conversion(Path from, Optional<Path> adapter) {
    this.from = from;
    Checkpoint plain = Checkpoint.open(from);
    this.checkpoint =
        adapter
            .map(folder -> Lora.open(folder, plain.family()).merged(plain.tensors()))
            .map(merged -> new Checkpoint(plain.family(), merged))
            .orElse(plain);
    boolean gguf = GgufModel.is(from);
    this.tokenizer = gguf ? carried() : beside();
    this.vocabulary = tokenizer.flatMap(this::tokens);
    this.template = gguf ? GgufModel.chatTemplate(from) : templateBeside();
    this.licence = Licence.of(from);
  }

  /**
   * Opens what is to be converted: whatever {@link Checkpoint#open} reads.
   *
   * @throws IllegalArgumentException if it can't be read
   */
  public static Conversion of(Path from) {
    return new Conversion(from, Optional.empty());
  }

  /**
   * {@link #of(Path)} with a LoRA merged into the weights.
   *
   * @param adapter a folder that peft has saved
   */
  public static Conversion of(Path from, Optional<Path> adapter) {
    return new Conversion(from, adapter);
  }

  private Optional<Tokenizer> carried() {
    try {
      return Optional.of(GgufModel.tokenizer(from));
    } catch (IllegalArgumentException e) {
      left.add(e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<GgufTokens> tokens(Tokenizer known) {
    try {
      return Optional.of(GgufTokens.of(known));
    } catch (InvalidTokenizerException e) {
      left.add(e.getMessage());
      return Optional.empty();
    }
  }

  private Path folder() {
    return Files.isDirectory(from) ? from : from.toAbsolutePath().getParent();
  }

  private Optional<Tokenizer> beside() {
    try {
      for (String name : List.of("tokenizer.json", "tokenizer.json.gz", "tokenizer.model")) {
        if (Files.exists(folder().resolve(name))) {
          return Optional.of(Tokenizers.open(folder().resolve(name)));
        }
      }
      left.add(NONE_BESIDE);
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "convert: the tokenizer of %s cannot be read: %s".formatted(from, e.getMessage()), e);
    }
  }

  private Optional<String> templateBeside() {
    Path file = folder().resolve(TEMPLATE);
    Path config = folder().resolve("tokenizer_config.json");
    try {
      if (Files.exists(file)) {
        return Optional.of(Files.readString(file));
      }
      if (Files.exists(config)) {
        JsonNode node = JsonMapper.shared().readTree(config.toFile()).path("chat_template");
        return node.isString() ? Optional.of(node.stringValue()) : Optional.empty();
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "convert: the chat template of %s cannot be read: %s".formatted(from, e.getMessage()), e);
    }
  }

  /** The model that is converted. */
  public Checkpoint checkpoint() {
    return checkpoint;
  }

  /**
   * Why no tokenizer goes along, if none does.
   *
   * @param gguf whether a GGUF file is written
   */
  public Optional<String> whyNoTokenizer(boolean gguf) {
    if (gguf
        ? vocabulary.isPresent()
        : tokenizer.filter(HfTokenizer.class::isInstance).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        left.isEmpty() ? "only tokenizers of Hugging Face's kind are written" : left.getFirst());
  }

  /**
   * Writes a folder of Hugging Face's layout, {@code config.json} last.
   *
   * @param type F32, F16 or BF16 for all tensors; empty keeps those types and makes quantized
   *     tensors F32, which loses nothing
   */
  public void toSafetensors(Path folder, Optional<FileType> type) {
    if (type.isPresent() && type.get().dtype().isQuantized()) {
      throw new IllegalArgumentException(
          "convert: safetensors has no %s; choose f32, f16 or bf16".formatted(type.get()));
    }
    Optional<DType> dtype = type.map(FileType::dtype);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    checkpoint
        .tensors()
        .forEach(
            (name, t) -> {
              DType to = dtype.orElseGet(() -> t.dtype().isQuantized() ? DType.F32 : t.dtype());
              tensors.put(name, plain(t, to));
            });
    try {
      Files.createDirectories(folder);
      if (tokenizer.isPresent() && tokenizer.get() instanceof HfTokenizer hf) {
        hf.save(folder);
      }
      if (template.isPresent()) {
        text(folder.resolve(TEMPLATE), template.get());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "convert: %s cannot be written: %s".formatted(folder, e.getMessage()), e);
    }
    Checkpoint.save(folder, checkpoint.family(), tensors);
  }

  private static Tensor plain(Tensor t, DType to) {
    if (t.dtype() == to) {
      return t;
    }
    Tensor out = Tensor.allocate(Arena.ofAuto(), to, t.shape().extents());
    float[] row = new float[Math.toIntExact(t.columns())];
    for (long r = 0; r < t.rows(); r++) {
      t.readRow(r, row);
      if (to == DType.F32) {
        MemorySegment.copy(
            MemorySegment.ofArray(row), 0, out.segment(), 4 * r * row.length, 4L * row.length);
      } else {
        for (int c = 0; c < row.length; c++) {
          out.set(r, c, row[c]);
        }
      }
    }
    return out;
  }

  private static void text(Path file, String text) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    Files.writeString(temporary, text);
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Writes a GGUF file. Vectors, norms, positions and routers are F32.
   *
   * @param type what matrices become, or the mixture ({@link GgufMixture}) of what; empty keeps
   *     what they are
   * @return the dtype of every tensor under the file's names
   * @throws IllegalArgumentException if GGUF has no architecture for the family, or no key for
   *     something in its configuration; nothing is written
   */
  public Map<String, DType> toGguf(Path file, Optional<FileType> type) {
    return new GgufExport(checkpoint, type).write(file, modelName(), licence, vocabulary, template);
  }

  private String modelName() {
    return from.toAbsolutePath().normalize().getFileName().toString();
  }
}
