package dev.gamelan.text.bpe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WordCacheTest {
  @Test
  void what_is_found_is_what_was_kept_last_however_many_words_there_are() {
    SplittableRandom random = new SplittableRandom(5);
    WordCache cache = new WordCache();
    Map<String, int[]> kept = new HashMap<>();
    int found = 0;
    for (int i = 0; i < 300_000; i++) {
      byte[] word = word(random);
      // Between other bytes, and at the end of an array.
      byte[] text = Arrays.copyOf(word, word.length + random.nextInt(20));
      int kind = random.nextBoolean() ? WordCache.WHOLE : WordCache.PART;
      String key = Arrays.toString(word) + kind;
      IntList out = new IntList(1);
      out.add(-7);
      boolean known = cache.find(text, 0, word.length, kind, out);
      if (known) {
        found++;
        assertThat(Arrays.copyOfRange(out.toArray(), 1, out.size())).isEqualTo(kept.get(key));
      } else {
        assertThat(out.size()).isEqualTo(1);
        int[] ids =
            random
                .ints(1 + random.nextInt(random.nextInt(4) == 0 ? 255 : 7), 0, (1 << 21) - 2)
                .toArray();
        kept.put(key, ids);
        cache.keep(text, 0, word.length, kind, ids, 0, ids.length);
      }
    }
    assertThat(found).isGreaterThan(30_000);
  }

  // Few short words, which come again, and many long ones.
  private static byte[] word(SplittableRandom random) {
    byte[] word = new byte[1 + random.nextInt(random.nextInt(8) == 0 ? 255 : 20)];
    for (int i = 0; i < word.length; i++) {
      word[i] = (byte) (i < 2 || random.nextInt(6) == 0 ? random.nextInt(3) - 1 : 'x');
    }
    return word;
  }
}
