package dev.gamelan.eval.lm;

/** What a language model answered to a {@link Request}. */
public sealed interface Answer {
  /**
   * To a log-likelihood.
   *
   * @param loglikelihood natural logarithm
   * @param greedy whether each of its tokens is the likeliest
   * @param tokens how many tokens were scored; 0 where that isn't known
   */
  record Score(double loglikelihood, boolean greedy, int tokens) implements Answer {}

  /** To a rolling log-likelihood. */
  record Rolled(double loglikelihood) implements Answer {}

  /** To a generation: the text before any stop. */
  record Text(String text) implements Answer {}
}
