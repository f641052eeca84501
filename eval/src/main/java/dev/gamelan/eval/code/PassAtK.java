package dev.gamelan.eval.code;

/** How likely one of k samples is right. */
public final class PassAtK {
  private PassAtK() {}

  /**
   * The unbiased estimate of "Evaluating Large Language Models Trained on Code" (Chen et al.,
   * 2021): 1 − C(n−c, k) / C(n, k).
   *
   * @param n samples
   * @param c those of them that are right
   * @throws IllegalArgumentException unless 0 ≤ c ≤ n and 1 ≤ k ≤ n
   */
  public static double of(int n, int c, int k) {
    if (c < 0 || c > n || k < 1 || k > n) {
      throw new IllegalArgumentException(
          "pass@%d of %d samples, %d of them right: k must be 1 to the number of samples (repeats)"
              .formatted(k, n, c));
    }
    if (n - c < k) {
      return 1;
    }
    double none = 1;
    for (int i = n - c + 1; i <= n; i++) {
      none *= 1.0 - (double) k / i;
    }
    return 1 - none;
  }
}
