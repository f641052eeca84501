package dev.gamelan.text.bpe;

import dev.gamelan.text.InvalidTokenizerException;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Byte-pair encoding of bytes (Sennrich et al., 2016; over bytes, Radford et al., 2019): a word is
 * the row of the tokens of its bytes, merged by rank. Immutable; what changes lies in a {@link
 * Workspace}.
 */
public final class ByteBpe extends CuttableModel {
  private static final int MISSING = -1;
  private final BpeSpec spec;
  private final MergeTable merges;
  private final int[] byteIds = new int[256];
  private final int[] lastByteIds;
  private final int unk;
  private final WordIndex words;
  private final Seams seams;

  /**
   * The model of {@code spec}.
   *
   * @param notWords names that a whole word never becomes by {@code ignore_merges}: special tokens
   * @throws InvalidTokenizerException if the vocabulary lacks what the merges need, or the model is
   *     of a kind that isn't byte-level
   */
  public ByteBpe(BpeSpec spec, Set<String> notWords) {
    this.spec = spec;
    String suffix = spec.endOfWordSuffix().orElse("");
    this.unk = unk(spec);
    String prefix = spec.continuingSubwordPrefix().orElse("");
    if (!prefix.isEmpty()) {
      throw new InvalidTokenizerException(
          "model: continuing_subword_prefix \""
              + prefix
              + "\" is not supported in byte-level BPE, only an empty one");
    }
    this.merges = merges(spec, 0);
    byte[][] tokens = tokens(spec.vocabulary(), suffix);
    this.words =
        spec.ignoreMerges() ? words(spec.vocabulary(), tokens, notWords) : new WordIndex(0);
    fill(byteIds, spec, "");
    this.lastByteIds = suffix.isEmpty() ? byteIds : new int[256];
    if (lastByteIds != byteIds) {
      fill(lastByteIds, spec, suffix);
    }
    boolean cuts = suffix.isEmpty() && bytesWithoutToken().length == 0;
    this.seams = cuts ? seams(tokens) : Seams.none();
  }

  // What tokens stand for, by id; empty where there is none, or it isn't written in the alphabet.
  private static byte[][] tokens(Vocabulary vocabulary, String suffix) {
    byte[][] tokens = new byte[vocabulary.size()][];
    Arrays.fill(tokens, new byte[0]);
    for (int id = 0; id < tokens.length; id++) {
      if (vocabulary.has(id) && vocabulary.name(id).endsWith(suffix)) {
        String name = vocabulary.name(id);
        Optional<byte[]> bytes =
            ByteAlphabet.read(name.substring(0, name.length() - suffix.length()));
        tokens[id] = bytes.orElse(tokens[id]);
      }
    }
    return tokens;
  }

  // Of all tokens, so that with ignore_merges a word with a seam isn't a token itself.
  private static Seams seams(byte[][] tokens) {
    int beyondAscii = 0;
    for (byte[] token : tokens) {
      beyondAscii += isAscii(token) ? 0 : 1;
    }
    Seams seams = new Seams(beyondAscii);
    for (byte[] token : tokens) {
      seams.add(token);
    }
    return seams;
  }

  private static boolean isAscii(byte[] token) {
    for (byte b : token) {
      if (b < 0) {
        return false;
      }
    }
    return true;
  }

  static int unk(BpeSpec spec) {
    if (spec.unk().isEmpty()) {
      return MISSING;
    }
    OptionalInt id = spec.vocabulary().id(spec.unk().get());
    if (id.isEmpty()) {
      throw new InvalidTokenizerException(
          "model: the unk_token \"" + spec.unk().get() + "\" is not in the vocabulary");
    }
    return id.getAsInt();
  }

  private static WordIndex words(Vocabulary vocabulary, byte[][] tokens, Set<String> notWords) {
    WordIndex words = new WordIndex(vocabulary.tokens());
    for (int id = 0; id < tokens.length; id++) {
      if (tokens[id].length > 0 && !notWords.contains(vocabulary.name(id))) {
        words.put(tokens[id], id);
      }
    }
    return words;
  }

  private static void fill(int[] ids, BpeSpec spec, String suffix) {
    for (int b = 0; b < 256; b++) {
      ids[b] = spec.vocabulary().id(ByteAlphabet.character(b) + suffix).orElse(MISSING);
    }
  }

  static MergeTable merges(BpeSpec spec, int prefix) {
    Vocabulary vocabulary = spec.vocabulary();
    if (spec.left().length > MergeTable.MOST_RANKS) {
      throw new InvalidTokenizerException(
          "model: %d merges; there may be %d".formatted(spec.left().length, MergeTable.MOST_RANKS));
    }
    MergeTable.Builder builder = new MergeTable.Builder(spec.left().length);
    int before = -1;
    for (int i = 0; i < spec.left().length; i++) {
      String left = vocabulary.name(spec.left()[i]);
      String right = vocabulary.name(spec.right()[i]);
      if (right.length() < prefix) {
        throw new InvalidTokenizerException(
            "model: merge %d: \"%s\" is shorter than continuing_subword_prefix"
                .formatted(i, right));
      }
      // Most files number tokens by their merges, so that few need to be looked up.
      int merged = before;
      if (!vocabulary.isJoined(merged, left, right, prefix)) {
        merged++;
      }
      if (!vocabulary.isJoined(merged, left, right, prefix)) {
        merged = joined(vocabulary, i, left, right.substring(prefix));
      }
      builder.put(spec.left()[i], spec.right()[i], spec.ranks()[i], merged);
      before = merged;
    }
    return builder.build();
  }

  private static int joined(Vocabulary vocabulary, int merge, String left, String right) {
    OptionalInt id = vocabulary.id(left.concat(right));
    if (id.isEmpty()) {
      throw new InvalidTokenizerException(
          "model: merge %d, \"%s\" and \"%s\", gives \"%s\", which is not in the vocabulary"
              .formatted(merge, left, right, left + right));
    }
    return id.getAsInt();
  }

  /** What this was made of. */
  public BpeSpec spec() {
    return spec;
  }

  /**
   * The bytes that have no token although they occur in UTF-8. As in the original they become the
   * unknown token, or are left out where there is none.
   */
  public int[] bytesWithoutToken() {
    return IntStream.range(0, 256)
        .filter(b -> b != 0xC0 && b != 0xC1 && b < 0xF5)
        .filter(b -> byteIds[b] < 0 || lastByteIds[b] < 0)
        .toArray();
  }

  @Override
  Seams seams() {
    return seams;
  }

  @Override
  public Workspace workspace() {
    return new Workspace(merges);
  }

  @Override
  void encodeWhole(byte[] text, int from, int to, Workspace work) {
    if (spec.ignoreMerges()) {
      int id = words.find(text, from, to);
      if (id >= 0) {
        work.ids.add(id);
        return;
      }
    }
    encodePart(text, from, to, work);
  }

  // A word that has a seam is no token, so that ignore_merges is of no concern for its parts.
  @Override
  void encodePart(byte[] text, int from, int to, Workspace work) {
    Merger merger = work.merger;
    merger.clear();
    boolean unknownBefore = false;
    for (int i = from; i < to; i++) {
      int id = (i == to - 1 ? lastByteIds : byteIds)[text[i] & 0xFF];
      boolean unknown = id < 0;
      if (!unknown) {
        merger.add(id);
      } else if (unk >= 0 && !(unknownBefore && spec.fuseUnk())) {
        merger.add(unk);
      }
      unknownBefore = unknown;
    }
    merger.merge();
    merger.copyTo(work.ids);
  }
}
