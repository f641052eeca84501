package dev.gamelan.text.bpe;

import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A BPE model as {@code tokenizer.json} writes it ({@code model} of type {@code BPE}).
 *
 * @param vocabulary names and ids
 * @param left ids of the left tokens of the merges, by rank
 * @param right ids of the right ones
 * @param ranks how soon each merges, ascending; equal ones merge from left to right. Files of
 *     merges number them
 * @param unk what stands for what isn't in the vocabulary
 * @param fuseUnk whether several of those in a row are one
 * @param byteFallback whether bytes that aren't in the vocabulary are written {@code <0xXX>}
 * @param continuingSubwordPrefix what names of tokens inside a word begin with
 * @param endOfWordSuffix what names of tokens at the end of a word end with
 * @param ignoreMerges whether a word that is in the vocabulary is that token, whatever the merges
 */
public record BpeSpec(
    Vocabulary vocabulary,
    int[] left,
    int[] right,
    int[] ranks,
    Optional<String> unk,
    boolean fuseUnk,
    boolean byteFallback,
    Optional<String> continuingSubwordPrefix,
    Optional<String> endOfWordSuffix,
    boolean ignoreMerges) {

  /** With merges that are ranked by their order. */
  public static BpeSpec ordered(
      Vocabulary vocabulary,
      int[] left,
      int[] right,
      Optional<String> unk,
      boolean fuseUnk,
      boolean byteFallback,
      Optional<String> continuingSubwordPrefix,
      Optional<String> endOfWordSuffix,
      boolean ignoreMerges) {
    return new BpeSpec(
        vocabulary,
        left,
        right,
        IntStream.range(0, left.length).toArray(),
        unk,
        fuseUnk,
        byteFallback,
        continuingSubwordPrefix,
        endOfWordSuffix,
        ignoreMerges);
  }

  /** A plain byte-level model: nothing unknown, no prefixes or suffixes. */
  public static BpeSpec byteLevel(Vocabulary vocabulary, int[] left, int[] right) {
    return ordered(
        vocabulary,
        left,
        right,
        Optional.empty(),
        false,
        false,
        Optional.empty(),
        Optional.empty(),
        false);
  }

  /** The same where a word that is in the vocabulary is that token, whatever the merges. */
  public BpeSpec withIgnoreMerges() {
    return new BpeSpec(
        vocabulary,
        left,
        right,
        ranks,
        unk,
        fuseUnk,
        byteFallback,
        continuingSubwordPrefix,
        endOfWordSuffix,
        true);
  }
}
