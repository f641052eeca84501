package dev.gamelan.text.sp;

import dev.gamelan.text.bpe.IntList;
import dev.gamelan.text.unicode.ByteTrie;
import dev.gamelan.text.unicode.Utf8;
import java.util.Arrays;

/**
 * SentencePiece's Viterbi, with sums in single precision as there: the rounding decides between
 * rows of equal probability.
 */
final class SpUnigram implements SpCutter {
  private static final float UNKNOWN_PENALTY = 10;
  private final int unk;
  private final ByteTrie trie = new ByteTrie();
  private final double[] scores;
  private final boolean[] userDefined;
  private final float unknownScore;
  private final float highest;
  private final SpUnknown unknown;

  SpUnigram(SpModel model) {
    this.unk = model.unknown();
    this.unknown = new SpUnknown(model);
    int n = model.pieces().size();
    scores = new double[n];
    userDefined = new boolean[n];
    float lowest = Float.MAX_VALUE;
    float most = -Float.MAX_VALUE;
    for (int id = 0; id < n; id++) {
      SpModel.Piece piece = model.pieces().get(id);
      scores[id] = piece.score();
      userDefined[id] = piece.kind() == SpModel.Kind.USER_DEFINED;
      if (piece.kind() == SpModel.Kind.NORMAL) {
        lowest = Math.min(lowest, piece.score());
        most = Math.max(most, piece.score());
      }
      if (piece.kind() == SpModel.Kind.NORMAL || userDefined[id]) {
        trie.put(Utf8.encode(piece.name()), id);
      }
    }
    unknownScore = lowest - UNKNOWN_PENALTY;
    highest = most;
  }

  @Override
  public void cut(byte[] text, IntList out) {
    int n = text.length;
    float[] best = new float[n + 1];
    int[] starts = new int[n + 1];
    int[] ids = new int[n + 1];
    Arrays.fill(starts, -1);
    for (int at = 0; at < n; ) {
      int length = Utf8.length(text[at]);
      boolean single = false;
      int node = ByteTrie.ROOT;
      for (int p = at; p < n; p++) {
        node = trie.child(node, text[p]);
        if (node == ByteTrie.NONE) {
          break;
        }
        int id = trie.value(node);
        if (id != ByteTrie.NONE) {
          double own = userDefined[id] ? (p + 1 - at) * highest - 0.1 : scores[id];
          double score = own + best[at];
          if (starts[p + 1] < 0 || score > best[p + 1]) {
            best[p + 1] = (float) score;
            starts[p + 1] = at;
            ids[p + 1] = id;
          }
          single |= p + 1 - at == length;
        }
      }
      if (!single) {
        float score = unknownScore + best[at];
        if (starts[at + length] < 0 || score > best[at + length]) {
          best[at + length] = score;
          starts[at + length] = at;
          ids[at + length] = unk;
        }
      }
      at += length;
    }
    int[] nexts = new int[n + 1];
    for (int end = n; end > 0; end = starts[end]) {
      nexts[starts[end]] = end;
    }
    boolean before = false;
    for (int at = 0; at < n; at = nexts[at]) {
      int id = ids[nexts[at]];
      boolean none = id == unk;
      if (none) {
        unknown.add(text, at, nexts[at], before, out);
      } else {
        out.add(id);
      }
      before = none;
    }
  }
}
