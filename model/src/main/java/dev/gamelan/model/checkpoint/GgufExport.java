package dev.gamelan.model.checkpoint;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.DecoderSpec;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Shape;
import dev.gamelan.tensor.Tensor;
import dev.gamelan.text.gguf.GgufTokens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** A checkpoint as a GGUF file. */
final class GgufExport {
  private final Checkpoint checkpoint;
  private final Optional<FileType> type;
  private final ObjectNode config;
  private final GgufArchitecture architecture;
  private final DecoderSpec kept;

  /**
   * @throws IllegalArgumentException if GGUF has no architecture for the family
   */
  GgufExport(Checkpoint checkpoint, Optional<FileType> type) {
    if (checkpoint.spec().labels().isPresent()) {
      throw new IllegalArgumentException(
          "gguf: a head of %d scores (a reward model or classifier) is not written"
              .formatted(checkpoint.spec().labels().get()));
    }
    this.checkpoint = checkpoint;
    this.type = type;
    this.config = checkpoint.family().config();
    this.architecture = GgufModel.architecture(config.path("model_type").asString(""));
    this.kept = architecture.kept(checkpoint.family().spec());
  }

  /** Writes the file and says what each tensor became. */
  Map<String, DType> write(
      Path file,
      String name,
      Optional<String> licence,
      Optional<GgufTokens> vocabulary,
      Optional<String> template) {
    Map<String, GgufValue> keys = new LinkedHashMap<>();
    keys.put("general.architecture", new GgufValue.Text(architecture.name()));
    keys.put("general.type", new GgufValue.Text("model"));
    keys.put("general.name", new GgufValue.Text(name));
    licence.ifPresent(l -> keys.put("general.license", new GgufValue.Text(l)));
    keys.putAll(architecture.metadata(config));
    List<GgufWriter.Entry> entries = entries();
    Map<String, DType> written = new LinkedHashMap<>();
    entries.forEach(e -> written.put(e.name(), e.dtype()));
    int number = type.map(FileType::number).orElseGet(() -> GgufTypes.fileType(mostly(entries)));
    keys.put("general.file_type", GgufValue.uint32(number));
    keys.put("general.quantization_version", GgufValue.uint32(2));
    keys.put(architecture.name() + ".vocab_size", GgufValue.uint32(kept.vocabulary()));
    vocabulary.ifPresentOrElse(
        v -> vocabulary(v, keys),
        // llama.cpp opens files without a vocabulary only if they say so.
        () -> keys.put("tokenizer.ggml.model", new GgufValue.Text("none")));
    id("bos", checkpoint.family().bos(), keys);
    id("eos", checkpoint.family().eos(), keys);
    template.ifPresent(t -> keys.put("tokenizer.chat_template", new GgufValue.Text(t)));
    GgufWriter.write(file, keys, entries);
    return written;
  }

  private List<GgufWriter.Entry> entries() {
    Map<String, GgufWriter.Entry> entries = new LinkedHashMap<>();
    for (ParameterSpec p : new Decoder(kept).parameters()) {
      GgufArchitecture.Place place = architecture.place(kept, p.name());
      Tensor source = checkpoint.kept().get(p.name());
      ParameterSpec before = new ParameterSpec(p.name(), source.shape(), p.role());
      GgufWriter.Part part =
          new GgufWriter.Part(source, Arrangement.between(checkpoint.spec(), kept, before));
      GgufWriter.Entry first = entries.get(place.tensor());
      if (first == null) {
        Shape shape = place.expert().isPresent() ? experts(p.shape()) : p.shape();
        entries.put(
            place.tensor(),
            new GgufWriter.Entry(
                place.tensor(), shape, dtype(place.tensor(), shape, source), List.of(part)));
      } else {
        List<GgufWriter.Part> parts = new ArrayList<>(first.parts());
        parts.add(part);
        entries.put(
            place.tensor(),
            new GgufWriter.Entry(first.name(), first.shape(), first.dtype(), parts));
      }
    }
    List<GgufWriter.Entry> all = new ArrayList<>();
    GgufRope.factors(config)
        .ifPresent(f -> all.add(GgufWriter.Entry.of(GgufRope.FACTORS, f, DType.F32)));
    all.addAll(entries.values());
    return all;
  }

  private Shape experts(Shape one) {
    int count = kept.mlp().experts().orElseThrow().count();
    return new Shape(count, one.extent(0), one.extent(1));
  }

  private DType dtype(String name, Shape shape, Tensor source) {
    if (type.isPresent()) {
      return new GgufMixture(type.get(), architecture.name(), kept).of(name, shape);
    }
    return GgufMixture.keptWhole(name, shape)
        ? DType.F32
        : GgufMixture.fitting(source.dtype(), shape.columns());
  }

  private static DType mostly(List<GgufWriter.Entry> entries) {
    Map<DType, Long> elements = new LinkedHashMap<>();
    entries.forEach(e -> elements.merge(e.dtype(), e.shape().elements(), Long::sum));
    return elements.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse(DType.F32);
  }

  private static void vocabulary(GgufTokens v, Map<String, GgufValue> keys) {
    String prefix = "tokenizer.ggml.";
    keys.put(prefix + "model", new GgufValue.Text(v.model()));
    v.pre().ifPresent(pre -> keys.put(prefix + "pre", new GgufValue.Text(pre)));
    keys.put(prefix + "tokens", GgufValue.texts(v.tokens()));
    if (!v.scores().isEmpty()) {
      keys.put(
          prefix + "scores",
          new GgufValue.Items(
              GgufValue.Type.FLOAT32, v.scores().stream().map(GgufValue::float32).toList()));
    }
    keys.put(
        prefix + "token_type",
        new GgufValue.Items(
            GgufValue.Type.INT32,
            v.types().stream()
                .<GgufValue>map(t -> new GgufValue.Whole(GgufValue.Type.INT32, t))
                .toList()));
    if (!v.merges().isEmpty()) {
      keys.put(prefix + "merges", GgufValue.texts(v.merges()));
    }
    keys.put(prefix + "add_bos_token", new GgufValue.Flag(v.addBos()));
    keys.put(prefix + "add_eos_token", new GgufValue.Flag(v.addEos()));
    if (v.model().equals("llama")) {
      keys.put(prefix + "add_space_prefix", new GgufValue.Flag(v.addSpacePrefix()));
    }
    v.bos().ifPresent(id -> id("bos", Optional.of(id), keys));
    v.eos().ifPresent(id -> id("eos", Optional.of(id), keys));
    v.unknown().ifPresent(id -> keys.put(prefix + "unknown_token_id", GgufValue.uint32(id)));
  }

  private static void id(String end, Optional<Integer> id, Map<String, GgufValue> keys) {
    id.ifPresent(n -> keys.put("tokenizer.ggml." + end + "_token_id", GgufValue.uint32(n)));
  }
}
