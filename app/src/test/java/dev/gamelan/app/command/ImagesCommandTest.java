package dev.gamelan.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model that reads images, from the command line. What it says was checked with transformers
 * 5.23: the same checkpoint, images and processor.
 */
class ImagesCommandTest {
  private static final Path MODEL = Path.of("../train/src/test/resources/families/llava");
  private static final Path IMAGES =
      Path.of("../model/src/test/resources/dev/gamelan/model/vision");

  @TempDir private Path folder;

  @BeforeEach
  void a_model_of_words() throws IOException {
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(MODEL.resolve(file), folder.resolve(file));
    }
    Files.writeString(
        folder.resolve("preprocessor_config.json"),
        """
        {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 28},
         "crop_size": {"height": 28, "width": 28}}
        """);
    ObjectNode tokenizer =
        (ObjectNode)
            JsonMapper.builder()
                .build()
                .readTree(
                    """
                    {"version": "1.0", "truncation": null, "padding": null, "normalizer": null,
                     "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null,
                     "decoder": null, "added_tokens": [],
                     "model": {"type": "WordLevel", "unk_token": "w0", "vocab": {}}}
                    """);
    ObjectNode words = (ObjectNode) tokenizer.get("model").get("vocab");
    for (int i = 0; i < 159; i++) {
      words.put("w" + i, i);
    }
    words.put("<image>", 159);
    ((ArrayNode) tokenizer.get("added_tokens"))
        .addObject()
        .put("id", 159)
        .put("content", "<image>")
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", true);
    Files.writeString(folder.resolve("tokenizer.json"), tokenizer.toString());
  }

  private Captured generate(String prompt, String... images) {
    String[] words = new String[7 + 2 * images.length];
    String[] first = {"generate", "--model", folder.toString(), "--max-tokens", "5", "--prompt"};
    System.arraycopy(first, 0, words, 0, 6);
    words[6] = prompt;
    for (int i = 0; i < images.length; i++) {
      words[7 + 2 * i] = "--image";
      words[8 + 2 * i] = IMAGES.resolve(images[i]).toString();
    }
    return Captured.run("", words);
  }

  @Test
  void an_image_is_continued_as_by_the_reference() {
    Captured png = generate("w36 w123 <image> w40 w45", "rgb.png");
    assertThat(png.status()).as(png.err()).isZero();
    assertThat(png.out()).contains("w155 w143 w92 w157 w45");
    assertThat(png.err()).contains("8 prompt tokens");

    assertThat(generate("w36 w123 <image> w40 w45", "420.jpg").out())
        .contains("w155 w143 w92 w75 w3");
  }

  @Test
  void several_images_take_the_places_of_the_prompt_in_their_order() {
    assertThat(logits("rgb.png", "420.jpg").out()).containsPattern("157 +1\\.0389");
    assertThat(logits("420.jpg", "rgb.png").out()).containsPattern("157 +1\\.0475");
  }

  private Captured logits(String one, String two) {
    Captured run =
        Captured.run(
            "",
            "logits",
            "--model",
            folder.toString(),
            "--text",
            "w36 <image> w123 <image> w40",
            "--image",
            IMAGES.resolve(one).toString(),
            "--image",
            IMAGES.resolve(two).toString());
    assertThat(run.status()).as(run.err()).isZero();
    return run;
  }

  @Test
  void logits_at_every_position_are_those_of_the_last_one_by_the_cache() {
    Path out = folder.resolve("logits.safetensors");
    String image = IMAGES.resolve("rgb.png").toString();
    String model = folder.toString();
    String text = "w36 <image> w40";
    Captured last = Captured.run("", "logits", "--model", model, "--text", text, "--image", image);
    Captured all =
        Captured.run(
            "",
            "logits",
            "--model",
            model,
            "--text",
            text,
            "--image",
            image,
            "--out",
            out.toString());

    assertThat(all.status()).as(all.err()).isZero();
    assertThat(out).exists();
    assertThat(all.out()).startsWith(last.out().lines().limit(3).toList().getFirst());
    assertThat(all.out().lines().limit(4)).isEqualTo(last.out().lines().limit(4).toList());
  }

  @Test
  void inspect_counts_the_tower_and_the_tokens_of_an_image() {
    Captured run = Captured.run("", "inspect", folder.toString());

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("parameters  82,368")
        .contains("28×28 pixels in patches of 14: 4 tokens each")
        .contains("3 layers of width 32, 4 heads");
  }

  @Test
  void plan_knows_what_an_image_costs() {
    Captured run = Captured.run("", "plan", "--preset", "llava-1.5-7b");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("7,063,427,072", "it is 576 tokens", "324,487,168");
  }

  @Test
  void images_that_do_not_fit_the_prompt_or_the_model_are_refused_with_the_remedy()
      throws IOException {
    assertRefused(generate("w36 w40", "rgb.png"), "0 image tokens (<image>) for 1 images");
    assertRefused(generate("w36 <image>"), "1 image tokens (<image>) for 0 images");
    assertRefused(generate("<image>", "cmyk.jpg"), "CMYK");
    assertRefused(generate("<image>", "none.png"), "there is no such file");
    Files.writeString(
        folder.resolve("preprocessor_config.json"), "{\"size\": 56, \"crop_size\": 56}");
    assertRefused(generate("<image>", "rgb.png"), "the tower reads [3, 28, 28]");
    Files.delete(folder.resolve("preprocessor_config.json"));
    assertRefused(generate("<image>", "rgb.png"), "preprocessor_config.json is missing");
  }

  @Test
  void a_model_of_text_refuses_images() throws IOException {
    Path text = Files.createDirectory(folder.resolve("text"));
    Path llama = MODEL.resolveSibling("llama1");
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(llama.resolve(file), text.resolve(file));
    }
    String tokenizer = folder.resolve("tokenizer.json").toString();
    String image = IMAGES.resolve("rgb.png").toString();
    String[] words = {
      "generate",
      "--model",
      text.toString(),
      "--tokenizer",
      tokenizer,
      "--prompt",
      "w1",
      "--image",
      image
    };

    assertRefused(Captured.run("", words), "reads text only");
  }

  private static void assertRefused(Captured run, String message) {
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains(message);
    assertThat(run.out()).isEmpty();
  }
}
