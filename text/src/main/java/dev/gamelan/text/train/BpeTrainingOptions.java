package dev.gamelan.text.train;

import dev.gamelan.text.hf.PreTokenizer;
import dev.gamelan.text.hf.TextNormalizer;
import dev.gamelan.text.hf.TextPattern;
import dev.gamelan.text.split.SplitBehavior;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * How a byte-level BPE vocabulary is learnt.
 *
 * @param vocabularySize the number of ids wanted, special tokens and the 256 bytes included; fewer
 *     are learnt where the text has no more pairs
 * @param minFrequency the least number of times a pair must occur to be merged, at least 1
 * @param specialTokens control tokens, which get the first ids in this order and never occur inside
 *     other tokens; where they occur in a text they cut it
 * @param normalizer what is done to texts first; without one, decoding gives back every text
 * @param preTokenizer how texts are cut into pieces, ending in a byte-level one
 * @param ties which of several pairs of equal count is merged first
 * @param science tokens for scientific texts, whose ids follow those of the special tokens
 * @param threads how many threads count words; the result doesn't depend on it
 */
public record BpeTrainingOptions(
    int vocabularySize,
    long minFrequency,
    List<String> specialTokens,
    Optional<TextNormalizer> normalizer,
    PreTokenizer preTokenizer,
    Ties ties,
    Optional<ScienceTokens> science,
    int threads) {

  /** Which of several pairs of equal count is merged first. All are deterministic. */
  public enum Ties {
    /** The one whose (left, right) byte strings are lexicographically greatest, as in CS336. */
    GREATEST_BYTES,
    /** The one with the lowest (left, right) ids, as in Hugging Face's trainer. */
    LOWEST_IDS
  }

  public BpeTrainingOptions {
    specialTokens = List.copyOf(specialTokens);
    if (new HashSet<>(specialTokens).size() != specialTokens.size()) {
      throw new IllegalArgumentException(
          "tokenizer training: a special token stands twice in " + specialTokens);
    }
    for (String token : specialTokens) {
      if (token.codePointCount(0, token.length()) < 2) {
        throw new IllegalArgumentException(
            "tokenizer training: the special token \""
                + token
                + "\" must have at least two characters, for single ones are bytes' names");
      }
    }
    List<String> names = new ArrayList<>(specialTokens);
    science.ifPresent(
        tokens -> {
          names.addAll(tokens.marks());
          names.addAll(tokens.markers());
        });
    if (new HashSet<>(names).size() != names.size()) {
      throw new IllegalArgumentException(
          "tokenizer training: a special token is a science token as well: " + specialTokens);
    }
    if (vocabularySize < 256 + names.size()) {
      throw new IllegalArgumentException(
          ("tokenizer training: a vocabulary of %d has no room for 256 bytes and %d special tokens;"
                  + " give at least %d")
              .formatted(vocabularySize, names.size(), 256 + names.size()));
    }
    if (minFrequency < 1 || threads < 1) {
      throw new IllegalArgumentException(
          "tokenizer training: minFrequency (%d) and threads (%d) must be at least 1"
              .formatted(minFrequency, threads));
    }
  }

  /**
   * The usual: {@code <|endoftext|>}, pairs that occur twice, no normalizer, GPT-2's pattern,
   * CS336's ties, a thread for every processor.
   */
  public static BpeTrainingOptions of(int vocabularySize) {
    return new BpeTrainingOptions(
        vocabularySize,
        2,
        List.of("<|endoftext|>"),
        Optional.empty(),
        new PreTokenizer.ByteLevel(false, true, true),
        Ties.GREATEST_BYTES,
        Optional.empty(),
        Runtime.getRuntime().availableProcessors());
  }

  /** With another least count of a pair. */
  public BpeTrainingOptions withMinFrequency(long minFrequency) {
    return new BpeTrainingOptions(
        vocabularySize,
        minFrequency,
        specialTokens,
        normalizer,
        preTokenizer,
        ties,
        science,
        threads);
  }

  /** With other special tokens. */
  public BpeTrainingOptions withSpecialTokens(List<String> specialTokens) {
    return new BpeTrainingOptions(
        vocabularySize,
        minFrequency,
        specialTokens,
        normalizer,
        preTokenizer,
        ties,
        science,
        threads);
  }

  /** With texts put into Unicode normalization form {@code form} first. */
  public BpeTrainingOptions withNormalization(Normalizer.Form form) {
    return new BpeTrainingOptions(
        vocabularySize,
        minFrequency,
        specialTokens,
        Optional.of(new TextNormalizer.Unicode(form)),
        preTokenizer,
        ties,
        science,
        threads);
  }

  /** With another way of cutting texts into pieces. */
  public BpeTrainingOptions withPreTokenizer(PreTokenizer preTokenizer) {
    return new BpeTrainingOptions(
        vocabularySize,
        minFrequency,
        specialTokens,
        normalizer,
        preTokenizer,
        ties,
        science,
        threads);
  }

  /** With every digit a piece of its own before what cuts the text now. */
  public BpeTrainingOptions withSingleDigits() {
    return withPreTokenizer(
        new PreTokenizer.Sequence(List.of(new PreTokenizer.Digits(true), preTokenizer)));
  }

  /** With a regular expression, in Oniguruma's syntax, whose matches are the pieces. */
  public BpeTrainingOptions withPattern(String expression) {
    return withPreTokenizer(
        new PreTokenizer.Sequence(
            List.of(
                new PreTokenizer.Split(
                    new TextPattern.Regex(expression), SplitBehavior.ISOLATED, false),
                new PreTokenizer.ByteLevel(false, true, false))));
  }

  /** With another rule for ties. */
  public BpeTrainingOptions withTies(Ties ties) {
    return new BpeTrainingOptions(
        vocabularySize,
        minFrequency,
        specialTokens,
        normalizer,
        preTokenizer,
        ties,
        science,
        threads);
  }

  /** With tokens for scientific texts. */
  public BpeTrainingOptions withScience(ScienceTokens science) {
    return new BpeTrainingOptions(
        vocabularySize,
        minFrequency,
        specialTokens,
        normalizer,
        preTokenizer,
        ties,
        Optional.of(science),
        threads);
  }

  /** What cuts texts, sequences of science included. */
  PreTokenizer cutting() {
    return science.map(tokens -> tokens.around(preTokenizer)).orElse(preTokenizer);
  }

  /** Tokens that are taken out of a text first. */
  List<String> takenOut() {
    List<String> all = new ArrayList<>(specialTokens);
    science.ifPresent(tokens -> all.addAll(tokens.marks()));
    return all;
  }

  /** Tokens that text must not be able to spell, in the order of their ids, from 0. */
  List<String> named() {
    List<String> all = takenOut();
    science.ifPresent(tokens -> all.addAll(tokens.markers()));
    return all;
  }

  /** With another number of threads. */
  public BpeTrainingOptions withThreads(int threads) {
    return new BpeTrainingOptions(
        vocabularySize,
        minFrequency,
        specialTokens,
        normalizer,
        preTokenizer,
        ties,
        science,
        threads);
  }
}
