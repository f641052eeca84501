package dev.gamelan.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The environment, as Hugging Face's own tools read it. */
final class HubSettingsTest {
  @TempDir private Path home;

  private HubSettings of(String... pairs) throws Exception {
    Map<String, String> environment = new java.util.HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      environment.put(pairs[i], pairs[i + 1]);
    }
    return HubSettings.of(environment, home);
  }

  @Test
  void the_cache_lies_where_the_first_of_the_variables_says() throws Exception {
    assertThat(of().cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
    assertThat(of("XDG_CACHE_HOME", "/x").cache()).isEqualTo(Path.of("/x/huggingface/hub"));
    assertThat(of("XDG_CACHE_HOME", "/x", "HF_HOME", "~/hf").cache())
        .isEqualTo(home.resolve("hf/hub"));
    assertThat(of("HF_HOME", "/h", "HUGGINGFACE_HUB_CACHE", "/l").cache()).isEqualTo(Path.of("/l"));
    assertThat(of("HUGGINGFACE_HUB_CACHE", "/l", "HF_HUB_CACHE", "/n").cache())
        .isEqualTo(Path.of("/n"));
  }

  @Test
  void the_token_comes_from_the_environment_or_the_file() throws Exception {
    assertThat(of().token()).isEmpty();
    Files.createDirectories(home.resolve(".cache/huggingface"));
    Files.writeString(home.resolve(".cache/huggingface/token"), "hf_file\n");
    assertThat(of().token()).contains("hf_file");
    assertThat(of("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1").token()).isEmpty();
    assertThat(of("HUGGING_FACE_HUB_TOKEN", "hf_old").token()).contains("hf_old");
    assertThat(of("HUGGING_FACE_HUB_TOKEN", "hf_old", "HF_TOKEN", "hf_new").token())
        .contains("hf_new");
    assertThatThrownBy(() -> of("HF_TOKEN", "hf_a\nhf_b")).hasMessageContaining("HF_TOKEN");
  }

  @Test
  void a_mirror_and_offline_mode_are_honoured() throws Exception {
    assertThat(of().endpoint()).isEqualTo(URI.create("https://huggingface.co"));
    assertThat(of("HF_ENDPOINT", "https://hf-mirror.com/").endpoint())
        .isEqualTo(URI.create("https://hf-mirror.com"));
    assertThatThrownBy(() -> of("HF_ENDPOINT", "hf-mirror.com"))
        .hasMessageContaining("HF_ENDPOINT is 'hf-mirror.com'");
    assertThat(of().offline()).isFalse();
    assertThat(of("HF_HUB_OFFLINE", "1").offline()).isTrue();
    assertThat(of("HF_HUB_OFFLINE", "0").offline()).isFalse();
    assertThat(of("TRANSFORMERS_OFFLINE", "yes").offline()).isTrue();
    assertThatThrownBy(() -> of().withParallel(0)).hasMessageContaining("between 1 and 64");
  }
}
