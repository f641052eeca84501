package dev.gamelan.model.checkpoint;

import dev.gamelan.model.adapter.Lora;
import dev.gamelan.model.family.Family;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.tensor.quant.Blocks;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.Tokenizers;
import dev.gamelan.text.hf.GgufVocabulary;
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
  private final Optional<HfTokenizer> tokenizer;
  private final Optional<String> template;

  /** Empty for a GGUF file whose tokenizer is read. */
  private final String whyNoTokenizer;

  private Conversion(Path from, Optional<Path> adapter) {
    this.from = from;
    Checkpoint plain = Checkpoint.open(from);
    this.checkpoint =
        adapter
            .map(folder -> Lora.open(folder, plain.family()).merged(plain.tensors()))
            .map(merged -> new Checkpoint(plain.family(), merged))
            .orElse(plain);
    boolean gguf = GgufModel.is(from);
    this.whyNoTokenizer = gguf ? GgufModel.whyNoTokenizer(from) : NONE_BESIDE;
    this.tokenizer =
        gguf
            ? Optional.of(from)
                .filter(f -> whyNoTokenizer.isEmpty())
                .map(f -> hf(GgufModel.tokenizer(f)))
            : beside();
    this.template = gguf ? GgufModel.chatTemplate(from) : templateBeside();
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

  private static HfTokenizer hf(Tokenizer tokenizer) {
    if (tokenizer instanceof HfTokenizer hf) {
      return hf;
    }
    throw new IllegalArgumentException(
        "convert: the tokenizer beside the model is none of Hugging Face's kind; only those are converted");
  }

  private Optional<HfTokenizer> beside() {
    try {
      for (String name : List.of("tokenizer.json", "tokenizer.json.gz")) {
        if (Files.exists(from.resolve(name))) {
          return Optional.of(hf(Tokenizers.open(from.resolve(name))));
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "convert: the tokenizer of %s cannot be read: %s".formatted(from, e.getMessage()), e);
    }
  }

  private Optional<String> templateBeside() {
    Path file = from.resolve(TEMPLATE);
    Path config = from.resolve("tokenizer_config.json");
    try {
      if (Files.exists(file)) {
        return Optional.of(Files.readString(file));
      }
      if (Files.exists(config)) {
        JsonNode node =
            JsonMapper.builder().build().readTree(config.toFile()).path("chat_template");
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

  /** Why no tokenizer goes along, if none does. */
  public Optional<String> whyNoTokenizer() {
    return tokenizer.isPresent() ? Optional.empty() : Optional.of(whyNoTokenizer);
  }

  /**
   * Writes a folder of Hugging Face's layout, {@code config.json} last.
   *
   * @param dtype F32, F16 or BF16 for all tensors; empty keeps those types and makes quantized
   *     tensors F32, which loses nothing
   */
  public void toSafetensors(Path folder, Optional<DType> dtype) {
    if (dtype.isPresent() && (dtype.get().isQuantized() || dtype.get() == DType.I32)) {
      throw new IllegalArgumentException(
          "convert: safetensors has no %s; choose f32, f16 or bf16".formatted(dtype.get()));
    }
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
      if (tokenizer.isPresent()) {
        tokenizer.get().save(folder);
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
   * Writes a GGUF file. Norms and biases are F32. With Q4_0 and Q4_1 the embedding and the head are
   * Q8_0, for they bear less. A matrix whose rows aren't whole blocks is F16.
   *
   * @param dtype F32, F16, BF16, Q8_0, Q4_0 or Q4_1 for matrices; empty keeps what they are
   * @return the dtype of every tensor under the file's names
   */
  public Map<String, DType> toGguf(Path file, Optional<DType> dtype) {
    dtype.ifPresent(Conversion::checkWritten);
    Family family = checkpoint.family();
    var config = family.config();
    GgufArchitecture architecture = GgufModel.architecture(config.path("model_type").asString(""));
    List<GgufWriter.Entry> entries = new ArrayList<>();
    Map<String, DType> written = new LinkedHashMap<>();
    checkpoint
        .tensors()
        .forEach(
            (ours, t) -> {
              String name = architecture.published(ours);
              DType to = type(ours, t, dtype);
              entries.add(
                  new GgufWriter.Entry(
                      name,
                      t,
                      to,
                      architecture.reorders(ours)
                          ? inverse(t.shape(), r -> architecture.fileRow(ours, config, r))
                          : r -> r));
              written.put(name, to);
            });
    Map<String, GgufValue> metadata = new LinkedHashMap<>();
    metadata.put("general.architecture", new GgufValue.Text(architecture.name()));
    metadata.put("general.type", new GgufValue.Text("model"));
    metadata.put(
        "general.name", new GgufValue.Text(from.toAbsolutePath().getFileName().toString()));
    metadata.putAll(architecture.metadata(config));
    metadata.put("general.file_type", GgufValue.uint32(GgufTypes.fileType(mostly(entries))));
    metadata.put("general.quantization_version", GgufValue.uint32(2));
    tokenizer.ifPresent(t -> vocabulary(GgufVocabulary.of(t), metadata));
    family.bos().ifPresent(id -> metadata.put("tokenizer.ggml.bos_token_id", GgufValue.uint32(id)));
    family.eos().ifPresent(id -> metadata.put("tokenizer.ggml.eos_token_id", GgufValue.uint32(id)));
    template.ifPresent(t -> metadata.put("tokenizer.chat_template", new GgufValue.Text(t)));
    GgufWriter.write(file, metadata, entries);
    return written;
  }

  private static void checkWritten(DType dtype) {
    boolean plain = dtype == DType.F32 || dtype == DType.F16 || dtype == DType.BF16;
    if (!plain && !Blocks.encodes(dtype)) {
      throw new IllegalArgumentException(
          "convert: %s is not written; choose f32, f16, bf16, q8_0, q4_0 or q4_1".formatted(dtype));
    }
  }

  private static DType type(String ours, Tensor t, Optional<DType> wanted) {
    if (t.shape().rank() < 2) {
      return DType.F32;
    }
    DType to = wanted.orElse(t.dtype());
    boolean ends = ours.startsWith("embedding.") || ours.startsWith("head.");
    if (wanted.isPresent() && ends && (to == DType.Q4_0 || to == DType.Q4_1)) {
      to = DType.Q8_0;
    }
    return t.columns() % to.elementsPerBlock() == 0 ? to : DType.F16;
  }

  private static DType mostly(List<GgufWriter.Entry> entries) {
    Map<DType, Long> elements = new LinkedHashMap<>();
    entries.forEach(e -> elements.merge(e.dtype(), e.source().elements(), Long::sum));
    return elements.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse(DType.F32);
  }

  private static GgufWriter.Order inverse(Shape shape, GgufWriter.Order fileRow) {
    int[] ours = new int[Math.toIntExact(shape.extent(0))];
    for (int r = 0; r < ours.length; r++) {
      ours[(int) fileRow.ours(r)] = r;
    }
    return r -> ours[(int) r];
  }

  private static void vocabulary(GgufVocabulary v, Map<String, GgufValue> metadata) {
    metadata.put("tokenizer.ggml.model", new GgufValue.Text("gpt2"));
    metadata.put("tokenizer.ggml.pre", new GgufValue.Text(v.pre()));
    metadata.put("tokenizer.ggml.tokens", GgufValue.texts(v.tokens()));
    List<GgufValue> types = new ArrayList<>();
    for (int type : v.types()) {
      types.add(new GgufValue.Whole(GgufValue.Type.INT32, type));
    }
    metadata.put("tokenizer.ggml.token_type", new GgufValue.Items(GgufValue.Type.INT32, types));
    metadata.put("tokenizer.ggml.merges", GgufValue.texts(v.merges()));
    metadata.put("tokenizer.ggml.add_bos_token", new GgufValue.Flag(false));
    v.bos().ifPresent(id -> metadata.put("tokenizer.ggml.bos_token_id", GgufValue.uint32(id)));
    v.eos().ifPresent(id -> metadata.put("tokenizer.ggml.eos_token_id", GgufValue.uint32(id)));
  }
}
