package dev.gamelan.text.train;

import dev.gamelan.text.unicode.Utf8;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The characters that become tokens, the most frequent first: as few as cover the share of the text
 * that is asked for.
 */
final class PieceAlphabet {
  private final List<Integer> characters = new ArrayList<>();
  private final Map<Integer, Long> counts = new HashMap<>();

  PieceAlphabet(WordCounts words, double coverage) {
    Map<Integer, long[]> all = new HashMap<>();
    double total = 0;
    byte[] bytes = words.bytes();
    for (int w = 0; w < words.size(); w++) {
      for (int i = words.start(w); i < words.end(w); i += Utf8.length(bytes[i])) {
        all.computeIfAbsent(Utf8.codePoint(bytes, i), _ -> new long[1])[0] += words.count(w);
        total += words.count(w);
      }
    }
    List<Integer> sorted = new ArrayList<>(all.keySet());
    sorted.sort(
        (a, b) -> {
          int c = Long.compare(all.get(b)[0], all.get(a)[0]);
          return c != 0 ? c : Integer.compare(a, b);
        });
    double covered = 0;
    for (int c : sorted) {
      // As in SentencePiece, single precision decides.
      if ((float) (covered / total) >= (float) coverage) {
        break;
      }
      covered += all.get(c)[0];
      characters.add(c);
      counts.put(c, all.get(c)[0]);
    }
  }

  /** The characters, by frequency, then by code point. */
  List<Integer> characters() {
    return characters;
  }

  /** How often one of them occurs. */
  long count(int character) {
    return counts.get(character);
  }

  /** The words cut at characters that are none of these, in the order of their bytes. */
  WordCounts covered(WordCounts words) {
    WordCounts cut = new WordCounts();
    byte[] bytes = words.bytes();
    for (int w : words.order()) {
      int start = words.start(w);
      for (int i = start; i < words.end(w); ) {
        int next = i + Utf8.length(bytes[i]);
        if (!counts.containsKey(Utf8.codePoint(bytes, i))) {
          add(words, w, start, i, cut);
          start = next;
        }
        i = next;
      }
      add(words, w, start, words.end(w), cut);
    }
    return cut;
  }

  private static void add(WordCounts words, int w, int from, int to, WordCounts out) {
    if (from < to) {
      out.add(words.bytes(), from, to, words.count(w));
    }
  }
}
