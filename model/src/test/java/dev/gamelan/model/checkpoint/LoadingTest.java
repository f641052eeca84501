package dev.gamelan.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ModelParameters;
import dev.gamelan.model.ParameterSpec;
import dev.gamelan.model.family.Config;
import dev.gamelan.model.family.Families;
import dev.gamelan.model.family.Family;
import dev.gamelan.tensor.DType;
import dev.gamelan.tensor.spi.Backends;
import dev.gamelan.tensor.spi.ComputeMode;
import dev.gamelan.tensor.spi.Kernels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Opening a model of a gigabyte (files with holes: nothing is on the disk) reads its header only.
 */
class LoadingTest {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();
  private static final Path STATUS = Path.of("/proc/self/status");

  @TempDir private Path folder;

  /** 0.54e9 parameters, 1.07 GB in bf16. */
  static final String CONFIG =
      """
      {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 32000,
       "hidden_size": 2048, "intermediate_size": 5632, "num_hidden_layers": 9,
       "num_attention_heads": 16, "num_key_value_heads": 4, "max_position_embeddings": 4096,
       "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": false}
      """;

  static Family family() {
    return Families.read(new Config("test", MAPPER.readTree(CONFIG)));
  }

  /** A folder with a config and a safetensors file of bf16 zeros. */
  static void safetensors(Path folder) throws IOException {
    Family family = family();
    ObjectNode header = MAPPER.createObjectNode();
    long offset = 0;
    for (ParameterSpec p : new Decoder(family.spec()).parameters()) {
      ObjectNode entry = header.putObject(family.names().published(p.name())).put("dtype", "BF16");
      var shape = entry.putArray("shape");
      for (long extent : p.shape().extents()) {
        shape.add(extent);
      }
      long end = offset + 2 * p.shape().elements();
      entry.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer head = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(json.length).put(json).flip();
    holes(folder.resolve("model.safetensors"), head, head.remaining() + offset);
    Files.writeString(folder.resolve("config.json"), CONFIG);
  }

  /** A GGUF file of bf16 zeros. */
  static void gguf(Path file) throws IOException {
    Family family = family();
    GgufLlama llama = new GgufLlama();
    Map<String, GgufValue> keys = new LinkedHashMap<>();
    keys.put("general.architecture", new GgufValue.Text("llama"));
    keys.putAll(llama.metadata(family.config()));
    GgufFile head = GgufFile.header(3, new Decoder(family.spec()).parameters().size(), keys.size());
    keys.forEach((key, value) -> head.raw(GgufWriter.key(key, value)));
    long offset = 0;
    for (ParameterSpec p : new Decoder(family.spec()).parameters()) {
      long[] extents = p.shape().extents();
      for (int i = 0; i < extents.length / 2; i++) {
        long other = extents[extents.length - 1 - i];
        extents[extents.length - 1 - i] = extents[i];
        extents[i] = other;
      }
      int type = GgufTypes.number(p.shape().rank() < 2 ? DType.F32 : DType.BF16);
      head.tensor(llama.place(family.spec(), p.name()).tensor(), type, offset, extents);
      offset += (p.shape().rank() < 2 ? 4 : 2) * p.shape().elements();
      offset = (offset + 31) / 32 * 32;
    }
    byte[] bytes = head.data(0).bytes();
    holes(file, ByteBuffer.wrap(bytes), bytes.length + offset);
  }

  private static void holes(Path file, ByteBuffer head, long size) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      channel.write(head);
      channel.write(ByteBuffer.allocate(1), size - 1);
    }
    assertThat(Files.size(file)).isGreaterThan(1L << 30);
  }

  private static long residentKilobytes() throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IllegalStateException(STATUS + " has no VmRSS");
  }

  private void assertLittleGrowth(Path model) throws IOException {
    Decoder decoder = new Decoder(family().spec());
    System.gc();
    long before = residentKilobytes();
    Checkpoint checkpoint = Checkpoint.open(model);
    try (Kernels kernels = Backends.open(Optional.of("scalar"), 1, ComputeMode.F32)) {
      ModelParameters parameters =
          ModelParameters.inPlace(new Decoder(checkpoint.spec()), kernels, checkpoint.kept());
      long grown = residentKilobytes() - before;
      assertThat(grown).isLessThan(50_000);
      assertThat(parameters.tensor("layers.8.mlp.down.weight").get(2047, 5631)).isZero();
      assertThat(checkpoint.kept().values().stream().mapToLong(t -> t.elements()).sum())
          .isEqualTo(decoder.parameterCount());
    }
  }

  @Test
  void a_gigabyte_of_safetensors_stays_on_the_disk() throws IOException {
    assumeTrue(Files.exists(STATUS), () -> "skipped: there is no " + STATUS);
    safetensors(folder);
    assertLittleGrowth(folder);
  }

  @Test
  void a_gigabyte_of_gguf_stays_on_the_disk() throws IOException {
    assumeTrue(Files.exists(STATUS), () -> "skipped: there is no " + STATUS);
    Path file = folder.resolve("model.gguf");
    gguf(file);
    assertLittleGrowth(file);
  }
}
