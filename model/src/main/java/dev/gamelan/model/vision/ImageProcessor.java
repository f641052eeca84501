package dev.gamelan.model.vision;

import dev.gamelan.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns an image into what a tower reads, as {@code preprocessor_config.json} says: pad, resize,
 * crop, rescale, normalise. Published reference: transformers' {@code CLIPImageProcessor} and
 * {@code LlavaImageProcessor} over Pillow. Departures: sizes by {@code max_height} and {@code
 * longest_edge} and the filters 0, 4 and 5 are refused.
 *
 * @param square the colour (0 to 255) of the square that the image is put into first; empty = none
 * @param resize what size it gets, if any
 * @param crop what is cut from its middle, if anything
 * @param rescale what bytes are multiplied with; 1 = nothing
 * @param mean of red, green and blue, subtracted after rescaling
 * @param deviation of red, green and blue, divided by then
 */
public record ImageProcessor(
    List<Integer> square,
    Size resize,
    Resampling filter,
    Size crop,
    double rescale,
    List<Float> mean,
    List<Float> deviation) {
  private static final JsonMapper MAPPER = JsonMapper.shared();
  private static final String CONFIG = "preprocessor_config.json";
  private static final List<String> KINDS =
      List.of("CLIPImageProcessor", "CLIPFeatureExtractor", "LlavaImageProcessor");

  /** Of the images that CLIP was trained with. */
  private static final List<Double> CLIP_MEAN = List.of(0.48145466, 0.4578275, 0.40821073);

  private static final List<Double> CLIP_DEVIATION = List.of(0.26862954, 0.26130258, 0.27577711);

  /** A size to bring an image to. */
  public sealed interface Size {
    /** As it is. */
    record AsIs() implements Size {}

    /** The shorter side gets {@code pixels}, the longer one in proportion, rounded down. */
    record Shortest(int pixels) implements Size {}

    /** Both sides, whatever the proportion. */
    record Exact(int height, int width) implements Size {}
  }

  public ImageProcessor {
    square = List.copyOf(square);
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
  }

  /**
   * Reads the configuration beside a model: {@code preprocessor_config.json}, or the image part of
   * {@code processor_config.json}.
   *
   * @throws IllegalArgumentException if there is none, or it asks for what isn't there
   */
  public static ImageProcessor open(Path folder) {
    Path file = folder.resolve(CONFIG);
    try {
      if (Files.exists(file)) {
        return read(file.toString(), MAPPER.readTree(Files.readString(file)));
      }
      Path newer = folder.resolve("processor_config.json");
      if (Files.exists(newer)) {
        JsonNode part = MAPPER.readTree(Files.readString(newer)).path("image_processor");
        if (part.isObject()) {
          return read(newer + ": image_processor", part);
        }
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "image processor %s: no JSON: %s".formatted(folder, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "image processor %s: cannot be read: %s".formatted(folder, e.getMessage()), e);
    }
    throw new IllegalArgumentException(
        "image processor %s: %s is missing; it says how images are prepared for the model"
            .formatted(folder, CONFIG));
  }

  /**
   * Reads a configuration.
   *
   * @param where for messages
   */
  public static ImageProcessor read(String where, JsonNode json) {
    ProcessorConfig c = new ProcessorConfig(where, json);
    String kind = c.text("image_processor_type", "feature_extractor_type").orElse(KINDS.getFirst());
    if (!KINDS.contains(kind.replaceFirst("(Fast|Pil)$", ""))) {
      throw new IllegalArgumentException(
          "%s: images are prepared by \"%s\"; known are %s".formatted(where, kind, KINDS));
    }
    return new ImageProcessor(
        c.flag("do_pad", false) ? c.color(CLIP_MEAN) : List.of(),
        c.flag("do_resize", true) ? c.size("size", 224, true) : new Size.AsIs(),
        c.filter(),
        c.flag("do_center_crop", true) ? c.size("crop_size", 224, false) : new Size.AsIs(),
        c.flag("do_rescale", true) ? c.number("rescale_factor", 1 / 255.0) : 1,
        c.flag("do_normalize", true) ? c.three("image_mean", CLIP_MEAN) : List.of(0f, 0f, 0f),
        c.flag("do_normalize", true) ? c.three("image_std", CLIP_DEVIATION) : List.of(1f, 1f, 1f));
  }

  /**
   * The image as the tower reads it.
   *
   * @return [3, height, width], the caller's
   * @throws IllegalArgumentException if a step would make an image that is too large
   */
  public Tensor process(RgbImage image) {
    RgbImage cut = cut(image);
    int pixels = cut.width() * cut.height();
    float[] values = new float[3 * pixels];
    for (int c = 0; c < 3; c++) {
      float m = mean.get(c);
      float d = deviation.get(c);
      for (int i = 0; i < pixels; i++) {
        float scaled = (float) ((cut.rgb()[3 * i + c] & 0xFF) * rescale);
        values[c * pixels + i] = (scaled - m) / d;
      }
    }
    return Tensor.copyOf(values, 3, cut.height(), cut.width());
  }

  /** The bytes that are rescaled and normalised: after padding, resizing and cropping. */
  RgbImage cut(RgbImage image) {
    RgbImage whole = square.isEmpty() ? image : image.square(square);
    RgbImage sized =
        switch (resize) {
          case Size.AsIs() -> whole;
          case Size.Exact(int height, int width) -> filter.resize(whole, width, height);
          case Size.Shortest(int pixels) -> shortest(whole, pixels);
        };
    return switch (crop) {
      case Size.AsIs() -> sized;
      case Size.Exact(int height, int width) -> sized.center(width, height);
      case Size.Shortest(int pixels) -> sized.center(pixels, pixels);
    };
  }

  private RgbImage shortest(RgbImage image, int pixels) {
    int shorter = Math.min(image.width(), image.height());
    int longer = Math.max(image.width(), image.height());
    double other = (double) ((long) pixels * longer) / shorter;
    if (other * pixels > RgbImage.MOST_PIXELS) {
      throw new IllegalArgumentException(
          "image of %d×%d pixels: with the shorter side brought to %d, it would have more than the %,d that are read; cut it first"
              .formatted(image.width(), image.height(), pixels, RgbImage.MOST_PIXELS));
    }
    return image.width() <= image.height()
        ? filter.resize(image, pixels, (int) other)
        : filter.resize(image, (int) other, pixels);
  }
}
