package dev.gamelan.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ShardsFuzzTest {
  private static final String SEED = "20261123";

  private static final String INDEX =
      """
      {"metadata": {"total_size": 48},
       "weight_map": {"a": "one.safetensors", "b": "one.safetensors", "c": "two.safetensors"}}
      """;

  @Provide
  Arbitrary<Function<byte[], byte[]>> damage() {
    return Damage.any();
  }

  private static final byte[] ONE = shard("a", "b");
  private static final byte[] TWO = shard("c");

  private static byte[] shard(String... names) {
    Tensor t = Tensor.copyOf(new float[] {1, 2, 3, 4}, 4);
    Map<String, Tensor> tensors = new TreeMap<>();
    for (String name : names) {
      tensors.put(name, t);
    }
    try {
      Path file = Files.createTempFile("shard", ".safetensors");
      Safetensors.write(file, tensors, Map.of());
      byte[] bytes = Files.readAllBytes(file);
      Files.delete(file);
      return bytes;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Object open(Path index) {
    Path one = index.resolveSibling("one.safetensors");
    Path two = index.resolveSibling("two.safetensors");
    try {
      Files.write(one, ONE);
      Files.write(two, TWO);
      try {
        return Damage.readAll(new Shards(index));
      } finally {
        Files.delete(one);
        Files.delete(two);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Property(tries = 1, seed = SEED)
  void the_undamaged_index_opens() throws IOException {
    byte[] good = INDEX.getBytes(StandardCharsets.UTF_8);
    assertThat(Damage.survives(good, ".json", ShardsFuzzTest::open)).isTrue();
  }

  @Property(tries = 500, seed = SEED)
  void a_damaged_index_is_read_or_refused_by_its_name(
      @ForAll("damage") Function<byte[], byte[]> damage) throws IOException {
    byte[] bytes = damage.apply(INDEX.getBytes(StandardCharsets.UTF_8));
    Damage.survives(bytes, ".json", ShardsFuzzTest::open);
  }
}
