package dev.gamelan.text.train;

import dev.gamelan.text.hf.TextNormalizer;
import dev.gamelan.text.sp.SpModel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * How a vocabulary of SentencePiece's kind is learnt: of characters, with spaces written U+2581.
 *
 * @param algorithm by merges or as a unigram model
 * @param vocabularySize the number of ids wanted, all kinds of tokens included; fewer are learnt
 *     where the text has no more
 * @param controls control tokens, which get the first ids; the first is the unknown one
 * @param normalizer what is done to texts first
 * @param dummyPrefix whether a space is put before a text
 * @param byteFallback whether characters that are no token become the tokens of their bytes, so
 *     that decoding gives back every text
 * @param coverage what share of all characters of the text must be tokens, in (0, 1]
 * @param splitDigits whether every digit is a token of its own
 * @param splitScripts whether no token has letters of two scripts, or letters with digits or
 *     punctuation
 * @param spaceRuns whether several spaces in a row may be a token
 * @param longestPiece the most characters of a token
 * @param minFrequency the least number of times a pair must occur to be merged, at least 1
 * @param seeds with how many tokens the unigram's pruning begins at most
 * @param science tokens for scientific texts
 * @param threads how many threads work; the result doesn't depend on it
 */
public record PieceTrainingOptions(
    SpModel.Algorithm algorithm,
    int vocabularySize,
    List<String> controls,
    Optional<TextNormalizer> normalizer,
    boolean dummyPrefix,
    boolean byteFallback,
    double coverage,
    boolean splitDigits,
    boolean splitScripts,
    boolean spaceRuns,
    int longestPiece,
    long minFrequency,
    int seeds,
    Optional<ScienceTokens> science,
    int threads) {
  public PieceTrainingOptions {
    controls = List.copyOf(controls);
    if (controls.isEmpty() || new HashSet<>(controls).size() != controls.size()) {
      throw new IllegalArgumentException(
          "tokenizer training: the control tokens %s must be different, and the first is the unknown one"
              .formatted(controls));
    }
    for (String token : controls) {
      if (token.codePointCount(0, token.length()) < 2) {
        throw new IllegalArgumentException(
            "tokenizer training: the special token \"%s\" must have at least two characters"
                .formatted(token));
      }
    }
    if (science.isPresent() && dummyPrefix) {
      throw new IllegalArgumentException(
          "tokenizer training: with science tokens no space can be put before a text, for text behind"
              + " a mark would get one, too; leave one of the two out");
    }
    if (!(coverage > 0 && coverage <= 1)) {
      throw new IllegalArgumentException(
          "tokenizer training: character coverage is %s; it must be in (0, 1], e.g. 0.9995"
              .formatted(coverage));
    }
    if (longestPiece < 1 || longestPiece > 512 || minFrequency < 1 || threads < 1 || seeds < 1) {
      throw new IllegalArgumentException(
          ("tokenizer training: longestPiece (%d) must be in [1, 512]; minFrequency (%d), seeds (%d)"
                  + " and threads (%d) at least 1")
              .formatted(longestPiece, minFrequency, seeds, threads));
    }
  }

  /**
   * The usual: {@code <unk>}, {@code <s>} and {@code </s>}, no normalization, no space before a
   * text, bytes for rare characters, a coverage of 0.9995, scripts apart, runs of spaces, tokens of
   * 16 characters at most, a million seeds, a thread for every processor.
   */
  public static PieceTrainingOptions of(SpModel.Algorithm algorithm, int vocabularySize) {
    return new PieceTrainingOptions(
        algorithm,
        vocabularySize,
        List.of("<unk>", "<s>", "</s>"),
        Optional.empty(),
        false,
        true,
        0.9995,
        false,
        true,
        true,
        16,
        2,
        1_000_000,
        Optional.empty(),
        Runtime.getRuntime().availableProcessors());
  }

  /** With other control tokens. */
  public PieceTrainingOptions withControls(List<String> controls) {
    return new PieceTrainingOptions(
        algorithm,
        vocabularySize,
        controls,
        normalizer,
        dummyPrefix,
        byteFallback,
        coverage,
        splitDigits,
        splitScripts,
        spaceRuns,
        longestPiece,
        minFrequency,
        seeds,
        science,
        threads);
  }

  /** With another normalizer. */
  public PieceTrainingOptions withNormalizer(Optional<TextNormalizer> normalizer) {
    return new PieceTrainingOptions(
        algorithm,
        vocabularySize,
        controls,
        normalizer,
        dummyPrefix,
        byteFallback,
        coverage,
        splitDigits,
        splitScripts,
        spaceRuns,
        longestPiece,
        minFrequency,
        seeds,
        science,
        threads);
  }

  /** With or without a space before a text. */
  public PieceTrainingOptions withDummyPrefix(boolean dummyPrefix) {
    return new PieceTrainingOptions(
        algorithm,
        vocabularySize,
        controls,
        normalizer,
        dummyPrefix,
        byteFallback,
        coverage,
        splitDigits,
        splitScripts,
        spaceRuns,
        longestPiece,
        minFrequency,
        seeds,
        science,
        threads);
  }

  /** With or without tokens of bytes. */
  public PieceTrainingOptions withByteFallback(boolean byteFallback) {
    return new PieceTrainingOptions(
        algorithm,
        vocabularySize,
        controls,
        normalizer,
        dummyPrefix,
        byteFallback,
        coverage,
        splitDigits,
        splitScripts,
        spaceRuns,
        longestPiece,
        minFrequency,
        seeds,
        science,
        threads);
  }

  /** With another character coverage. */
  public PieceTrainingOptions withCoverage(double coverage) {
    return new PieceTrainingOptions(
        algorithm,
        vocabularySize,
        controls,
        normalizer,
        dummyPrefix,
        byteFallback,
        coverage,
        splitDigits,
        splitScripts,
        spaceRuns,
        longestPiece,
        minFrequency,
        seeds,
        science,
        threads);
  }

  /** With or without digits apart. */
  public PieceTrainingOptions withSplitDigits(boolean splitDigits) {
    return new PieceTrainingOptions(
        algorithm,
        vocabularySize,
        controls,
        normalizer,
        dummyPrefix,
        byteFallback,
        coverage,
        splitDigits,
        splitScripts,
        spaceRuns,
        longestPiece,
        minFrequency,
        seeds,
        science,
        threads);
  }

  /** With or without scripts apart. */
  public PieceTrainingOptions withSplitScripts(boolean splitScripts) {
    return new PieceTrainingOptions(
        algorithm,
        vocabularySize,
        controls,
        normalizer,
        dummyPrefix,
        byteFallback,
        coverage,
        splitDigits,
        splitScripts,
        spaceRuns,
        longestPiece,
        minFrequency,
        seeds,
        science,
        threads);
  }

  /** With or without tokens of several spaces. */
  public PieceTrainingOptions withSpaceRuns(boolean spaceRuns) {
    return new PieceTrainingOptions(
        algorithm,
        vocabularySize,
        controls,
        normalizer,
        dummyPrefix,
        byteFallback,
        coverage,
        splitDigits,
        splitScripts,
        spaceRuns,
        longestPiece,
        minFrequency,
        seeds,
        science,
        threads);
  }

  /** With another longest token. */
  public PieceTrainingOptions withLongestPiece(int longestPiece) {
    return new PieceTrainingOptions(
        algorithm,
        vocabularySize,
        controls,
        normalizer,
        dummyPrefix,
        byteFallback,
        coverage,
        splitDigits,
        splitScripts,
        spaceRuns,
        longestPiece,
        minFrequency,
        seeds,
        science,
        threads);
  }

  /** With another least count of a pair. */
  public PieceTrainingOptions withMinFrequency(long minFrequency) {
    return new PieceTrainingOptions(
        algorithm,
        vocabularySize,
        controls,
        normalizer,
        dummyPrefix,
        byteFallback,
        coverage,
        splitDigits,
        splitScripts,
        spaceRuns,
        longestPiece,
        minFrequency,
        seeds,
        science,
        threads);
  }

  /** With another number of seeds. */
  public PieceTrainingOptions withSeeds(int seeds) {
    return new PieceTrainingOptions(
        algorithm,
        vocabularySize,
        controls,
        normalizer,
        dummyPrefix,
        byteFallback,
        coverage,
        splitDigits,
        splitScripts,
        spaceRuns,
        longestPiece,
        minFrequency,
        seeds,
        science,
        threads);
  }

  /** With tokens for scientific texts. */
  public PieceTrainingOptions withScience(Optional<ScienceTokens> science) {
    return new PieceTrainingOptions(
        algorithm,
        vocabularySize,
        controls,
        normalizer,
        dummyPrefix,
        byteFallback,
        coverage,
        splitDigits,
        splitScripts,
        spaceRuns,
        longestPiece,
        minFrequency,
        seeds,
        science,
        threads);
  }

  /** With another number of threads. */
  public PieceTrainingOptions withThreads(int threads) {
    return new PieceTrainingOptions(
        algorithm,
        vocabularySize,
        controls,
        normalizer,
        dummyPrefix,
        byteFallback,
        coverage,
        splitDigits,
        splitScripts,
        spaceRuns,
        longestPiece,
        minFrequency,
        seeds,
        science,
        threads);
  }

  /** Tokens that are taken out of a text first. */
  List<String> allSpecialTokens() {
    List<String> all = new ArrayList<>(controls);
    science.ifPresent(tokens -> all.addAll(tokens.marks()));
    return all;
  }
}
