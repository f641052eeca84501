package dev.gamelan.app.tokens;

import dev.gamelan.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * How several tokenizers cut the same texts.
 *
 * @param tokenizers in the order given
 * @param samples the languages
 * @param counts for each tokenizer, for each language
 * @param baseline the index of the tokenizer that the others are compared with
 */
public record Comparison(
    List<Named> tokenizers, List<Sample> samples, List<List<Count>> counts, int baseline) {
  /** Of fewer letters than this share kept, a text is lost, and its count says nothing. */
  private static final double WHOLE = 0.98;

  /** A tokenizer and what it is called. */
  public record Named(String name, Tokenizer tokenizer) {}

  /**
   * What became of a language's texts.
   *
   * @param tokens how many tokens
   * @param kept what share of the letters decoding gives back: less than 1 where characters are
   *     unknown
   */
  public record Count(long tokens, double kept) {
    /** Whether the tokens stand for the text. */
    public boolean whole() {
      return kept >= WHOLE;
    }
  }

  public Comparison {
    tokenizers = List.copyOf(tokenizers);
    samples = List.copyOf(samples);
    counts = counts.stream().map(List::copyOf).toList();
  }

  /**
   * Cuts all texts with all tokenizers; special tokens written in them are text.
   *
   * @param told runs after each tokenizer
   */
  public static Comparison of(
      List<Named> tokenizers, List<Sample> samples, int baseline, Runnable told) {
    List<List<Count>> counts = new ArrayList<>();
    for (Named named : tokenizers) {
      counts.add(samples.parallelStream().map(sample -> count(named.tokenizer(), sample)).toList());
      told.run();
    }
    return new Comparison(tokenizers, samples, counts, baseline);
  }

  private static Count count(Tokenizer tokenizer, Sample sample) {
    long tokens = 0;
    long letters = 0;
    for (String text : sample.texts()) {
      int[] ids = tokenizer.encode(text);
      tokens += ids.length;
      letters += Math.min(Sample.letters(text), Sample.letters(decoded(tokenizer, ids)));
    }
    return new Count(tokens, (double) letters / sample.letters());
  }

  // Without tokens that stand for what is unknown: their names have letters, too.
  private static String decoded(Tokenizer tokenizer, int[] ids) {
    int n = 0;
    int[] plain = new int[ids.length];
    for (int id : ids) {
      if (!tokenizer.isSpecial(id)) {
        plain[n++] = id;
      }
    }
    return tokenizer.decode(java.util.Arrays.copyOf(plain, n));
  }

  /** What became of a language with a tokenizer. */
  public Count count(int tokenizer, int sample) {
    return counts.get(tokenizer).get(sample);
  }

  /** Tokens a byte. */
  public double perByte(int tokenizer, int sample) {
    return (double) count(tokenizer, sample).tokens() / samples.get(sample).bytes();
  }

  /** Tokens a code point. */
  public double perCharacter(int tokenizer, int sample) {
    return (double) count(tokenizer, sample).tokens() / samples.get(sample).characters();
  }

  /** Fertility: tokens a word. */
  public double perWord(int tokenizer, int sample) {
    return (double) count(tokenizer, sample).tokens() / Math.max(1, samples.get(sample).words());
  }

  /**
   * How many tokens the baseline needs for one of this tokenizer's: above 1, this one compresses
   * better. NaN where one of the two loses the text.
   */
  public double against(int tokenizer, int sample) {
    Count own = count(tokenizer, sample);
    Count other = count(baseline, sample);
    return own.whole() && other.whole() ? (double) other.tokens() / own.tokens() : Double.NaN;
  }

  /** {@link #against} of all languages where it is known, ascending. */
  public double[] sorted(int tokenizer) {
    return java.util.stream.IntStream.range(0, samples.size())
        .mapToDouble(sample -> against(tokenizer, sample))
        .filter(x -> !Double.isNaN(x))
        .sorted()
        .toArray();
  }
}
