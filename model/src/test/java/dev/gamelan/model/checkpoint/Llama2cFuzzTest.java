package dev.gamelan.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Function;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class Llama2cFuzzTest {
  private static final String SEED = "20261123";

  @Provide
  Arbitrary<Function<byte[], byte[]>> damage() {
    return Damage.any();
  }

  /** Width 8, MLP 12, one layer, two heads, one key head, 5 tokens (tied), 4 positions. */
  private static byte[] good() {
    int floats = 5 * 8 + 2 * 8 + 2 * 8 * 8 + 2 * 4 * 8 + 3 * 8 * 12 + 8 + 4 * 4;
    ByteBuffer file = ByteBuffer.allocate(28 + 4 * floats).order(ByteOrder.LITTLE_ENDIAN);
    for (int n : new int[] {8, 12, 1, 2, 1, 5, 4}) {
      file.putInt(n);
    }
    return file.array();
  }

  private static Object open(java.nio.file.Path file) {
    Checkpoint checkpoint = Llama2c.open(file);
    checkpoint.tensors().values().forEach(t -> t.toFloats());
    return checkpoint;
  }

  @Property(tries = 1, seed = SEED)
  void the_undamaged_file_opens() throws IOException {
    assertThat(Damage.survives(good(), ".bin", Llama2cFuzzTest::open)).isTrue();
  }

  @Property(tries = 500, seed = SEED)
  void a_damaged_file_is_read_or_refused_by_its_name(
      @ForAll("damage") Function<byte[], byte[]> damage) throws IOException {
    Damage.survives(damage.apply(good()), ".bin", Llama2cFuzzTest::open);
  }

  /** Any seven numbers before no data: none may lead to a size that overflows or is believed. */
  @Property(tries = 600, seed = SEED)
  void any_header_without_data_is_refused(@ForAll int[] numbers) throws IOException {
    ByteBuffer file = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < Math.min(7, numbers.length); i++) {
      file.putInt(numbers[i]);
    }
    assertThat(Damage.survives(file.array(), ".bin", Llama2cFuzzTest::open)).isFalse();
  }
}
