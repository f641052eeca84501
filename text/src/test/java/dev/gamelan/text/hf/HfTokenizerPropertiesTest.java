package dev.gamelan.text.hf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.text.IncrementalDetokenizer;
import dev.gamelan.text.Tokenizer;
import dev.gamelan.text.Tokenizer.Special;
import dev.gamelan.text.train.BpeTrainer;
import dev.gamelan.text.train.BpeTrainingOptions;
import dev.gamelan.text.train.SampleTexts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class HfTokenizerPropertiesTest {
  private static final List<String> SPECIALS = List.of("<|endoftext|>", "<|im_start|>", "[X]");
  private static final String LLAMA3 =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final List<HfTokenizer> TOKENIZERS =
      List.of(
          learnt(BpeTrainingOptions.of(600)),
          learnt(BpeTrainingOptions.of(600).withSingleDigits()),
          learnt(BpeTrainingOptions.of(600).withPattern(LLAMA3)),
          learnt(BpeTrainingOptions.of(600).withPattern("\\w+|\\W")));

  private static HfTokenizer learnt(BpeTrainingOptions options) {
    try {
      return new BpeTrainer(options.withSpecialTokens(SPECIALS)).train(SampleTexts.lines(300));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Property
  void every_text_comes_back_with_ids_in_range(@ForAll("texts") String text) {
    for (Tokenizer t : TOKENIZERS) {
      for (Special special : Special.values()) {
        int[] ids = t.encode(text, special);
        assertThat(t.decode(ids)).isEqualTo(text);
        assertThat(Arrays.stream(ids).allMatch(id -> id >= 0 && id < t.vocabularySize())).isTrue();
      }
    }
  }

  @Property
  void literal_text_never_gives_special_ids(@ForAll("texts") String text) {
    for (Tokenizer t : TOKENIZERS) {
      assertThat(Arrays.stream(t.encode(text)).noneMatch(t::isSpecial)).isTrue();
    }
  }

  @Property
  void parsed_special_tokens_cut_the_text_exactly_where_they_stand(
      @ForAll("texts") String before, @ForAll("texts") String after) {
    for (Tokenizer t : TOKENIZERS) {
      List<Integer> expected = new ArrayList<>(list(t.encode(before, Special.PARSE)));
      expected.add(t.id("[X]").orElseThrow());
      expected.addAll(list(t.encode(after, Special.PARSE)));
      assertThat(list(t.encode(before + "[X]" + after, Special.PARSE))).isEqualTo(expected);
    }
  }

  private static List<Integer> list(int[] ids) {
    return Arrays.stream(ids).boxed().toList();
  }

  @Property
  void text_in_parts_is_the_text_of_the_whole(@ForAll("ids") int[] ids) {
    for (Tokenizer t : TOKENIZERS) {
      IncrementalDetokenizer parts = IncrementalDetokenizer.fromStart(t);
      StringBuilder text = new StringBuilder();
      for (int id : ids) {
        String part = parts.add(id);
        assertThat(part.codePoints().noneMatch(c -> c >= 0xD800 && c < 0xE000)).isTrue();
        text.append(part);
      }
      assertThat(text.append(parts.finish())).hasToString(t.decode(ids));
    }
  }

  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> characters =
        Arbitraries.integers()
            .between(0, Character.MAX_CODE_POINT)
            .filter(c -> c < 0xD800 || c > 0xDFFF)
            .map(Character::toString);
    Arbitrary<String> likely =
        Arbitraries.of(
            "kalo",
            "trường",
            " ",
            "  ",
            "\n",
            "'s",
            "'S",
            "12",
            "<|",
            "|>",
            "endoftext",
            "[X]",
            "é",
            "e\u0301",
            "\u0000",
            "\t",
            "<|endoftext|>",
            "語",
            "\uD83D\uDE0A",
            ".",
            "\r\n",
            "\u00a0");
    return Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(1, characters), net.jqwik.api.Tuple.of(3, likely))
        .list()
        .ofMaxSize(30)
        .map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<int[]> ids() {
    // Single bytes are frequent, so that characters are torn in every way.
    return Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(3, Arbitraries.integers().between(0, 258)),
            net.jqwik.api.Tuple.of(1, Arbitraries.integers().between(0, 599)))
        .array(int[].class)
        .ofMaxSize(40);
  }
}
