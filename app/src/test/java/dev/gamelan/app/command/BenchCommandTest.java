package dev.gamelan.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class BenchCommandTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** A model of two layers in llama2.c's format, with small weights. */
  private static Path tiny(Path file) throws IOException {
    int dim = 32;
    int hidden = 64;
    int layers = 2;
    int heads = 4;
    int vocabulary = 64;
    int context = 64;
    int layer = 2 * dim + 4 * dim * dim + 3 * hidden * dim;
    int rotary = context * dim / heads;
    int floats = vocabulary * dim + layers * layer + dim + rotary;
    ByteBuffer bytes =
        ByteBuffer.allocate(4 * (7 + floats)).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    for (int value : new int[] {dim, hidden, layers, heads, heads, vocabulary, context}) {
      bytes.putInt(value);
    }
    for (int i = 0; i < floats; i++) {
      bytes.putFloat((i % 13 - 6) / 64f);
    }
    return Files.write(file, bytes.array());
  }

  @Test
  void what_to_measure_must_be_said_and_make_sense() {
    assertThat(Captured.run("", "bench").err()).contains("a model, or 'train'");
    Captured none = Captured.run("", "bench", "model.gguf", "--sequences", "0");
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err()).contains("must be at least 1");
    Captured missing = Captured.run("", "bench", "nowhere.gguf", "--kernels", "scalar");
    assertThat(missing.status()).isEqualTo(2);
    assertThat(missing.err()).contains("nowhere.gguf");
    Captured length = Captured.run("", "bench", "train", "--length", "4096");
    assertThat(length.status()).isEqualTo(2);
    assertThat(length.err()).contains("at most the context, 2048");
  }

  @Test
  void training_steps_are_measured_op_by_op() {
    Captured run =
        Captured.run(
            "",
            "bench",
            "train",
            "--sequences",
            "1",
            "--length",
            "16",
            "--seconds",
            "0.1",
            "--profile",
            "--json");
    assertThat(run.status()).as(run.err()).isZero();
    JsonNode result = JSON.readTree(run.out());
    assertThat(result.get("steps").intValue()).isGreaterThanOrEqualTo(3);
    assertThat(result.get("tokens_per_second").asDouble()).isPositive();
    boolean optimizer = false;
    for (JsonNode op : result.get("ops")) {
      optimizer |= op.get("op").asString().equals("optimizer");
      double flops = op.get("flops").asDouble() / op.get("milliseconds").asDouble();
      assertThat(flops).as(op.toString()).isLessThan(1e11);
    }
    assertThat(optimizer).isTrue();
  }

  @Test
  void a_model_is_measured_beside_what_the_machine_allows(@TempDir Path folder) throws Exception {
    Path model = tiny(folder.resolve("tiny.bin"));
    Captured run =
        Captured.run(
            "",
            "bench",
            model.toString(),
            "--prompt",
            "8",
            "--generate",
            "4",
            "--sequences",
            "1,2",
            "--repeat",
            "1",
            "--json");
    assertThat(run.status()).as(run.err()).isZero();
    JsonNode tests = JSON.readTree(run.out()).get("tests");
    assertThat(tests.size()).isEqualTo(3);
    assertThat(tests.get(2).get("test").asString()).isEqualTo("tg4@2");
    for (JsonNode test : tests) {
      assertThat(test.get("tokens_per_second").asDouble())
          .isPositive()
          .isLessThan(test.get("roofline").asDouble());
    }
  }

  @Test
  void doctor_says_what_computes_and_why() {
    Captured run = Captured.run("", "doctor", "--threads", "1", "--json");
    assertThat(run.status()).as(run.err()).isZero();
    JsonNode report = JSON.readTree(run.out());
    assertThat(report.get("gigaflops").asDouble()).isPositive();
    assertThat(report.get("gigabytes_per_second").asDouble()).isPositive();
    assertThat(report.get("backends").size()).isGreaterThanOrEqualTo(3);
    assertThat(report.get("backends").get(0).get("name").asString())
        .isEqualTo(report.get("kernels").asString());
    Captured text = Captured.run("", "doctor", "--threads", "1", "--kernels", "scalar");
    assertThat(text.out()).contains("computes with   scalar", "scalar computes; ");
  }
}
