package dev.gamelan.model.generate;

import java.util.List;

/**
 * How an answer is drawn.
 *
 * @param maxTokens tokens at most, at least 1
 * @param temperature logits are divided by it; 0 = greedy
 * @param topK only the k most likely; 0 = all (Fan et al., 2018)
 * @param topP only the most likely whose probabilities sum to p; 1 = all (Holtzman et al., 2020)
 * @param minP only those at least minP as likely as the likeliest; 0 = all (Nguyen et al., 2024)
 * @param repetitionPenalty logits of tokens that occurred are divided by it, if positive, else
 *     multiplied; 1 = none (Keskar et al., 2019)
 * @param seed same seed, same answer
 * @param stops the answer ends before the first of these
 */
public record Sampling(
    int maxTokens,
    double temperature,
    int topK,
    double topP,
    double minP,
    double repetitionPenalty,
    long seed,
    List<String> stops) {
  public Sampling {
    stops = List.copyOf(stops);
    check("max tokens", maxTokens, maxTokens >= 1, "at least 1");
    check("temperature", temperature, temperature >= 0 && temperature <= 1e3, "in [0, 1000]");
    check("top-k", topK, topK >= 0, "at least 0 (0 = all)");
    check("top-p", topP, topP > 0 && topP <= 1, "in (0, 1]");
    check("min-p", minP, minP >= 0 && minP <= 1, "in [0, 1]");
    check(
        "repetition penalty",
        repetitionPenalty,
        repetitionPenalty > 0 && repetitionPenalty <= 1e3,
        "in (0, 1000]");
    if (stops.contains("")) {
      throw new IllegalArgumentException("sampling: a stop string is empty; leave it out");
    }
  }

  private static void check(String what, double value, boolean ok, String rule) {
    if (!ok) {
      throw new IllegalArgumentException(
          "sampling: %s is %s; it must be %s".formatted(what, value, rule));
    }
  }

  /** Always the likeliest token. */
  public static Sampling greedy(int maxTokens) {
    return new Sampling(maxTokens, 0, 0, 1, 0, 1, 0, List.of());
  }
}
