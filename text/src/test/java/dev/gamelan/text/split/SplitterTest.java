package dev.gamelan.text.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.text.split.Splitter.PlainNewlines;
import dev.gamelan.text.unicode.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SplitterTest {
  @Property(tries = 4000)
  void automata_cut_where_their_patterns_match(@ForAll("texts") String text) {
    check(text, Splitter.gpt2(), KnownPatterns.GPT2);
    check(text, Splitter.cl100k(3), KnownPatterns.CL100K);
    check(text, Splitter.cl100k(1), KnownPatterns.QWEN);
    check(text, Splitter.o200k(), KnownPatterns.O200K);
    check(text, Splitter.digits(true), "\\p{N}|\\P{N}+");
    check(text, Splitter.digits(false), "\\p{N}+|\\P{N}+");
  }

  @Property(tries = 2000)
  void a_text_cut_in_two_at_a_plain_newline_has_the_same_pieces(
      @ForAll("texts") String left, @ForAll("texts") String right) {
    for (Splitter splitter : List.of(Splitter.gpt2(), Splitter.cl100k(3), Splitter.o200k())) {
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

  private static void check(String text, Splitter splitter, String pattern) {
    Matcher matcher =
        Pattern.compile(pattern, Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNICODE_CASE)
            .matcher(text);
    List<String> expected = new ArrayList<>();
    while (matcher.find()) {
      expected.add(matcher.group());
    }
    assertThat(String.join("", expected)).isEqualTo(text);
    assertThat(pieces(splitter, text)).as(pattern).isEqualTo(expected);
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
      if (!pieces.dropped(i)) {
        out.add(Utf8.decode(bytes, pieces.start(i), pieces.end(i)));
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
            "Z")
        .list()
        .ofMaxSize(14)
        .map(parts -> String.join("", parts));
  }
}
