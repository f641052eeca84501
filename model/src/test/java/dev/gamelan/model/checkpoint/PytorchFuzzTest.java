package dev.gamelan.model.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.Function;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class PytorchFuzzTest {
  private static final String SEED = "20261123";

  @Provide
  Arbitrary<Function<byte[], byte[]>> damage() {
    return Damage.any();
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = PytorchFuzzTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  @Property(tries = 700, seed = SEED)
  void a_damaged_zip_is_read_or_refused_by_its_name(
      @ForAll("damage") Function<byte[], byte[]> damage) throws IOException {
    byte[] bytes = damage.apply(resource("state-dict.pt"));
    Damage.survives(bytes, ".pt", file -> Damage.readAll(PytorchBin.open(file)));
  }

  @Property(tries = 1200, seed = SEED)
  void damaged_pickles_of_before_the_zip_are_read_or_refused_by_their_name(
      @ForAll("damage") Function<byte[], byte[]> damage) throws IOException {
    byte[] bytes = damage.apply(resource("state-dict-legacy.pt"));
    Damage.survives(bytes, ".pt", file -> Damage.readAll(PytorchBin.open(file)));
  }
}
