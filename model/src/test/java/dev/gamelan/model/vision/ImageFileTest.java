package dev.gamelan.model.vision;

import static dev.gamelan.model.vision.ImageProcessorTest.resource;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.model.checkpoint.Safetensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PNG and JPEG files of every kind become the bytes that Pillow reads, or a clear error. */
class ImageFileTest {
  private static final String GOLDENS = "goldens.safetensors";

  static Stream<String> decoded() {
    return Safetensors.open(resource(GOLDENS)).names().stream()
        .filter(name -> name.startsWith("decoded/"))
        .map(name -> name.substring("decoded/".length()));
  }

  @ParameterizedTest
  @MethodSource("decoded")
  void a_file_becomes_the_bytes_of_the_reference(String file) {
    RgbImage image = ImageFile.read(resource(file));

    float[] want = Safetensors.open(resource(GOLDENS)).tensor("decoded/" + file).toFloats();
    byte[] bytes = new byte[want.length];
    for (int i = 0; i < want.length; i++) {
      bytes[i] = (byte) (int) want[i];
    }
    assertThat(Arrays.mismatch(image.rgb(), bytes)).isEqualTo(-1);
  }

  @Test
  void a_cmyk_file_is_refused_with_what_to_do() {
    assertThatThrownBy(() -> ImageFile.read(resource("cmyk.jpg")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cmyk.jpg")
        .hasMessageContaining("CMYK")
        .hasMessageContaining("convert it to RGB");
  }

  @Test
  void a_file_that_is_no_image_or_is_not_there_is_named(@TempDir Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("a.png"), "no image");
    for (Path path : List.of(text, folder, folder.resolve("none.png"))) {
      assertThatThrownBy(() -> ImageFile.read(path))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(path.toString())
          .hasMessageContaining("PNG");
    }
  }

  @Test
  void huge_dimensions_are_refused_before_anything_is_allocated() throws IOException {
    byte[] png = bytes("rgb.png");
    ByteBuffer.wrap(png).putInt(16, 2_000_000_000).putInt(20, 2_000_000_000);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
    byte[] jpeg = bytes("444.jpg");
    int frame = find(jpeg, 0xC0);
    ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 65535).putShort(frame + 7, (short) 65535);

    assertThatThrownBy(() -> ImageFile.read("bomb", png))
        .hasMessageContaining("bomb: 2000000000×2000000000 pixels are more than");
    assertThatThrownBy(() -> ImageFile.read("bomb", jpeg))
        .hasMessageContaining("bomb: 65535×65535 pixels are more than");
  }

  @Test
  void a_negative_width_is_refused() throws IOException {
    byte[] png = bytes("rgb.png");
    ByteBuffer.wrap(png).putInt(16, -1);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());

    assertThatThrownBy(() -> ImageFile.read("odd", png))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("both sides must be at least 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rgb.png", "interlaced.png", "420.jpg", "progressive.jpg"})
  void a_file_cut_off_anywhere_is_refused_with_its_name(String file) throws IOException {
    byte[] whole = bytes(file);
    for (int length = 0; length < whole.length; length += 1 + length / 40) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> ImageFile.read("cut", cut))
          .as("%s cut to %d", file, length)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cut");
    }
  }

  @Provide
  Arbitrary<String> files() {
    return Arbitraries.of(
        "rgb.png",
        "palette-4-bit.png",
        "gray-16-bit.png",
        "interlaced.png",
        "444.jpg",
        "progressive.jpg",
        "orientation-6.jpg");
  }

  /** A PNG's checksums catch every change; a JPEG may decode to another image, but never crash. */
  @Property(tries = 300)
  void a_changed_byte_gives_an_image_or_a_clear_error(
      @ForAll("files") String file, @ForAll int place, @ForAll byte change) throws IOException {
    byte[] damaged = bytes(file);
    int at = Math.floorMod(place, damaged.length);
    byte before = damaged[at];
    damaged[at] ^= change;
    try {
      RgbImage image = ImageFile.read("changed", damaged);
      assertThat(image.rgb()).hasSize(3 * image.width() * image.height());
      assertThat(file.endsWith(".jpg") || damaged[at] == before).isTrue();
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("changed");
    }
  }

  @Property(tries = 200)
  void a_png_with_right_checksums_and_wrong_content_gives_an_image_or_a_clear_error(
      @ForAll int place, @ForAll byte change) throws IOException {
    byte[] damaged = bytes("interlaced.png");
    ByteBuffer b = ByteBuffer.wrap(damaged);
    damaged[Math.floorMod(place, damaged.length - 8) + 8] ^= change;
    for (int at = 8; at + 12 <= damaged.length; ) {
      int length = b.getInt(at);
      if (length < 0 || length > damaged.length - at - 12) {
        break;
      }
      CRC32 crc = new CRC32();
      crc.update(damaged, at + 4, length + 4);
      b.putInt(at + 8 + length, (int) crc.getValue());
      at += 12 + length;
    }
    try {
      RgbImage image = ImageFile.read("changed", damaged);
      assertThat(image.rgb()).hasSize(3 * image.width() * image.height());
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("changed");
    }
  }

  private static byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(resource(file));
  }

  private static int find(byte[] file, int marker) {
    for (int i = 2; ; i++) {
      if ((file[i] & 0xFF) == 0xFF && (file[i + 1] & 0xFF) == marker) {
        return i;
      }
    }
  }
}
