package dev.gamelan.text.bpe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.text.unicode.Utf8;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Words encoded part by part, and remembered, against merging them whole, merge by merge. */
class CuttableModelTest {
  private static final String[] CHARACTERS = {
    "a", "b", " ", ".", "é", "ü", "語", "楽", "誉", "한", "\u2581", "ก", "😊", "😋", "\u0000"
  };

  @Property(tries = 40)
  void words_of_bytes_merge_as_if_whole(@ForAll Random random) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (int b = 0; b < 256; b++) {
      ids.put(String.valueOf(ByteAlphabet.character(b)), b);
    }
    List<int[]> merges = merges(random, ids, s -> ByteAlphabet.write(Utf8.encode(s)));
    for (boolean ignoreMerges : new boolean[] {false, true}) {
      BpeSpec spec = spec(ids, merges, ignoreMerges);
      ByteBpe model = new ByteBpe(spec, Set.of());
      check(random, model, ids, merges, ignoreMerges, s -> ByteAlphabet.write(Utf8.encode(s)));
    }
  }

  @Property(tries = 40)
  void words_of_characters_merge_as_if_whole(@ForAll Random random) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (String c : CHARACTERS) {
      ids.put(c, ids.size());
    }
    List<int[]> merges = merges(random, ids, s -> s);
    for (boolean ignoreMerges : new boolean[] {false, true}) {
      CharBpe model = new CharBpe(spec(ids, merges, ignoreMerges));
      check(random, model, ids, merges, ignoreMerges, s -> s);
    }
  }

  private static String word(Random random, int most) {
    StringBuilder word = new StringBuilder();
    int n = 1 + random.nextInt(most);
    for (int i = 0; i < n; i++) {
      word.append(CHARACTERS[random.nextInt(CHARACTERS.length)]);
    }
    return word.toString();
  }

  // Of neighbours in words, so that most can happen; bytes of characters merge across them too.
  private static List<int[]> merges(
      Random random, Map<String, Integer> ids, Function<String, String> names) {
    List<int[]> merges = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      List<Integer> row = naive(names.apply(word(random, 6)), ids, merges);
      if (row.size() > 1) {
        int at = random.nextInt(row.size() - 1);
        List<String> all = List.copyOf(ids.keySet());
        String joined = all.get(row.get(at)) + all.get(row.get(at + 1));
        if (ids.putIfAbsent(joined, ids.size()) == null) {
          merges.add(new int[] {row.get(at), row.get(at + 1)});
        }
      }
    }
    return merges;
  }

  private static BpeSpec spec(Map<String, Integer> ids, List<int[]> merges, boolean ignoreMerges) {
    return BpeSpec.ordered(
        Vocabulary.of(ids),
        merges.stream().mapToInt(m -> m[0]).toArray(),
        merges.stream().mapToInt(m -> m[1]).toArray(),
        Optional.empty(),
        false,
        false,
        Optional.empty(),
        Optional.empty(),
        ignoreMerges);
  }

  private static void check(
      Random random,
      WordModel model,
      Map<String, Integer> ids,
      List<int[]> merges,
      boolean ignoreMerges,
      Function<String, String> names) {
    Workspace work = model.workspace();
    for (int i = 0; i < 30; i++) {
      String word = word(random, i % 2 == 0 ? 8 : 60);
      byte[] text = Utf8.encode("." + word + ".");
      // Twice, to meet what is remembered.
      for (int round = 0; round < 2; round++) {
        work.ids.clear();
        model.encode(text, 1, text.length - 1, work);
        String name = names.apply(word);
        List<Integer> expected =
            ignoreMerges && ids.containsKey(name)
                ? List.of(ids.get(name))
                : naive(name, ids, merges);
        assertThat(work.ids.toArray())
            .as(word)
            .isEqualTo(expected.stream().mapToInt(Integer::intValue).toArray());
      }
    }
  }

  private static List<Integer> naive(String name, Map<String, Integer> ids, List<int[]> merges) {
    List<Integer> row = new ArrayList<>();
    name.codePoints().forEach(c -> row.add(ids.get(Character.toString(c))));
    List<String> names = List.copyOf(ids.keySet());
    Map<List<Integer>, Integer> ranks = new HashMap<>();
    for (int[] merge : merges) {
      ranks.put(List.of(merge[0], merge[1]), ranks.size());
    }
    for (; ; ) {
      int best = Integer.MAX_VALUE;
      int at = -1;
      for (int i = 0; i + 1 < row.size(); i++) {
        int rank = ranks.getOrDefault(List.of(row.get(i), row.get(i + 1)), Integer.MAX_VALUE);
        if (rank < best) {
          best = rank;
          at = i;
        }
      }
      if (at < 0) {
        return row;
      }
      row.set(at, ids.get(names.get(row.get(at)) + names.get(row.get(at + 1))));
      row.remove(at + 1);
    }
  }
}
