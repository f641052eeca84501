package dev.gamelan.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
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
class SafetensorsFuzzTest {
  private static final String SEED = "20261123";

  private static final byte[] GOOD = written();

  private static byte[] good() {
    return GOOD.clone();
  }

  private static byte[] written() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("model.embed_tokens.weight", Tensor.copyOf(new float[12], 3, 4));
    tensors.put("model.norm.weight", Tensor.copyOf(new float[] {1, 2, 3, 4}, 4));
    tensors.put("ids", Tensor.copyOf(new int[] {5, 6}, 1, 2));
    try {
      Path file = Files.createTempFile("good", ".safetensors");
      try {
        Safetensors.write(file, tensors, Map.of("format", "pt"));
        return Files.readAllBytes(file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Property(tries = 300, seed = SEED)
  void truncated_anywhere_it_is_refused(@ForAll @IntRange(min = 0, max = 10_000) int at)
      throws IOException {
    byte[] good = good();

    assertThat(open(Arrays.copyOf(good, at % good.length))).isEmpty();
  }

  @Property(tries = 300, seed = SEED)
  void longer_than_it_says_it_is_refused(@ForAll @Size(min = 1, max = 100) byte[] more)
      throws IOException {
    byte[] good = good();
    byte[] longer = Arrays.copyOf(good, good.length + more.length);
    System.arraycopy(more, 0, longer, good.length, more.length);

    assertThat(open(longer)).isEmpty();
  }

  @Property(tries = 1500, seed = SEED)
  void with_any_bytes_changed_it_is_refused_or_every_tensor_lies_in_the_file(
      @ForAll @Size(min = 1, max = 4) int[] places, @ForAll byte value) throws IOException {
    byte[] bytes = good();
    for (int place : places) {
      bytes[Math.floorMod(place, bytes.length)] = value;
    }

    open(bytes).ifPresent(file -> assertSane(file, bytes.length));
  }

  @Property(tries = 1000, seed = SEED)
  void with_any_header_it_is_refused_or_every_tensor_lies_in_the_file(
      @ForAll long from, @ForAll long to, @ForAll @Size(max = 3) long[] shape) throws IOException {
    String header =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}}"
            .formatted(Arrays.toString(shape), from, to);
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    byte[] bytes = new byte[8 + json.length + 16];
    bytes[0] = (byte) json.length;
    System.arraycopy(json, 0, bytes, 8, json.length);

    open(bytes).ifPresent(file -> assertSane(file, bytes.length));
  }

  @Provide
  Arbitrary<Function<byte[], byte[]>> damage() {
    return Damage.any();
  }

  @Property(tries = 1500, seed = SEED)
  void damaged_it_is_refused_by_its_name_or_gives_every_tensor(
      @ForAll("damage") Function<byte[], byte[]> damage) throws IOException {
    byte[] bytes = damage.apply(good());
    Damage.survives(bytes, ".safetensors", file -> Damage.readAll(Safetensors.open(file)));
  }

  @Property(tries = 500, seed = SEED)
  void of_random_bytes_it_is_refused(@ForAll @Size(max = 200) byte[] bytes) throws IOException {
    assertThat(open(bytes)).isEmpty();
  }

  private static Optional<Safetensors> open(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("fuzz", ".safetensors");
    try {
      Files.write(file, bytes);
      return Optional.of(Safetensors.open(file));
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining(file.toString());
      return Optional.empty();
    } finally {
      Files.delete(file);
    }
  }

  private static void assertSane(Safetensors file, long bytes) {
    long total = 0;
    for (String name : file.names()) {
      total += file.tensor(name).segment().byteSize();
      assertThat(file.tensor(name).toFloats()).hasSize((int) file.tensor(name).elements());
    }
    assertThat(total).isLessThan(bytes);
  }
}
