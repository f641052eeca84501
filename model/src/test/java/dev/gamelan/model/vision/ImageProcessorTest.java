package dev.gamelan.model.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.model.checkpoint.Safetensors;
import dev.gamelan.tensor.Tensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Images become the values that transformers' processors over Pillow make of them. The goldens are
 * of transformers 5.23 ({@code CLIPImageProcessorPil}, {@code LlavaImageProcessorPil}) and Pillow
 * 13.0.
 */
class ImageProcessorTest {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  static Path resource(String name) {
    try {
      return Path.of(ImageProcessorTest.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Stream<JsonNode> cases() throws IOException {
    List<JsonNode> cases = new ArrayList<>();
    MAPPER.readTree(Files.readString(resource("cases.json"))).forEach(cases::add);
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void an_image_gets_the_values_of_the_reference(JsonNode golden) {
    ImageProcessor processor = ImageProcessor.read("test", golden.path("config"));
    RgbImage image = ImageFile.read(resource(golden.path("image").stringValue()));
    Tensor want =
        Safetensors.open(resource("goldens.safetensors"))
            .tensor(golden.path("expected").stringValue());

    Tensor got = processor.process(image);

    assertThat(got.shape()).isEqualTo(want.shape());
    if (golden.path("config").path("do_rescale").asBoolean(true)) {
      float[] a = got.toFloats();
      float[] b = want.toFloats();
      for (int i = 0; i < a.length; i++) {
        assertThat(a[i])
            .as("value %d", i)
            .isCloseTo(b[i], org.assertj.core.data.Offset.offset(1e-6f));
      }
    } else {
      assertThat(java.util.Arrays.mismatch(got.toFloats(), want.toFloats())).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"resample\": 0}                      | resample is 0; known are 1 (Lanczos)",
        "{\"size\": {\"longest_edge\": 4}}      | size is {\"longest_edge\":4}; it must be a number",
        "{\"size\": {\"height\": 4}}            | size is {\"height\":4}",
        "{\"crop_size\": {\"shortest_edge\": 4}} | crop_size is {\"shortest_edge\":4}",
        "{\"size\": 0}                          | size is 0; it must be integers of at least 1",
        "{\"image_mean\": [1, 2]}               | image_mean is [1,2]; it must be a finite number",
        "{\"image_std\": [1, 0, 1]}             | image_std is [1,0,1]; it must be other than 0",
        "{\"do_resize\": 1}                     | do_resize is 1; it must be true or false",
        "{\"image_processor_type\": \"ViTImageProcessor\"} | prepared by \"ViTImageProcessor\"",
        "[]                                     | a JSON object is expected"
      })
  void a_configuration_that_asks_for_what_is_not_there_is_refused(String json, String message) {
    assertThatThrownBy(() -> ImageProcessor.read("p.json", MAPPER.readTree(json)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("p.json: ")
        .hasMessageContaining(message);
  }

  @Test
  void the_newer_file_holds_the_same_configuration(@TempDir Path folder) throws IOException {
    String part = "{\"image_processor_type\": \"CLIPImageProcessorFast\", \"size\": 20}";
    Files.writeString(
        folder.resolve("processor_config.json"), "{\"image_processor\": " + part + "}");
    ImageProcessor newer = ImageProcessor.open(folder);
    Files.writeString(folder.resolve("preprocessor_config.json"), part);

    assertThat(newer).isEqualTo(ImageProcessor.open(folder));
    assertThat(newer.resize()).isEqualTo(new ImageProcessor.Size.Shortest(20));
  }

  @Test
  void a_model_without_a_processor_is_named(@TempDir Path folder) {
    assertThatThrownBy(() -> ImageProcessor.open(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("preprocessor_config.json is missing");
  }

  @Test
  void a_long_thin_image_that_would_grow_beyond_measure_is_refused() {
    ImageProcessor processor =
        ImageProcessor.read("test", MAPPER.readTree("{\"size\": {\"shortest_edge\": 336}}"));
    RgbImage thin = new RgbImage(1, 100_000, new byte[300_000]);

    assertThatThrownBy(() -> processor.process(thin))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1×100000")
        .hasMessageContaining("cut it first");
  }
}
