package dev.gamelan.model.vision;

/**
 * Resizing as Pillow's: a filter whose support grows with the reduction, so that every source pixel
 * counts; columns and rows one after the other; weights in fixed point of 22 bits, rounded after
 * each of the two. Published reference: Pillow's {@code Resample.c}. Departures: none from version
 * 13; earlier ones always take the columns first, which differs by a level here and there.
 */
public enum Resampling {
  LANCZOS(1, 3) {
    @Override
    double weight(double x) {
      return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0;
    }
  },
  BILINEAR(2, 1) {
    @Override
    double weight(double x) {
      return Math.max(0, 1 - Math.abs(x));
    }
  },
  BICUBIC(3, 2) {
    /** Keys' cubic with a = −0.5. */
    @Override
    double weight(double x) {
      double a = -0.5;
      double d = Math.abs(x);
      if (d < 1) {
        return ((a + 2) * d - (a + 3)) * d * d + 1;
      }
      return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
    }
  };

  private static final int BITS = 22;

  private final int number;
  private final double support;

  Resampling(int number, double support) {
    this.number = number;
    this.support = support;
  }

  abstract double weight(double x);

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
  }

  /**
   * The filter of Pillow's number.
   *
   * @throws IllegalArgumentException if it is another
   */
  static Resampling of(int number) {
    for (Resampling r : values()) {
      if (r.number == number) {
        return r;
      }
    }
    throw new IllegalArgumentException(
        "resample is %d; known are 1 (Lanczos), 2 (bilinear), 3 (bicubic)".formatted(number));
  }

  /** Which source elements make a target element, and their weights. */
  private record Taps(int[] first, int[][] weights) {}

  private Taps taps(int from, int to) {
    double scale = (double) from / to;
    double wide = Math.max(scale, 1);
    double reach = support * wide;
    int[] first = new int[to];
    int[][] weights = new int[to][];
    for (int i = 0; i < to; i++) {
      double center = (i + 0.5) * scale;
      int begin = Math.max(0, (int) (center - reach + 0.5));
      int end = Math.min(from, (int) (center + reach + 0.5));
      double[] exact = new double[end - begin];
      double sum = 0;
      for (int j = 0; j < exact.length; j++) {
        exact[j] = weight((j + begin - center + 0.5) * (1 / wide));
        sum += exact[j];
      }
      int[] fixed = new int[exact.length];
      for (int j = 0; j < exact.length; j++) {
        double w = (sum == 0 ? exact[j] : exact[j] / sum) * (1 << BITS);
        fixed[j] = (int) (w < 0 ? w - 0.5 : w + 0.5);
      }
      first[i] = begin;
      weights[i] = fixed;
    }
    return new Taps(first, weights);
  }

  /** The image in another size, the same image if it has that size. */
  RgbImage resize(RgbImage image, int width, int height) {
    RgbImage.check("image resized", width, height);
    int fewerRows = image.height() - height;
    int fewerColumns = image.width() - width;
    // Pillow's order, found by experiment: what shrinks much goes first.
    boolean rowsFirst = fewerRows > 0 && fewerRows > 2L * fewerColumns;
    return rowsFirst
        ? toWidth(toHeight(image, height), width)
        : toHeight(toWidth(image, width), height);
  }

  private RgbImage toWidth(RgbImage image, int width) {
    return width == image.width() ? image : columns(image, width);
  }

  private RgbImage toHeight(RgbImage image, int height) {
    return height == image.height() ? image : rows(image, height);
  }

  private RgbImage columns(RgbImage image, int width) {
    RgbImage.check("image resized", width, image.height());
    Taps taps = taps(image.width(), width);
    byte[] from = image.rgb();
    byte[] out = new byte[3 * width * image.height()];
    for (int y = 0; y < image.height(); y++) {
      int row = 3 * y * image.width();
      int to = 3 * y * width;
      for (int x = 0; x < width; x++) {
        int[] w = taps.weights[x];
        int at = row + 3 * taps.first[x];
        int r = 1 << (BITS - 1);
        int g = r;
        int b = r;
        for (int j = 0; j < w.length; j++, at += 3) {
          r += (from[at] & 0xFF) * w[j];
          g += (from[at + 1] & 0xFF) * w[j];
          b += (from[at + 2] & 0xFF) * w[j];
        }
        out[to++] = clamp(r);
        out[to++] = clamp(g);
        out[to++] = clamp(b);
      }
    }
    return new RgbImage(width, image.height(), out);
  }

  private RgbImage rows(RgbImage image, int height) {
    RgbImage.check("image resized", image.width(), height);
    Taps taps = taps(image.height(), height);
    byte[] from = image.rgb();
    int stride = 3 * image.width();
    byte[] out = new byte[stride * height];
    int[] sums = new int[stride];
    for (int y = 0; y < height; y++) {
      java.util.Arrays.fill(sums, 1 << (BITS - 1));
      int[] w = taps.weights[y];
      for (int j = 0; j < w.length; j++) {
        int at = (taps.first[y] + j) * stride;
        for (int x = 0; x < stride; x++) {
          sums[x] += (from[at + x] & 0xFF) * w[j];
        }
      }
      for (int x = 0; x < stride; x++) {
        out[y * stride + x] = clamp(sums[x]);
      }
    }
    return new RgbImage(image.width(), height, out);
  }

  private static byte clamp(int sum) {
    return (byte) Math.clamp(sum >> BITS, 0, 255);
  }
}
