package dev.gamelan.text.word;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.bpe.IntList;
import dev.gamelan.text.bpe.WordModel;
import dev.gamelan.text.bpe.Workspace;
import dev.gamelan.text.unicode.ByteTrie;
import dev.gamelan.text.unicode.Utf8;
import java.util.Arrays;
import java.util.Set;

/**
 * The most probable row of tokens by Viterbi's algorithm, in linear time. A character that no token
 * covers is unknown, with a score of ten less than the lowest; unknown ones in a row are one.
 */
public final class Unigram implements WordModel {
  private static final double UNKNOWN_PENALTY = 10;
  private final UnigramSpec spec;
  private final ByteTrie trie = new ByteTrie();
  private final double unknownScore;
  private final int[] byteIds = new int[256];
  private final boolean bytesKnown;

  /** The model of {@code spec}. */
  public Unigram(UnigramSpec spec) {
    this(spec, Set.of());
  }

  /** The model of {@code spec}, which never gives the tokens of the names {@code without}. */
  public Unigram(UnigramSpec spec, Set<String> without) {
    this.spec = spec;
    double lowest = Double.POSITIVE_INFINITY;
    for (int id = 0; id < spec.scores().length; id++) {
      byte[] name = Utf8.encode(spec.vocabulary().name(id));
      if (name.length > 0 && !without.contains(spec.vocabulary().name(id))) {
        trie.put(name, id);
      }
      lowest = Math.min(lowest, spec.scores()[id]);
    }
    unknownScore = lowest - UNKNOWN_PENALTY;
    boolean all = spec.byteFallback();
    for (int b = 0; b < 256; b++) {
      byteIds[b] = spec.vocabulary().id("<0x%02X>".formatted(b)).orElse(-1);
      all &= byteIds[b] >= 0;
    }
    bytesKnown = all;
  }

  /** What this was made of. */
  public UnigramSpec spec() {
    return spec;
  }

  @Override
  public Workspace workspace() {
    return new Workspace();
  }

  @Override
  public void encode(byte[] text, int from, int to, Workspace work) {
    int n = to - from;
    double[] best = new double[n + 1];
    int[] starts = new int[n + 1];
    int[] ids = new int[n + 1];
    Arrays.fill(starts, -1);
    double[] scores = spec.scores();
    for (int at = 0; at < n; ) {
      int length = Utf8.length(text[from + at]);
      boolean single = false;
      int node = ByteTrie.ROOT;
      for (int p = at; p < n; p++) {
        node = trie.child(node, text[from + p]);
        if (node == ByteTrie.NONE) {
          break;
        }
        int id = trie.value(node);
        if (id != ByteTrie.NONE) {
          double score = scores[id] + best[at];
          if (starts[p + 1] < 0 || score > best[p + 1]) {
            best[p + 1] = score;
            starts[p + 1] = at;
            ids[p + 1] = id;
          }
          single |= p + 1 - at == length;
        }
      }
      if (!single) {
        double score = unknownScore + best[at];
        if (starts[at + length] < 0 || score > best[at + length]) {
          best[at + length] = score;
          starts[at + length] = at;
          ids[at + length] = -1;
        }
      }
      at += length;
    }
    emit(text, from, n, starts, ids, work.ids);
  }

  private void emit(byte[] text, int from, int n, int[] starts, int[] ids, IntList out) {
    // Backwards through the path, which is turned round in place: nexts[start] = end.
    int[] nexts = new int[n + 1];
    for (int end = n; end > 0; end = starts[end]) {
      nexts[starts[end]] = end;
    }
    boolean unknownBefore = false;
    for (int at = 0; at < n; at = nexts[at]) {
      int end = nexts[at];
      int id = ids[end];
      boolean unknown = id < 0 || spec.unk().isPresent() && id == spec.unk().getAsInt();
      if (!unknown) {
        out.add(id);
      } else if (bytesKnown) {
        for (int i = at; i < end; i++) {
          out.add(byteIds[text[from + i] & 0xFF]);
        }
      } else if (!unknownBefore) {
        out.add(
            spec.unk()
                .orElseThrow(
                    () ->
                        new InvalidTokenizerException(
                            "encode: the text has a character that is in no token, and the model"
                                + " names no unknown one (unk_id)")));
      }
      unknownBefore = unknown;
    }
  }
}
