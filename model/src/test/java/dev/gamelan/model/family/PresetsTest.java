package dev.gamelan.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.model.Decoder;
import dev.gamelan.model.ParameterSpec;
import java.util.HashSet;
import java.util.Set;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** The published configurations have their published sizes, names and round trips. */
class PresetsTest {
  private final Presets presets = Presets.load();

  @ParameterizedTest
  @CsvSource({
    "pythia-14m, 14067712",
    "pythia-160m, 162322944",
    "pythia-12b, 11846072320",
    "redpajama-incite-3b, 2775864320",
    "llama1-7b, 6738415616",
    "llama1-13b, 13015864320",
    "llama1-33b, 32528943616",
    "llama1-65b, 65285660672",
    "llama2-70b, 68976648192",
    "llama3-8b, 8030261248",
    "llama3-70b, 70553706496",
    "codellama-7b, 6738546688",
    "codellama-13b, 13016028160",
    "codellama-34b, 33743970304",
    "deepseek-coder-1.3b, 1346471936",
    "deepseek-math-7b, 6910365696",
    "smollm2-135m, 134515008",
    "smollm2-360m, 361821120",
    "smollm2-1.7b, 1711376384",
    "mistral-7b, 7241732096",
    "mixtral-8x7b, 46702792704",
    "qwen-1.8b, 1836828672",
    "qwen-7b, 7721324544",
    "qwen-14b, 14167290880",
    "qwen2-0.5b, 494032768",
    "qwen2-1.5b, 1543714304",
    "qwen2.5-3b, 3085938688",
    "qwen2-7b, 7615616512",
    "qwen2.5-14b, 14770033664",
    "qwen2.5-32b, 32763876352",
    "qwen2-72b, 72706203648",
    "qwen3-0.6b, 596049920",
    "qwen3-8b, 8190735360",
    "olmo-1b, 1176764416",
    "olmo-7b, 6888095744",
    "olmo2-7b, 7298617344",
    "gpt2-124m, 124439808",
    "gpt2-355m, 354823168",
    "gpt2-774m, 774030080",
    "gpt2-1.5b, 1557611200",
    "starcoder-15b, 15517456384",
    "starcoder2-3b, 3030371328",
    "starcoder2-7b, 7173923840",
    "starcoder2-15b, 15957889024",
    "opt-125m, 125239296",
    "opt-350m, 331196416",
    "opt-1.3b, 1315758080",
    "opt-6.7b, 6658473984",
    "falcon-rw-1b, 1311625216",
    "falcon-7b, 6921720704",
    "mpt-7b, 6649286656",
    "llava-1.5-7b, 7063427072"
  })
  void a_preset_has_its_published_number_of_parameters(String name, long parameters) {
    assertThat(new Decoder(presets.read(name).spec()).parameterCount()).isEqualTo(parameters);
  }

  /** Papers and model cards that give rounded figures only. */
  @ParameterizedTest
  @CsvSource({
    "qwen-72b, 72.3e9",
    "qwen3-1.7b, 1.72e9",
    "qwen3-4b, 4.02e9",
    "qwen3-32b, 32.8e9",
    "olmo2-13b, 13.7e9",
    "qwen1.5-moe-a2.7b, 14.3e9",
    "qwen2-57b-a14b, 57.4e9",
    "qwen3-30b-a3b, 30.5e9",
    "qwen3-235b-a22b, 235e9",
    "galactica-125m, 125e6",
    "galactica-1.3b, 1.3e9",
    "galactica-6.7b, 6.7e9",
    "galactica-30b, 30e9",
    "galactica-120b, 120e9",
    "falcon-40b, 41.3e9",
    "mpt-30b, 30e9",
    "llemma-7b, 6.74e9"
  })
  void a_preset_has_its_published_size(String name, double parameters) {
    assertThat((double) new Decoder(presets.read(name).spec()).parameterCount())
        .isCloseTo(parameters, Percentage.withPercentage(1.5));
  }

  @Test
  void every_preset_is_written_and_read_back_equal_and_names_every_parameter_once() {
    for (String name : presets.names()) {
      Family family = presets.read(name);
      Config written =
          new Config(name, JsonMapper.builder().build().readTree(family.config().toString()));
      assertThat(Families.read(written)).as(name).isEqualTo(family);
      Set<String> names = new HashSet<>();
      for (ParameterSpec p : new Decoder(family.spec()).parameters()) {
        String published = family.names().published(p.name());
        assertThat(names.add(published)).as(name + ": " + published).isTrue();
        assertThat(published).doesNotContain("{");
      }
    }
  }

  @Test
  void every_preset_belongs_to_one_listed_family() {
    assertThat(Families.about().stream().flatMap(about -> presets.of(about).stream()))
        .containsExactlyInAnyOrderElementsOf(presets.names());
  }

  @Test
  void an_unknown_preset_is_refused_with_the_nearest() {
    assertThatThrownBy(() -> presets.read("lama2-70b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("llama2-70b");
  }
}
