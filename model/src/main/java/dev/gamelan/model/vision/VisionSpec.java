package dev.gamelan.model.vision;

import dev.gamelan.tensor.spi.Activation;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What an image tower is made of, as data: a vision transformer as CLIP's (Radford et al., 2021)
 * with a projector of two layers to the decoder's width (Liu et al., 2023, "Improved baselines").
 *
 * @param channels of an image, 3 for RGB
 * @param imageSize height and width of an image in pixels
 * @param patchSize height and width of a patch; what is left of the image beyond whole patches is
 *     not read, as a convolution of this stride doesn't
 * @param width columns of the tower's rows
 * @param layers of the tower
 * @param heads a divisor of width
 * @param hidden columns of its MLP
 * @param eps of its layer norms
 * @param featureLayers after which layers its rows become features, side by side in this order; 0
 *     is before the first layer, {@code layers} after the last
 * @param classRow whether the row that isn't a patch is a feature, too
 * @param imageToken the token that stands for one feature of an image
 */
public record VisionSpec(
    int channels,
    int imageSize,
    int patchSize,
    int width,
    int layers,
    int heads,
    int hidden,
    Activation activation,
    float eps,
    List<Integer> featureLayers,
    boolean classRow,
    Activation projectorActivation,
    boolean projectorBias,
    int imageToken) {
  public VisionSpec {
    featureLayers = List.copyOf(featureLayers);
    if (patchSize < 1 || imageSize < patchSize || channels < 1 || layers < 1 || hidden < 1) {
      throw new IllegalArgumentException(
          "vision: %d channels, images of %d, patches of %d, %d layers, MLP %d; all must be at least 1 and a patch must fit"
              .formatted(channels, imageSize, patchSize, layers, hidden));
    }
    if (heads < 1 || width < 1 || width % heads != 0) {
      throw new IllegalArgumentException(
          "vision: width %d is not a multiple of %d heads".formatted(width, heads));
    }
    if (featureLayers.isEmpty()) {
      throw new IllegalArgumentException("vision: no feature layer is named; name at least one");
    }
    for (int layer : featureLayers) {
      if (layer < 0 || layer > layers) {
        throw new IllegalArgumentException(
            "vision: feature layer %d; it must be between 0 and the %d layers"
                .formatted(layer, layers));
      }
    }
    if ((long) channels * imageSize * imageSize > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "vision: %d channels of %d×%d pixels are too many to count"
              .formatted(channels, imageSize, imageSize));
    }
  }

  /** Patches an image. */
  public int patches() {
    int side = imageSize / patchSize;
    return side * side;
  }

  /** Rows an image in the tower: the class row, then the patches. */
  public int rows() {
    return patches() + 1;
  }

  /** Features an image: as many tokens stand for it. */
  public int features() {
    return patches() + (classRow ? 1 : 0);
  }

  /** Values of a patch: channel by channel, row by row. */
  public int patchValues() {
    return channels * patchSize * patchSize;
  }

  /** Values of an image. */
  public int pixels() {
    return channels * imageSize * imageSize;
  }

  /**
   * Puts an image token for every feature where one stands for an image. Tokens that stand for
   * every feature already stay as they are.
   *
   * @param name the image token as people write it, for messages
   * @throws IllegalArgumentException if there are more or fewer image tokens than images
   */
  public int[] expanded(int[] ids, int images, String name) {
    long places = IntStream.of(ids).filter(id -> id == imageToken).count();
    if (places == (long) images * features() && images > 0) {
      return ids.clone();
    }
    if (places != images) {
      throw new IllegalArgumentException(
          "the prompt has %d image tokens (%s) for %d images; put one where each image belongs"
              .formatted(places, name, images));
    }
    return IntStream.of(ids)
        .flatMap(id -> IntStream.range(0, id == imageToken ? features() : 1).map(i -> id))
        .toArray();
  }

  /** Layers that are computed: what comes after the last feature layer is never read. */
  int depth() {
    return featureLayers.stream().mapToInt(i -> i).max().orElseThrow();
  }
}
