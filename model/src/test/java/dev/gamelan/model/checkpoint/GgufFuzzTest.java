package dev.gamelan.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever happened to a file: it opens as what its header says, or is refused by its name. */
class GgufFuzzTest {
  private static final String SEED = "20261123";
  private static final byte[] MODEL = written();

  private static final byte[] GOOD = small();

  private static byte[] small() {
    try {
      return smallFile();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static byte[] good() {
    return GOOD.clone();
  }

  private static byte[] written() {
    try {
      return model();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static byte[] smallFile() throws IOException {
    Map<String, GgufValue> metadata = new LinkedHashMap<>();
    metadata.put("general.architecture", new GgufValue.Text("llama"));
    metadata.put("general.alignment", GgufValue.uint32(32));
    metadata.put("tokens", GgufValue.texts(List.of("a", "b", "ab")));
    metadata.put("eps", GgufValue.float32(1e-5));
    Path file = Files.createTempFile("good", ".gguf");
    try {
      GgufWriter.write(
          file,
          metadata,
          List.of(
              GgufWriter.Entry.of("w", Tensor.zeros(3, 32), DType.Q4_1),
              GgufWriter.Entry.of("n", Tensor.zeros(8), DType.F32)));
      return Files.readAllBytes(file);
    } finally {
      Files.delete(file);
    }
  }

  @Property(tries = 300, seed = SEED)
  void truncated_anywhere_it_is_refused(@ForAll @IntRange(min = 0, max = 10_000) int at)
      throws IOException {
    byte[] good = good();
    // The last tensor fills its 32 bytes: any byte less cuts it.
    assertThat(open(Arrays.copyOf(good, at % good.length))).isEmpty();
  }

  @Property(tries = 2000, seed = SEED)
  void with_any_bytes_changed_it_is_refused_or_every_tensor_lies_in_the_file(
      @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 0, max = 1_000_000) Integer> changes)
      throws IOException {
    byte[] bytes = good();
    for (int change : changes) {
      bytes[change / 256 % bytes.length] = (byte) change;
    }

    open(bytes)
        .ifPresent(
            file -> {
              long sum = 0;
              for (String name : file.names()) {
                Tensor t = file.tensor(name);
                assertThat(t.toFloats()).hasSize(Math.toIntExact(t.elements()));
                sum += t.segment().byteSize();
              }
              assertThat(sum).isLessThanOrEqualTo(bytes.length);
            });
  }

  @Provide
  Arbitrary<Function<byte[], byte[]>> damage() {
    return Damage.any();
  }

  /** A Llama of one layer with a vocabulary. */
  private static byte[] model() throws IOException {
    Map<String, GgufValue> keys = new LinkedHashMap<>();
    keys.put("general.architecture", new GgufValue.Text("llama"));
    keys.put("llama.block_count", GgufValue.uint32(1));
    keys.put("llama.context_length", GgufValue.uint32(16));
    keys.put("llama.embedding_length", GgufValue.uint32(8));
    keys.put("llama.feed_forward_length", GgufValue.uint32(12));
    keys.put("llama.attention.head_count", GgufValue.uint32(2));
    keys.put("llama.attention.head_count_kv", GgufValue.uint32(1));
    keys.put("llama.attention.layer_norm_rms_epsilon", GgufValue.float32(1e-5));
    keys.put("llama.rope.freq_base", GgufValue.float32(10000));
    keys.put("llama.rope.dimension_count", GgufValue.uint32(4));
    keys.put("tokenizer.ggml.model", new GgufValue.Text("gpt2"));
    keys.put("tokenizer.ggml.pre", new GgufValue.Text("gpt-2"));
    keys.put("tokenizer.ggml.tokens", GgufValue.texts(List.of("a", "b", "ab", "<end>")));
    keys.put("tokenizer.ggml.merges", GgufValue.texts(List.of("a b")));
    keys.put("tokenizer.ggml.eos_token_id", GgufValue.uint32(3));
    List<GgufWriter.Entry> entries = new java.util.ArrayList<>();
    entries.add(GgufWriter.Entry.of("token_embd.weight", Tensor.zeros(4, 8), DType.F32));
    entries.add(GgufWriter.Entry.of("output_norm.weight", Tensor.zeros(8), DType.F32));
    for (String norm : List.of("attn_norm", "ffn_norm")) {
      entries.add(GgufWriter.Entry.of("blk.0." + norm + ".weight", Tensor.zeros(8), DType.F32));
    }
    Map<String, Tensor> matrices =
        Map.of(
            "attn_q",
            Tensor.zeros(8, 8),
            "attn_k",
            Tensor.zeros(4, 8),
            "attn_v",
            Tensor.zeros(4, 8),
            "attn_output",
            Tensor.zeros(8, 8),
            "ffn_gate",
            Tensor.zeros(12, 8),
            "ffn_up",
            Tensor.zeros(12, 8),
            "ffn_down",
            Tensor.zeros(8, 12));
    new java.util.TreeMap<>(matrices)
        .forEach(
            (name, t) ->
                entries.add(GgufWriter.Entry.of("blk.0." + name + ".weight", t, DType.F16)));
    Path file = Files.createTempFile("model", ".gguf");
    try {
      GgufWriter.write(file, keys, entries);
      return Files.readAllBytes(file);
    } finally {
      Files.delete(file);
    }
  }

  private static Object openModel(Path file) {
    Checkpoint checkpoint = GgufModel.open(file);
    checkpoint.tensors().values().forEach(t -> t.toFloats());
    return GgufModel.tokenizer(file).encode("abba");
  }

  @Property(tries = 1, seed = SEED)
  void the_undamaged_model_opens() throws IOException {
    assertThat(Damage.survives(MODEL, ".gguf", GgufFuzzTest::openModel)).isTrue();
  }

  @Property(tries = 1500, seed = SEED)
  void a_damaged_model_is_read_or_refused_by_its_name(
      @ForAll("damage") Function<byte[], byte[]> damage) throws IOException {
    Damage.survives(damage.apply(MODEL), ".gguf", GgufFuzzTest::openModel);
  }

  private static Optional<Gguf> open(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("fuzz", ".gguf");
    try {
      Files.write(file, bytes);
      return Optional.of(Gguf.open(file));
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining(file.getFileName().toString());
      return Optional.empty();
    } finally {
      Files.delete(file);
    }
  }
}
