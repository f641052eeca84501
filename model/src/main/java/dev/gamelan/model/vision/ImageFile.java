package dev.gamelan.model.vision;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Reads PNG and JPEG files as transformers' {@code load_image} and {@code convert_to_rgb} do:
 * turned as Exif says, three bytes a pixel, what is transparent over white. Colour profiles are not
 * applied.
 *
 * <p>Departure: of 16 bits the upper 8 are taken, of gray images, too, which Pillow clips at 255
 * (they turn white).
 */
public final class ImageFile {
  /** Bytes that a file may have at most. */
  private static final long MOST_BYTES = 512L << 20;

  private ImageFile() {}

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it isn't there, is no PNG or JPEG file, is damaged, or has
   *     too many pixels; nothing is allocated for them then
   */
  public static RgbImage read(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException(
            "image %s: %s; a PNG or JPEG file is expected"
                .formatted(file, Files.exists(file) ? "this is no file" : "there is no such file"));
      }
      if (Files.size(file) > MOST_BYTES) {
        throw new IllegalArgumentException(
            "image %s: %,d bytes are more than the %,d that are read"
                .formatted(file, Files.size(file), MOST_BYTES));
      }
      return read(file.toString(), Files.readAllBytes(file));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "image %s: cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }

  /**
   * Reads the bytes of a file.
   *
   * @param name for messages
   * @throws IllegalArgumentException as {@link #read(Path)}
   */
  public static RgbImage read(String name, byte[] file) {
    if (PngFile.is(file)) {
      PngFile png = PngFile.read(name, file);
      return decode(name, "png", file, reader -> png(name, png, reader)).upright(png.orientation());
    }
    if (JpegFile.is(file)) {
      JpegFile jpeg = JpegFile.read(name, file);
      return decode(name, "jpeg", file, reader -> jpeg(name, jpeg, reader))
          .upright(jpeg.orientation());
    }
    throw new IllegalArgumentException(
        "image %s: neither a PNG nor a JPEG file; convert it to one of them".formatted(name));
  }

  private interface Decoding {
    RgbImage run(ImageReader reader) throws IOException;
  }

  private static RgbImage decode(String name, String format, byte[] file, Decoding decoding) {
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    List<String> warnings = new ArrayList<>();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      reader.setInput(in, true, true);
      reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
      RgbImage image = decoding.run(reader);
      // What the decoder made up for missing data isn't the image; bytes too many do no harm.
      for (String warning : warnings) {
        if (!warning.contains("extraneous")) {
          throw new IllegalArgumentException(
              "image %s: a damaged %s file: %s; get it again".formatted(name, format, warning));
        }
      }
      return image;
    } catch (IOException | IndexOutOfBoundsException | NegativeArraySizeException e) {
      throw new IllegalArgumentException(
          "image %s: a damaged %s file: %s; get it again".formatted(name, format, e.getMessage()),
          e);
    } finally {
      reader.dispose();
    }
  }

  private static RgbImage png(String name, PngFile png, ImageReader reader) throws IOException {
    BufferedImage image = reader.read(0);
    Raster raster = image.getRaster();
    checkSize(name, raster, png.width(), png.height());
    int bands = raster.getNumBands();
    int shift = Math.max(0, raster.getSampleModel().getSampleSize(0) - 8);
    int[] line = new int[raster.getWidth() * bands];
    byte[] rgb = new byte[3 * raster.getWidth() * raster.getHeight()];
    int to = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, line);
      for (int x = 0; x < raster.getWidth(); x++, to += 3) {
        if (image.getColorModel() instanceof IndexColorModel palette) {
          int color = line[x] < palette.getMapSize() ? palette.getRGB(line[x]) : 0xFF << 24;
          overWhite(color >> 16 & 0xFF, color >> 8 & 0xFF, color & 0xFF, color >>> 24, rgb, to);
        } else {
          int at = x * bands;
          int green = bands < 3 ? 0 : 1;
          int alpha = bands % 2 == 0 ? line[at + bands - 1] >> shift : 255;
          overWhite(
              line[at] >> shift,
              line[at + green] >> shift,
              line[at + 2 * green] >> shift,
              alpha,
              rgb,
              to);
        }
      }
    }
    return new RgbImage(raster.getWidth(), raster.getHeight(), rgb);
  }

  private static void overWhite(int red, int green, int blue, int alpha, byte[] to, int at) {
    to[at] = (byte) overWhite(red, alpha);
    to[at + 1] = (byte) overWhite(green, alpha);
    to[at + 2] = (byte) overWhite(blue, alpha);
  }

  /** Pillow's rounding of (value·alpha + 255·(255 − alpha)) / 255. */
  private static int overWhite(int value, int alpha) {
    int sum = (value * alpha + 255 * (255 - alpha) + 0x80) << 7;
    return ((sum >> 8) + sum >> 8) >> 7;
  }

  private static RgbImage jpeg(String name, JpegFile jpeg, ImageReader reader) throws IOException {
    // The raster, not the image: no colour profile is applied then, nor a guess at colour spaces.
    Raster raster = reader.readRaster(0, null);
    checkSize(name, raster, jpeg.width(), jpeg.height());
    int bands = jpeg.components();
    int[] line = new int[raster.getWidth() * bands];
    byte[] rgb = new byte[3 * raster.getWidth() * raster.getHeight()];
    int to = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(0, y, raster.getWidth(), 1, line);
      for (int x = 0; x < raster.getWidth(); x++, to += 3) {
        if (bands == 1) {
          rgb[to] = (byte) line[x];
          rgb[to + 1] = (byte) line[x];
          rgb[to + 2] = (byte) line[x];
        } else if (jpeg.luma()) {
          rgb(line[3 * x], line[3 * x + 1] - 128, line[3 * x + 2] - 128, rgb, to);
        } else {
          rgb[to] = (byte) line[3 * x];
          rgb[to + 1] = (byte) line[3 * x + 1];
          rgb[to + 2] = (byte) line[3 * x + 2];
        }
      }
    }
    return new RgbImage(raster.getWidth(), raster.getHeight(), rgb);
  }

  /** JFIF's conversion in 16 bits of fixed point, rounded as libjpeg does. */
  private static void rgb(int y, int blue, int red, byte[] to, int at) {
    int half = 1 << 15;
    to[at] = clamp(y + ((fixed(1.402) * red + half) >> 16));
    to[at + 1] = clamp(y + ((-fixed(0.34414) * blue - fixed(0.71414) * red + half) >> 16));
    to[at + 2] = clamp(y + ((fixed(1.772) * blue + half) >> 16));
  }

  private static int fixed(double factor) {
    return (int) (factor * 65536 + 0.5);
  }

  private static byte clamp(int value) {
    return (byte) Math.clamp(value, 0, 255);
  }

  private static void checkSize(String name, Raster raster, int width, int height) {
    if (raster.getWidth() != width || raster.getHeight() != height) {
      throw new IllegalArgumentException(
          "image %s: its header says %d×%d pixels, its data are %d×%d"
              .formatted(name, width, height, raster.getWidth(), raster.getHeight()));
    }
  }
}
