package dev.gamelan.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.tensor.Tensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** What may happen to a file, and what may come of it: it opens, or is refused by its name. */
final class Damage {
  /** More than this on the heap for a file of a few kilobytes is belief in what a header claims. */
  private static final long MOST_ALLOCATED = 64 << 20;

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final List<Long> HUGE =
      List.of(
          -1L,
          Long.MAX_VALUE,
          Long.MIN_VALUE,
          1L << 32,
          (1L << 31) - 1,
          0xFFFFFFFFL,
          1L << 62,
          0x7FFFFFFFFFFFFFF0L);

  private Damage() {}

  /** Changed bytes, cut ends, huge numbers over what was there or between. */
  static Arbitrary<Function<byte[], byte[]>> any() {
    Arbitrary<Integer> place = Arbitraries.integers().between(0, 1 << 20);
    Arbitrary<Function<byte[], byte[]>> flips =
        Combinators.combine(place, Arbitraries.bytes())
            .as((at, value) -> (Function<byte[], byte[]>) bytes -> changed(bytes, at, value))
            .list()
            .ofMinSize(1)
            .ofMaxSize(5)
            .map(
                all ->
                    bytes -> {
                      byte[] now = bytes;
                      for (Function<byte[], byte[]> each : all) {
                        now = each.apply(now);
                      }
                      return now;
                    });
    Arbitrary<Function<byte[], byte[]>> cuts =
        place.map(at -> bytes -> Arrays.copyOf(bytes, at % bytes.length));
    Arbitrary<Function<byte[], byte[]>> numbers =
        Combinators.combine(
                place, Arbitraries.of(HUGE), Arbitraries.of(2, 4, 8), Arbitraries.of(true, false))
            .as(
                (at, number, width, over) ->
                    bytes -> withNumber(bytes, at % bytes.length, number, width, over));
    return Arbitraries.frequencyOf(
        net.jqwik.api.Tuple.of(5, flips),
        net.jqwik.api.Tuple.of(1, cuts),
        net.jqwik.api.Tuple.of(4, numbers));
  }

  private static byte[] changed(byte[] bytes, int at, byte value) {
    byte[] now = bytes.clone();
    now[at % now.length] = value;
    return now;
  }

  private static byte[] withNumber(byte[] bytes, int at, long number, int width, boolean over) {
    byte[] little =
        Arrays.copyOf(
            ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array(), width);
    if (over) {
      byte[] now = bytes.clone();
      System.arraycopy(little, 0, now, at, Math.min(width, now.length - at));
      return now;
    }
    byte[] now = new byte[bytes.length + width];
    System.arraycopy(bytes, 0, now, 0, at);
    System.arraycopy(little, 0, now, at, width);
    System.arraycopy(bytes, at, now, at + width, bytes.length - at);
    return now;
  }

  /**
   * Opens a file of the bytes: it must give an answer or an IllegalArgumentException that names the
   * file, and little memory.
   *
   * @param suffix of the file's name
   * @return whether it opened
   */
  static boolean survives(byte[] bytes, String suffix, Function<Path, ?> open) throws IOException {
    Path folder = Files.createTempDirectory("damage");
    Path file = folder.resolve("broken" + suffix);
    try {
      Files.write(file, bytes);
      long before = THREADS.getCurrentThreadAllocatedBytes();
      try {
        open.apply(file);
        return true;
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("broken" + suffix);
        return false;
      } finally {
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_ALLOCATED);
      }
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }

  /** Asks for every tensor of an open source; those that are there lie in the file or are small. */
  static boolean readAll(TensorSource source) {
    source.listing();
    for (String name : source.names()) {
      Tensor t = source.tensor(name);
      assertThat(t.elements()).isLessThan(1 << 20);
      t.toFloats();
    }
    return true;
  }
}
