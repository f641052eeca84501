package dev.gamelan.text.bpe;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.unicode.Utf8;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Byte-pair encoding of characters (Sennrich et al., 2016), with the tokens of its bytes, {@code
 * <0xXX>}, or the unknown token for a character that is no token. Immutable.
 */
public final class CharBpe extends CuttableModel {
  private static final int MISSING = -1;
  private final BpeSpec spec;
  private final MergeTable merges;
  // Characters that are a whole word, begin one, stand inside one, or end one.
  private final Characters whole;
  private final Characters first;
  private final Characters inner;
  private final Characters last;
  private final int[] byteIds = new int[256];
  private final boolean bytesKnown;
  private final int unk;
  private final Seams seams;

  /**
   * The model of {@code spec}.
   *
   * @throws InvalidTokenizerException if the vocabulary lacks what the merges or the unknown need
   */
  public CharBpe(BpeSpec spec) {
    this.spec = spec;
    String prefix = spec.continuingSubwordPrefix().orElse("");
    String suffix = spec.endOfWordSuffix().orElse("");
    Vocabulary vocabulary = spec.vocabulary();
    unk = ByteBpe.unk(spec);
    merges = ByteBpe.merges(spec, prefix.length());
    first = new Characters(vocabulary, "", "");
    inner = prefix.isEmpty() ? first : new Characters(vocabulary, prefix, "");
    whole = suffix.isEmpty() ? first : new Characters(vocabulary, "", suffix);
    last = suffix.isEmpty() ? inner : new Characters(vocabulary, prefix, suffix);
    boolean all = spec.byteFallback();
    for (int b = 0; b < 256; b++) {
      byteIds[b] = vocabulary.id("<0x%02X>".formatted(b)).orElse(MISSING);
    }
    bytesKnown = all;
    boolean cuts =
        prefix.isEmpty()
            && suffix.isEmpty()
            && (unk == MISSING || !spec.fuseUnk() || everyByteKnown())
            && !mergesBytes();
    seams = cuts ? seams(vocabulary) : Seams.none();
  }

  private boolean everyByteKnown() {
    return bytesKnown && Arrays.stream(byteIds).noneMatch(id -> id == MISSING);
  }

  // Then the names of tokens don't tell which characters they span.
  private boolean mergesBytes() {
    Set<Integer> bytes = new HashSet<>();
    Arrays.stream(byteIds).filter(id -> id != MISSING).forEach(bytes::add);
    return IntStream.concat(Arrays.stream(spec.left()), Arrays.stream(spec.right()))
        .anyMatch(bytes::contains);
  }

  private static Seams seams(Vocabulary vocabulary) {
    Seams seams = new Seams(vocabulary.tokens());
    for (int id = 0; id < vocabulary.size(); id++) {
      if (vocabulary.has(id)) {
        seams.add(Utf8.encode(vocabulary.name(id)));
      }
    }
    return seams;
  }

  @Override
  public Workspace workspace() {
    return new Workspace(merges);
  }

  @Override
  Seams seams() {
    return seams;
  }

  @Override
  void encodeWhole(byte[] text, int from, int to, Workspace work) {
    if (spec.ignoreMerges()) {
      var id = spec.vocabulary().id(Utf8.decode(text, from, to));
      if (id.isPresent()) {
        work.ids.add(id.getAsInt());
        return;
      }
    }
    encodePart(text, from, to, work);
  }

  @Override
  void encodePart(byte[] text, int from, int to, Workspace work) {
    Merger merger = work.merger;
    merger.clear();
    boolean unknownBefore = false;
    for (int i = from; i < to; ) {
      int end = i + Utf8.length(text[i]);
      Characters characters = end == to ? (i == from ? whole : last) : i == from ? first : inner;
      int id = characters.id(Utf8.codePoint(text, i));
      boolean unknown = id == MISSING && !fallBack(text, i, end, merger);
      if (id != MISSING) {
        merger.add(id);
      } else if (unknown && unk >= 0 && !(unknownBefore && spec.fuseUnk())) {
        merger.add(unk);
      }
      unknownBefore = unknown;
      i = end;
    }
    merger.merge();
    merger.copyTo(work.ids);
  }

  // All bytes of a character or none, as in the original.
  private boolean fallBack(byte[] text, int from, int to, Merger merger) {
    if (!bytesKnown) {
      return false;
    }
    for (int i = from; i < to; i++) {
      if (byteIds[text[i] & 0xFF] == MISSING) {
        return false;
      }
    }
    for (int i = from; i < to; i++) {
      merger.add(byteIds[text[i] & 0xFF]);
    }
    return true;
  }

  /** The ids of single characters with something before and after them. */
  private static final class Characters {
    private final int[] plane0 = new int[0x10000];
    private final Map<Integer, Integer> others = new HashMap<>();

    Characters(Vocabulary vocabulary, String prefix, String suffix) {
      Arrays.fill(plane0, MISSING);
      for (int id = 0; id < vocabulary.size(); id++) {
        if (!vocabulary.has(id)) {
          continue;
        }
        String name = vocabulary.name(id);
        int length = name.length() - prefix.length() - suffix.length();
        if (length < 1 || length > 2 || !name.startsWith(prefix) || !name.endsWith(suffix)) {
          continue;
        }
        int c = name.codePointAt(prefix.length());
        if (Character.charCount(c) != length) {
          continue;
        }
        if (c < plane0.length) {
          plane0[c] = id;
        } else {
          others.put(c, id);
        }
      }
    }

    int id(int c) {
      return c < plane0.length ? plane0[c] : others.getOrDefault(c, MISSING);
    }
  }
}
