package dev.gamelan.text.sp;

import dev.gamelan.text.InvalidTokenizerException;
import dev.gamelan.text.bpe.IntList;
import dev.gamelan.text.bpe.MergeTable;
import dev.gamelan.text.bpe.Merger;
import dev.gamelan.text.bpe.Seams;
import dev.gamelan.text.bpe.WordCache;
import dev.gamelan.text.unicode.ByteTrie;
import dev.gamelan.text.unicode.Utf8;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * SentencePiece's BPE: of neighbours that together are a token, those whose token has the highest
 * score merge first, of equal ones the leftmost. User-defined tokens never merge.
 */
final class SpBpe implements SpCutter {
  private static final int MOST_CHARS = 1 << 12;
  private static final char MARK = '\u2581';
  private final MergeTable merges;
  private final ByteTrie userDefined;
  private final SpUnknown unknown;
  private final int unk;
  private final int[] plane0 = new int[0x10000];
  private final Map<Integer, Integer> others = new HashMap<>();
  private final int pieces;
  // Characters that are no token but parts of some: ids from the number of pieces on.
  private final List<byte[]> parts = new ArrayList<>();
  private final boolean wordsApart;
  // Where words are remembered part by part: nothing else is known of a text's other parts then.
  private final Optional<Seams> seams;
  private final AtomicReferenceArray<Scratch> idle =
      new AtomicReferenceArray<>(Runtime.getRuntime().availableProcessors() + 1);

  /** What one thread needs and keeps from text to text. */
  private record Scratch(Merger merger, WordCache cache) {}

  SpBpe(SpModel model, ByteTrie userDefined) {
    this.userDefined = userDefined;
    this.unknown = new SpUnknown(model);
    this.unk = model.unknown();
    this.pieces = model.pieces().size();
    Arrays.fill(plane0, -1);
    Map<String, Integer> ids = new HashMap<>(2 * pieces);
    float[] sorted = new float[pieces];
    for (int id = 0; id < pieces; id++) {
      SpModel.Piece piece = model.pieces().get(id);
      sorted[id] = piece.score();
      if (piece.kind() == SpModel.Kind.NORMAL || piece.kind() == SpModel.Kind.USER_DEFINED) {
        if (piece.name().length() > MOST_CHARS) {
          throw new InvalidTokenizerException(
              "SentencePiece model: piece %d has %d characters; there may be %d"
                  .formatted(id, piece.name().length(), MOST_CHARS));
        }
        ids.put(piece.name(), id);
      }
    }
    for (String name : List.copyOf(ids.keySet())) {
      name.codePoints()
          .mapToObj(Character::toString)
          .filter(c -> !ids.containsKey(c))
          .forEach(
              c -> {
                ids.put(c, pieces + parts.size());
                parts.add(Utf8.encode(c));
              });
    }
    ids.forEach(
        (name, id) -> {
          int c = name.codePointAt(0);
          if (Character.charCount(c) == name.length()) {
            if (c < plane0.length) {
              plane0[c] = id;
            } else {
              others.put(c, id);
            }
          }
        });
    Arrays.sort(sorted);
    List<int[]> found = found(model, ids, sorted);
    MergeTable.Builder table = new MergeTable.Builder(found.size());
    boolean apart = true;
    for (int[] m : found) {
      table.put(m[0], m[1], m[2], m[3]);
      apart &= m[4] == 0;
    }
    merges = table.build();
    wordsApart = apart;
    seams = model.byteFallback() ? Optional.of(seams(model)) : Optional.empty();
  }

  private static Seams seams(SpModel model) {
    Seams seams = new Seams(model.pieces().size());
    for (SpModel.Piece piece : model.pieces()) {
      if (piece.kind() == SpModel.Kind.NORMAL || piece.kind() == SpModel.Kind.USER_DEFINED) {
        seams.add(Utf8.encode(piece.name()));
      }
    }
    return seams;
  }

  // Every way to make a token of two others: left, right, rank, result, and whether it joins a word
  // with a space after it.
  private static List<int[]> found(SpModel model, Map<String, Integer> ids, float[] sorted) {
    List<int[]> found = new ArrayList<>();
    for (int id = 0; id < model.pieces().size(); id++) {
      SpModel.Piece piece = model.pieces().get(id);
      String name = piece.name();
      if (piece.kind() != SpModel.Kind.NORMAL && piece.kind() != SpModel.Kind.USER_DEFINED) {
        continue;
      }
      int below = Arrays.binarySearch(sorted, piece.score());
      while (below + 1 < sorted.length && sorted[below + 1] == sorted[below]) {
        below++;
      }
      for (int cut = 1; cut < name.length(); cut++) {
        Integer left = ids.get(name.substring(0, cut));
        Integer right = left == null ? null : ids.get(name.substring(cut));
        if (right != null) {
          int joins = name.charAt(cut) == MARK && name.charAt(cut - 1) != MARK ? 1 : 0;
          found.add(new int[] {left, right, sorted.length - 1 - below, id, joins});
        }
      }
    }
    return found;
  }

  @Override
  public void cut(byte[] text, IntList out) {
    Scratch scratch = acquire();
    if (seams.isEmpty()) {
      cut(text, 0, text.length, scratch.merger(), out);
    } else {
      WordCache cache = scratch.cache();
      for (int from = 0; from < text.length; ) {
        int to = seams.get().next(text, from, text.length);
        boolean kept = to - from <= WordCache.LONGEST;
        if (!kept || !cache.find(text, from, to, WordCache.PART, out)) {
          int before = out.size();
          cut(text, from, to, scratch.merger(), out);
          if (kept) {
            int count = out.size() - before;
            cache.keep(text, from, to, WordCache.PART, out.array(), before, count);
          }
        }
        from = to;
      }
    }
    release(scratch);
  }

  private Scratch acquire() {
    for (int i = 0; i < idle.length(); i++) {
      Scratch scratch = idle.getAndSet(i, null);
      if (scratch != null) {
        return scratch;
      }
    }
    return new Scratch(new Merger(merges), new WordCache());
  }

  private void release(Scratch scratch) {
    boolean free = !scratch.merger().isLarge();
    for (int i = 0; free && i < idle.length(); i++) {
      free = !idle.compareAndSet(i, null, scratch);
    }
  }

  private void cut(byte[] text, int from, int to, Merger merger, IntList out) {
    merger.clear();
    // Whether the token before is the unknown one, which isn't said twice.
    boolean[] again = {false};
    int before = -1;
    for (int i = from; i < to; ) {
      int end = userDefined.longest(text, i, to);
      if (end != ByteTrie.NONE) {
        flush(merger, again, out);
        out.add(userDefined.find(text, i, end));
        again[0] = false;
        before = -1;
        i = end;
        continue;
      }
      end = i + Utf8.length(text[i]);
      int c = Utf8.codePoint(text, i);
      int id = c < plane0.length ? plane0[c] : others.getOrDefault(c, -1);
      if (id < 0) {
        flush(merger, again, out);
        unknown.add(text, i, end, again[0], out);
        again[0] = true;
      } else {
        if (wordsApart && c == MARK && before != MARK) {
          flush(merger, again, out);
        }
        merger.add(id);
      }
      before = c;
      i = end;
    }
    flush(merger, again, out);
  }

  private void flush(Merger merger, boolean[] again, IntList out) {
    if (merger.size() == 0) {
      return;
    }
    merger.merge();
    if (parts.isEmpty()) {
      merger.copyTo(out);
      again[0] = false;
    } else {
      IntList merged = new IntList(merger.size());
      merger.copyTo(merged);
      for (int i = 0; i < merged.size(); i++) {
        int id = merged.at(i);
        if (id >= pieces) {
          byte[] part = parts.get(id - pieces);
          unknown.add(part, 0, part.length, again[0], out);
        } else {
          out.add(id);
        }
        again[0] = id >= pieces || id == unk;
      }
    }
    merger.clear();
  }
}
