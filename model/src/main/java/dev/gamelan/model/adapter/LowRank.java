package dev.gamelan.model.adapter;

/**
 * A side path of a linear part: y += scale·B(A·x), with A [rank, in] and B [out, rank] (Hu et al.,
 * 2021).
 *
 * @param rank at least 1
 * @param scale usually alpha/rank
 */
public record LowRank(int rank, double scale) {
  private static final String A = ".lora_a.weight";
  private static final String B = ".lora_b.weight";

  public LowRank {
    if (rank < 1 || !Double.isFinite(scale)) {
      throw new IllegalArgumentException(
          "lora: rank %d, scale %s; the rank must be at least 1, the scale finite"
              .formatted(rank, scale));
    }
  }

  /** Our name of the A of a linear part, e.g. of {@code layers.3.attention.q}. */
  public static String a(String linear) {
    return linear + A;
  }

  public static String b(String linear) {
    return linear + B;
  }

  /** Whether a parameter belongs to an adapter. */
  public static boolean is(String parameter) {
    return parameter.endsWith(A) || parameter.endsWith(B);
  }
}
