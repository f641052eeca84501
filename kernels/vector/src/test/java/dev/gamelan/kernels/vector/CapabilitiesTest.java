package dev.gamelan.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CapabilitiesTest {
  @TempDir private Path caches;

  @Test
  void cache_sizes_are_read_as_linux_writes_them() throws IOException {
    write("index0", "48K\n");
    write("index2", "2M\n");
    write("index3", "33554432\n");
    assertThat(Capabilities.of("amd64", 512, caches))
        .isEqualTo(new Capabilities(32, 48 << 10, 2 << 20, 32 << 20));
  }

  @Test
  void missing_or_unreadable_caches_take_common_sizes() throws IOException {
    write("index2", "plenty\n");
    assertThat(Capabilities.of("amd64", 256, caches))
        .isEqualTo(new Capabilities(16, 32 << 10, 512 << 10, 16 << 20));
  }

  @Test
  void wide_vectors_and_neon_come_with_32_registers_and_choose_the_tall_kernel() {
    assertThat(Capabilities.of("amd64", 256, caches).vectorRegisters()).isEqualTo(16);
    assertThat(Capabilities.of("amd64", 512, caches).vectorRegisters()).isEqualTo(32);
    assertThat(Capabilities.of("aarch64", 128, caches).vectorRegisters()).isEqualTo(32);
    assertThat(Tiling.of(new Capabilities(16, 32 << 10, 512 << 10, 32 << 20)).rows()).isEqualTo(6);
    assertThat(Tiling.of(new Capabilities(32, 48 << 10, 2 << 20, 32 << 20)).rows()).isEqualTo(12);
  }

  @Test
  void a_task_covers_as_many_columns_as_the_second_level_cache_holds() {
    Tiling tiling = new Tiling(6, 1024, 192, 384 << 10, 8 << 20);
    int columns = tiling.columnBlock(1024);
    assertThat(columns % Tiling.columns()).isZero();
    assertThat(4L * columns * 1024).isLessThanOrEqualTo(384 << 10);
    assertThat(tiling.columnBlock(1 << 30)).isEqualTo(Tiling.columns());
  }

  @Test
  void impossible_tilings_are_named() {
    assertThatThrownBy(() -> new Tiling(5, 100, 10, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rows 5");
    assertThatThrownBy(() -> new Capabilities(16, 100, 10, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("100, 10 and 1 bytes");
  }

  @Test
  void the_vector_width_can_be_asked_for_and_nothing_else() {
    assertThat(Lanes.chosen("128")).isEqualTo(FloatVector.SPECIES_128);
    assertThat(Lanes.chosen("256")).isEqualTo(FloatVector.SPECIES_256);
    assertThat(Lanes.chosen("512")).isEqualTo(FloatVector.SPECIES_512);
    assertThat(Lanes.chosen(null)).isEqualTo(FloatVector.SPECIES_PREFERRED);
    assertThatThrownBy(() -> Lanes.chosen("wide"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("gamelan.vector.bits is \"wide\"");
  }

  private void write(String index, String size) throws IOException {
    Files.createDirectories(caches.resolve(index));
    Files.writeString(caches.resolve(index).resolve("size"), size);
  }
}
