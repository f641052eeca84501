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
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever happened to a file: it opens as what its header says, or is refused by its name. */
class GgufFuzzTest {
  private static final String SEED = "20261123";

  private static byte[] good() throws IOException {
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
