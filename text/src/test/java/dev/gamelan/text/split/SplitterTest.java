package dev.gamelan.text.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.text.SharedAssets;
import dev.gamelan.text.split.Splitter.PlainNewlines;
import dev.gamelan.text.unicode.Utf8;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import tools.jackson.databind.JsonNode;

class SplitterTest {
  @Property(tries = 1000)
  void automata_cut_where_their_patterns_match(@ForAll("texts") String text) {
    for (String pattern : AutomatonPatterns.ALL) {
      same(text, pattern, SplitBehavior.ISOLATED, false);
      same(text, pattern, SplitBehavior.REMOVED, true);
    }
    same(text, Splitter.digits(true), "\\p{N}", SplitBehavior.ISOLATED, false);
    same(text, Splitter.digits(false), "\\p{N}+", SplitBehavior.ISOLATED, false);
    same(text, Splitter.words(), "\\w+|[^\\w\\s]+", SplitBehavior.REMOVED, true);
  }

  @Property(tries = 1000)
  void runs_of_one_kind_are_cut_where_their_patterns_match(
      @ForAll("texts") String text, @ForAll SplitBehavior behavior, @ForAll boolean invert) {
    for (String pattern : AutomatonPatterns.RUNS) {
      same(text, pattern, behavior, invert);
    }
  }

  @Property(tries = 2000)
  void literals_are_cut_where_they_stand(
      @ForAll("texts") String text, @ForAll SplitBehavior behavior, @ForAll boolean invert) {
    for (String literal : List.of(" ", "''", "  ", "\u0301", "語")) {
      same(text, Splitter.literal(literal, behavior, invert), literal, behavior, invert);
    }
  }

  @Example
  void every_published_pattern_has_an_automaton() {
    for (String pattern : AutomatonPatterns.ALL) {
      assertThat(regex(pattern)).as(pattern).isNotInstanceOf(RegexSplitter.class);
    }
    for (String pattern : AutomatonPatterns.RUNS) {
      assertThat(regex(pattern)).as(pattern).isInstanceOf(RunSplitter.class);
    }
    for (String other : List.of("a|b", "a*", "(ab)+", "ab", "^a", "a+?", "a{2}b", "\\bx+", "")) {
      assertThat(regex(other)).as(other).isInstanceOf(RegexSplitter.class);
    }
  }

  @Example
  void automata_agree_with_their_patterns_on_all_natural_texts() {
    for (JsonNode line : SharedAssets.jsonLines("tokenizers/natural-vectors/input.jsonl")) {
      check(line.get("text").stringValue());
    }
    String kitoken = "tokenizers/kitoken/tests/data/";
    SharedAssets.lines(kitoken + "mixed_input.txt").forEach(SplitterTest::check);
    check(SharedAssets.text(kitoken + "utf8_input.txt"));
    check(SharedAssets.text("tokenizers/llama.cpp/models/ggml-vocab-gpt-2.gguf.inp"));
  }

  private static void check(String text) {
    for (String pattern : AutomatonPatterns.ALL) {
      same(text, pattern, SplitBehavior.ISOLATED, false);
    }
    for (String pattern : AutomatonPatterns.RUNS) {
      same(text, pattern, SplitBehavior.ISOLATED, false);
    }
  }

  @Property(tries = 2000)
  void a_text_cut_in_two_at_a_plain_newline_has_the_same_pieces(
      @ForAll("texts") String left, @ForAll("texts") String right) {
    for (String pattern : AutomatonPatterns.ALL) {
      Splitter splitter = regex(pattern);
      if (splitter.plainNewlines() == PlainNewlines.UNKNOWN) {
        continue;
      }
      assertThat(splitter.plainNewlines()).isEqualTo(PlainNewlines.BOUNDARIES);
      List<String> expected = new ArrayList<>(pieces(splitter, left + "x\n"));
      expected.addAll(pieces(splitter, "." + right));
      assertThat(pieces(splitter, left + "x\n." + right)).isEqualTo(expected);
    }
    Splitter digits = Splitter.digits(true);
    assertThat(digits.plainNewlines()).isEqualTo(PlainNewlines.HARMLESS);
    List<String> expected = new ArrayList<>(pieces(digits, left + "x\n"));
    List<String> tail = pieces(digits, "." + right);
    expected.add(expected.removeLast() + tail.getFirst());
    expected.addAll(tail.subList(1, tail.size()));
    assertThat(pieces(digits, left + "x\n." + right)).isEqualTo(expected);
  }

  private static void same(String text, String pattern, SplitBehavior behavior, boolean invert) {
    Splitter automaton = Splitter.regex(pattern, behavior, invert);
    same(text, automaton, pattern, behavior, invert);
  }

  private static void same(
      String text, Splitter automaton, String pattern, SplitBehavior behavior, boolean invert) {
    Splitter regex = new RegexSplitter(Oniguruma.compile(pattern), behavior, invert);
    assertThat(pieces(automaton, text))
        .as("%s %s %s", pattern, behavior, invert)
        .isEqualTo(pieces(regex, text));
  }

  @Example
  void matches_are_dropped_kept_or_joined_as_the_behavior_says() {
    assertThat(split("-", SplitBehavior.REMOVED, false)).containsExactly("a", "b", "c");
    assertThat(split("-", SplitBehavior.REMOVED, true)).containsExactly("-", "-", "-");
    assertThat(split("-", SplitBehavior.ISOLATED, false))
        .containsExactly("a", "-", "b", "-", "-", "c");
    assertThat(split("-", SplitBehavior.MERGED_WITH_PREVIOUS, false))
        .containsExactly("a-", "b-", "-", "c");
    assertThat(split("-", SplitBehavior.MERGED_WITH_NEXT, false))
        .containsExactly("a", "-b", "-", "-c");
    assertThat(split("-", SplitBehavior.CONTIGUOUS, false))
        .containsExactly("a", "-", "b", "--", "c");
  }

  private static List<String> split(String literal, SplitBehavior behavior, boolean invert) {
    return pieces(Splitter.literal(literal, behavior, invert), "a-b--c");
  }

  @Example
  void oniguruma_syntax_is_rendered_or_refused() {
    assertThat(pieces(regex("\\p{Han}+|\\h+|."), "漢字ffz")).containsExactly("漢字", "ff", "z");
    assertThat(pieces(regex("\\p{^L}+|\\p{Letter}"), "a1é")).containsExactly("a", "1", "é");
    assertThat(pieces(regex("[\\h]+|[^\\s]"), "f0g")).containsExactly("f0", "g");
    for (String refused :
        List.of("[[:alpha:]]", "a\\K", "\\g<x>", "(?~a)", "\\p{Nonsense}", "\\pL", "a\\", "(a")) {
      assertThatThrownBy(() -> regex(refused))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("regular expression /" + refused);
    }
  }

  private static Splitter regex(String expression) {
    return Splitter.regex(expression, SplitBehavior.ISOLATED, false);
  }

  private static List<String> pieces(Splitter splitter, String text) {
    byte[] bytes = Utf8.encode("~" + text + "~");
    Pieces pieces = new Pieces();
    pieces.reset(bytes, 1);
    splitter.split(bytes, 1, bytes.length - 1, pieces);
    List<String> out = new ArrayList<>();
    for (int i = 0; i < pieces.size(); i++) {
      String piece = Utf8.decode(bytes, pieces.start(i), pieces.end(i));
      if (!pieces.dropped(i)) {
        out.add(piece);
      }
    }
    return out;
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(
            "a",
            "B",
            "é",
            "Ǆ",
            "ǅ",
            "ʰ",
            "語",
            "\u0301",
            "\u0903",
            "'",
            "'s",
            "'S",
            "'ll",
            "'lL",
            "'re",
            "'ſ",
            "’",
            "1",
            "٣",
            "Ⅷ",
            "½",
            " ",
            "  ",
            "\n",
            "\r",
            "\t",
            "\u00a0",
            "\u3000",
            "\u2028",
            "\u0085",
            "\u200b",
            ".",
            "/",
            "!",
            "_",
            "\uD83D\uDE0A",
            "\uD835\uDFD8",
            "\uD842\uDFB7",
            "\uD801\uDC00",
            "\u0000",
            "\u001c",
            "x",
            "Z",
            "<|endoftext|>",
            "<|",
            "\u3007",
            "\u2E80",
            "\u3005",
            "か",
            "한",
            "\u200D",
            "\u20E3",
            "\uFE0F",
            "\u1D16E",
            "\uD834\uDD65",
            "\uE000",
            "\u0378",
            "！",
            "\u0E33",
            "$",
            "+",
            "12")
        .list()
        .ofMaxSize(14)
        .map(parts -> String.join("", parts));
  }
}
