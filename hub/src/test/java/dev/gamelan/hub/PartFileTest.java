package dev.gamelan.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PartFileTest {
  private static final byte[] BYTES =
      "0123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  @TempDir private Path folder;

  @Test
  void parts_come_in_any_order_and_the_trailer_goes_at_the_end() throws Exception {
    Path path = folder.resolve("f");
    try (PartFile file = PartFile.open(path, 10, 4)) {
      assertThat(file.parts()).isEqualTo(3);
      file.append(2, BYTES, 8, 2);
      file.append(0, BYTES, 0, 4);
      file.append(1, BYTES, 4, 4);
      file.complete();
    }
    assertThat(path).hasBinaryContent(BYTES);
  }

  @Test
  void what_was_noted_is_there_after_a_kill() throws Exception {
    Path path = folder.resolve("f");
    try (PartFile file = PartFile.open(path, 10, 4)) {
      file.append(1, BYTES, 4, 3);
      file.note(1);
      file.append(0, BYTES, 0, 2); // not noted: lost
    }
    assertThat(PartFile.present(path, 10)).isEqualTo(3);
    try (PartFile file = PartFile.open(path, 10, 5)) { // another size of parts doesn't matter
      assertThat(file.done(1)).isEqualTo(3);
      file.append(1, BYTES, 7, 1);
      file.append(0, BYTES, 0, 4);
      file.append(2, BYTES, 8, 2);
      file.complete();
    }
    assertThat(path).hasBinaryContent(BYTES);
  }

  @Test
  void a_kill_after_the_trailer_was_cut_off_loses_nothing() throws Exception {
    Path path = Files.write(folder.resolve("f"), BYTES);
    try (PartFile file = PartFile.open(path, 10, 4)) {
      assertThat(file.done()).isEqualTo(10);
    }
  }

  @Test
  void a_file_of_another_kind_or_size_is_begun_anew() throws Exception {
    Path path = Files.writeString(folder.resolve("f"), "something else, and longer than the file");
    assertThat(PartFile.present(path, 10)).isZero();
    try (PartFile file = PartFile.open(path, 10, 4)) {
      assertThat(file.done()).isZero();
      file.append(0, BYTES, 0, 4);
      file.note(0);
    }
    assertThat(PartFile.present(path, 11)).isZero();
    // A trailer that claims more than a part can hold.
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.write(java.nio.ByteBuffer.allocate(8).putLong(99).flip(), 10 + 24);
    }
    assertThat(PartFile.present(path, 10)).isZero();
  }
}
