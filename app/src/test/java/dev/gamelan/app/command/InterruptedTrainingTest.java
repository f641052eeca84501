package dev.gamelan.app.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.gamelan.app.Main;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C to a training run that is a process of its own. */
@Timeout(180)
final class InterruptedTrainingTest {
  @TempDir private Path folder;

  @Test
  void ctrl_c_saves_a_checkpoint_ends_with_130_and_the_same_command_ends_in_the_same_bits()
      throws Exception {
    assumeFalse(interruptsAreIgnored(), "SIGINT is ignored here, as in a shell's background");
    prepare();
    Path whole = folder.resolve("whole");
    assertThat(end(start(config(whole)))).isZero();

    Path broken = folder.resolve("broken");
    Process run = start(config(broken));
    try (BufferedReader lines = run.errorReader()) {
      String line = lines.readLine();
      while (line != null && !line.startsWith("step 2: validation loss")) {
        line = lines.readLine();
      }
      assertThat(line).isNotNull(); // it has done two steps and is in the third
      new ProcessBuilder("kill", "-INT", Long.toString(run.pid())).start().waitFor();
      while (line != null && !line.contains("saving a checkpoint, then ending")) {
        line = lines.readLine();
      }
      assertThat(line).isNotNull();
      lines.lines().forEach(rest -> {});
    }
    assertThat(end(run)).isEqualTo(130);
    // Only Ctrl-C saves one before the last step.
    try (var saved = Files.list(broken.resolve("checkpoints"))) {
      assertThat(saved.map(p -> p.getFileName().toString()).toList())
          .singleElement()
          .asString()
          .matches("step-\\d{7}")
          .isNotEqualTo("step-0000400");
    }

    assertThat(end(start(config(broken)))).isZero();
    for (String file : List.of("metrics.jsonl", "checkpoints/step-0000400/model.safetensors")) {
      assertThat(broken.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
    }
  }

  private void prepare() throws Exception {
    Path text =
        Files.writeString(
            folder.resolve("a.txt"), "The fox went into the wood. 12 foxes!\n".repeat(200));
    String tokenizer = folder.resolve("tokenizer").toString();
    Captured.run(
        "", "tokenizer", "train", "--text", text.toString(), "--vocab", "280", "--out", tokenizer);
    Captured data =
        Captured.run(
            "",
            "data",
            "prepare",
            "--text",
            text.toString(),
            "--tokenizer",
            tokenizer,
            "--out",
            folder.resolve("data").toString());
    assertThat(data.status()).as(data.err()).isZero();
  }

  private Path config(Path run) throws Exception {
    return Files.writeString(
        folder.resolve(run.getFileName() + ".json"),
        """
        {"run": "%s", "data": "%s", "steps": 400, "batch_size": 1, "sequence_length": 16,
         "validation_every": 2, "validation_sequences": 1, "checkpoint_every": 0,
         "checkpoint_log_spaced": false,
         "model": {"architectures": ["GPTNeoXForCausalLM"], "vocab_size": 288, "hidden_size": 8,
           "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1,
           "max_position_embeddings": 16}}
        """
            .formatted(run, folder.resolve("data")));
  }

  private Process start(Path config) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "train",
            "--config",
            config.toString(),
            "--kernels",
            "scalar");
    return builder.redirectOutput(folder.resolve("out").toFile()).start();
  }

  private static int end(Process process) throws Exception {
    if (process.isAlive()) {
      drain(process);
    }
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  private static void drain(Process process) {
    try {
      process.getErrorStream().transferTo(java.io.OutputStream.nullOutputStream());
    } catch (java.io.IOException closed) {
      // Its errors have been read to the end already.
    }
  }

  /** A process begun with SIGINT ignored hands that on, and the JVM then leaves it so. */
  private static boolean interruptsAreIgnored() throws Exception {
    Path status = Path.of("/proc/self/status");
    return Files.isReadable(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
  }
}
