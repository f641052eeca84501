package dev.gamelan.model.vision;

import java.util.List;

/**
 * An image of three bytes a pixel: red, green, blue; row by row from the top.
 *
 * @param rgb 3·width·height bytes
 */
public record RgbImage(int width, int height, byte[] rgb) {
  /**
   * Pixels an image may have at most: those of the largest cameras. Beyond lies what is made to
   * fill memories (Pillow warns from here on, too).
   */
  public static final long MOST_PIXELS = 89_478_485;

  public RgbImage {
    if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "image: %d×%d pixels in %d bytes; both sides must be at least 1, and three bytes a pixel"
              .formatted(width, height, rgb.length));
    }
  }

  /**
   * Refuses dimensions before anything is allocated for them.
   *
   * @throws IllegalArgumentException if there are no pixels or too many
   */
  static void check(String what, long width, long height) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "%s: %d×%d pixels; both sides must be at least 1".formatted(what, width, height));
    }
    if (width > MOST_PIXELS || height > MOST_PIXELS || width * height > MOST_PIXELS) {
      throw new IllegalArgumentException(
          "%s: %d×%d pixels are more than the %,d that are read; make the image smaller first"
              .formatted(what, width, height, MOST_PIXELS));
    }
  }

  /** An element as an unsigned number. */
  int at(int y, int x, int channel) {
    return rgb[3 * (y * width + x) + channel] & 0xFF;
  }

  /**
   * The image as it is to be looked at, by the number of Exif's orientation (1 = as it is; numbers
   * outside 1 to 8 count as 1).
   */
  RgbImage upright(int orientation) {
    if (orientation < 2 || orientation > 8) {
      return this;
    }
    boolean turned = orientation >= 5;
    int w = turned ? height : width;
    int h = turned ? width : height;
    byte[] out = new byte[rgb.length];
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        int fromX =
            switch (orientation) {
              case 2, 3 -> width - 1 - x;
              case 5, 8 -> orientation == 5 ? y : width - 1 - y;
              case 6 -> y;
              case 7 -> width - 1 - y;
              default -> x;
            };
        int fromY =
            switch (orientation) {
              case 3, 4 -> height - 1 - y;
              case 5, 8 -> x;
              case 6, 7 -> height - 1 - x;
              default -> y;
            };
        System.arraycopy(rgb, 3 * (fromY * width + fromX), out, 3 * (y * w + x), 3);
      }
    }
    return new RgbImage(w, h, out);
  }

  /** In the middle of a square of its longer side, the rest of one colour. */
  RgbImage square(List<Integer> background) {
    if (width == height) {
      return this;
    }
    int side = Math.max(width, height);
    check("image padded to a square", side, side);
    byte[] out = new byte[3 * side * side];
    for (int i = 0; i < out.length; i++) {
      out[i] = background.get(i % 3).byteValue();
    }
    int left = (side - width) / 2;
    int top = (side - height) / 2;
    for (int y = 0; y < height; y++) {
      System.arraycopy(rgb, 3 * y * width, out, 3 * ((top + y) * side + left), 3 * width);
    }
    return new RgbImage(side, side, out);
  }

  /**
   * The middle of the image; where it is smaller, black around it, as numpy's and transformers'
   * {@code center_crop} have it.
   */
  RgbImage center(int w, int h) {
    check("image cropped", w, h);
    // Python's // rounds down; where the image is smaller, the odd row comes before it.
    int top = Math.floorDiv(height - h, 2);
    int left = Math.floorDiv(width - w, 2);
    byte[] out = new byte[3 * w * h];
    for (int y = 0; y < h; y++) {
      int from = top + y;
      int first = Math.max(0, -left);
      int end = Math.min(w, width - left);
      if (from >= 0 && from < height && first < end) {
        System.arraycopy(
            rgb, 3 * (from * width + left + first), out, 3 * (y * w + first), 3 * (end - first));
      }
    }
    return new RgbImage(w, h, out);
  }
}
