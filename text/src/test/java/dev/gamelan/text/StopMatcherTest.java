package dev.gamelan.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class StopMatcherTest {
  @Example
  void text_that_may_begin_a_stop_string_is_held_back() {
    StopMatcher m = new StopMatcher(List.of("\n\nUser:", "</s>"));
    assertThat(m.add("Hello\n")).isEqualTo("Hello");
    assertThat(m.add("\nUs")).isEmpty();
    assertThat(m.add("ual <")).isEqualTo("\n\nUsual ");
    assertThat(m.add("/s")).isEmpty();
    assertThat(m.stopped()).isFalse();
    assertThat(m.add("> and more")).isEmpty();
    assertThat(m.stopped()).isTrue();
    assertThat(m.stop()).contains("</s>");
    assertThat(m.add("more")).isEmpty();
    assertThat(m.finish()).isEmpty();
  }

  @Example
  void what_was_held_back_is_given_out_at_the_end() {
    StopMatcher m = new StopMatcher(List.of("abc"));
    assertThat(m.add("xab")).isEqualTo("x");
    assertThat(m.finish()).isEqualTo("ab");
    assertThat(m.stopped()).isFalse();
  }

  @Example
  void of_stop_strings_complete_at_one_character_the_longest_is_cut_off() {
    StopMatcher m = new StopMatcher(List.of("b", "ab", "cab"));
    assertThat(m.add("xab")).isEqualTo("x");
    assertThat(m.stop()).contains("ab");
  }

  @Example
  void stop_strings_that_cannot_be_are_refused() {
    assertThatThrownBy(() -> new StopMatcher(List.of("a", ""))).hasMessageContaining("empty");
    assertThatThrownBy(() -> new StopMatcher(List.of("\uD800"))).hasMessageContaining("surrogate");
  }

  @Property(tries = 3000)
  void the_outcome_is_that_of_searching_the_whole_text(
      @ForAll("parts") List<String> parts, @ForAll("stops") List<String> stops) {
    StopMatcher m = new StopMatcher(stops);
    StringBuilder given = new StringBuilder();
    for (String part : parts) {
      given.append(m.add(part));
    }
    given.append(m.finish());
    String all = String.join("", parts);
    String expected = all;
    boolean stopped = false;
    for (int end = 1; end <= all.length() && !stopped; end++) {
      int longest = 0;
      for (String stop : stops) {
        if (all.substring(0, end).endsWith(stop)) {
          longest = Math.max(longest, stop.length());
        }
      }
      stopped = longest > 0;
      expected = stopped ? all.substring(0, end - longest) : all;
    }
    assertThat(given).hasToString(expected);
    assertThat(m.stopped()).isEqualTo(stopped);
  }

  @Provide
  Arbitrary<List<String>> parts() {
    return Arbitraries.strings().withChars("abc").ofMaxLength(5).list().ofMaxSize(8);
  }

  @Provide
  Arbitrary<List<String>> stops() {
    return Arbitraries.strings().withChars("abc").ofMinLength(1).ofMaxLength(5).list().ofMaxSize(3);
  }
}
