package dev.gamelan.text.train;

import dev.gamelan.text.bpe.ByteAlphabet;
import dev.gamelan.text.unicode.Utf8;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** BPE training as the definition says it: all pairs are counted anew before every merge. */
final class Rescanning {
  private static final Pattern GPT2 =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  private Rescanning() {}

  static List<String> merges(String text, int most) {
    Map<String, Long> counts = new HashMap<>();
    var matcher = GPT2.matcher(text);
    while (matcher.find()) {
      counts.merge(ByteAlphabet.write(Utf8.encode(matcher.group())), 1L, Long::sum);
    }
    Map<List<String>, Long> words = new HashMap<>();
    counts.forEach((word, n) -> words.put(List.of(word.split("")), n));
    List<String> merges = new ArrayList<>();
    while (merges.size() < most) {
      Map<List<String>, Long> pairs = new HashMap<>();
      words.forEach(
          (word, n) -> {
            for (int i = 0; i + 1 < word.size(); i++) {
              pairs.merge(List.copyOf(word.subList(i, i + 2)), n, Long::sum);
            }
          });
      List<String> best =
          pairs.keySet().stream()
              .max(
                  (p, q) -> {
                    int c = Long.compare(pairs.get(p), pairs.get(q));
                    c = c != 0 ? c : compare(p.get(0), q.get(0));
                    return c != 0 ? c : compare(p.get(1), q.get(1));
                  })
              .orElse(List.of());
      if (best.isEmpty() || pairs.get(best) < 2) {
        break;
      }
      merges.add(best.get(0) + " " + best.get(1));
      Map<List<String>, Long> merged = new HashMap<>();
      words.forEach((word, n) -> merged.merge(merge(word, best), n, Long::sum));
      words.clear();
      words.putAll(merged);
    }
    return merges;
  }

  private static int compare(String a, String b) {
    return java.util.Arrays.compareUnsigned(ByteAlphabet.bytes(a), ByteAlphabet.bytes(b));
  }

  private static List<String> merge(List<String> word, List<String> pair) {
    List<String> out = new ArrayList<>();
    for (int i = 0; i < word.size(); i++) {
      if (i + 1 < word.size() && word.subList(i, i + 2).equals(pair)) {
        out.add(pair.get(0) + pair.get(1));
        i++;
      } else {
        out.add(word.get(i));
      }
    }
    return List.copyOf(out);
  }
}
