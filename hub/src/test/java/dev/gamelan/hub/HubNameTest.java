package dev.gamelan.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.hub.HubName.Kind;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HubNameTest {
  @ParameterizedTest
  @CsvSource({
    "hf:EleutherAI/pythia-160m, MODEL, EleutherAI/pythia-160m, main, ",
    "hf:gpt2, MODEL, gpt2, main, ",
    "hf://gpt2, MODEL, gpt2, main, ",
    "hf:a/b@step3000, MODEL, a/b, step3000, ",
    "hf:a/b@refs/pr/7, MODEL, a/b, refs/pr/7, ",
    "hf:a/b@refs/pr/7/sub/x.bin, MODEL, a/b, refs/pr/7, sub/x.bin",
    "hf:a/b@v1/sub/x.bin, MODEL, a/b, v1, sub/x.bin",
    "hf:a/b/sub/x.bin, MODEL, a/b, main, sub/x.bin",
    "hf:a/b:Q4_K_M, MODEL, a/b, main, Q4_K_M",
    "hf:a/b@v1:x.gguf, MODEL, a/b, v1, x.gguf",
    "hf:datasets/a/b, DATASET, a/b, main, ",
    "https://huggingface.co/a/b, MODEL, a/b, main, ",
    "https://huggingface.co/a/b/, MODEL, a/b, main, ",
    "https://hf.co/a/b/tree/v2, MODEL, a/b, v2, ",
    "https://huggingface.co/a/b/blob/main/sub/x.gguf?x=1, MODEL, a/b, main, sub/x.gguf",
    "https://huggingface.co/a/b/resolve/v1/x.gguf, MODEL, a/b, v1, x.gguf",
    "https://huggingface.co/datasets/a/b, DATASET, a/b, main, "
  })
  void names_are_read(String word, Kind kind, String repository, String revision, String what) {
    HubName name = HubName.parse(word, Kind.MODEL);

    assertThat(HubName.is(word)).isTrue();
    assertThat(name.kind()).isEqualTo(kind);
    assertThat(name.repository()).isEqualTo(repository);
    assertThat(name.revision()).isEqualTo(revision);
    assertThat(name.what().orElse(null)).isEqualTo(what);
    assertThat(HubName.parse(name.toString(), Kind.MODEL)).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hf:",
        "hf:/",
        "hf:a b/c",
        "hf:../x",
        "hf:a/..",
        "hf:a/b--c",
        "hf:a/b@",
        "hf:a/b@../../x",
        "hf:a/b@x y",
        "hf:a/b:",
        "hf:a/b/",
        "hf:-a/b",
        "hf:a/b.git",
        "a/b",
        "https://huggingface.co/a/b/discussions/1"
      })
  void what_is_no_name_is_refused(String word) {
    assertThatThrownBy(() -> HubName.parse(word, Kind.MODEL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("(?s).*(expected|no name|no repository|no revision|no page).*");
  }

  @Test
  void local_paths_are_no_names_of_the_hub() {
    assertThat(HubName.is("runs/tour/model")).isFalse();
    assertThat(HubName.is("https://example.org/a/b")).isFalse();
  }

  @Property(tries = 2000)
  void any_text_is_read_or_refused(@ForAll String text) {
    try {
      HubName name = HubName.parse("hf:" + text, Kind.MODEL);
      assertThat(name.repository()).doesNotContain("..", "--", "@", ":");
      assertThat(name.revision()).doesNotContain("..");
    } catch (IllegalArgumentException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
  }
}
