package dev.gamelan.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The app as a process of its own. */
@Timeout(120)
final class MainTest {
  @TempDir private Path folder;

  @Test
  void a_word_ends_with_its_status_and_results_go_to_stdout_alone() throws Exception {
    Process good = start("completion", "bash");
    assertThat(out(good)).startsWith("#!/usr/bin/env bash");
    assertThat(end(good)).isZero();
    assertThat(folder.resolve("err")).isEmptyFile();
    Process bad = start("nonsense");
    assertThat(out(bad)).isEmpty();
    assertThat(end(bad)).isEqualTo(2);
    assertThat(folder.resolve("err")).content().startsWith("gamelan: unknown command 'nonsense'");
  }

  @Test
  void a_full_disk_is_an_error() throws Exception {
    assumeTrue(Files.isWritable(Path.of("/dev/full")), "there is no /dev/full");
    Process process = builder("completion", "bash").redirectOutput(new File("/dev/full")).start();
    assertThat(end(process)).isEqualTo(1);
    assertThat(folder.resolve("err"))
        .content()
        .isEqualTo("gamelan: completion: could not write the result: No space left on device\n");
  }

  @Test
  void ctrl_c_ends_with_130() throws Exception {
    assumeFalse(interruptsAreIgnored(), "SIGINT is ignored here, as in a shell's background");
    Path corpus = Files.writeString(folder.resolve("a.txt"), "a fox and a fox");
    Path tokenizer = folder.resolve("tokenizer");
    Process train =
        start("tokenizer", "train", "--text", corpus.toString(), "--out", tokenizer.toString());
    assertThat(out(train)).contains("learnt in");
    Process waiting = start("tokenizer", "encode", "--tokenizer", tokenizer.toString(), "--jsonl");
    waiting.getOutputStream().write("{\"text\":\"a fox\"}\n".getBytes(StandardCharsets.UTF_8));
    waiting.getOutputStream().flush();
    assertThat(waiting.getInputStream().read()).isEqualTo('{'); // it is at work, and waits for more
    new ProcessBuilder("kill", "-INT", Long.toString(waiting.pid())).start().waitFor();
    assertThat(end(waiting)).isEqualTo(130);
  }

  /** A process begun with SIGINT ignored hands that on, and the JVM then leaves it so. */
  private static boolean interruptsAreIgnored() throws Exception {
    Path status = Path.of("/proc/self/status");
    return Files.isReadable(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
  }

  private Process start(String... words) throws Exception {
    return builder(words).start();
  }

  private ProcessBuilder builder(String... words) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(List.of(words));
    return new ProcessBuilder(command).redirectError(folder.resolve("err").toFile());
  }

  private static String out(Process process) throws Exception {
    try (InputStream in = process.getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static int end(Process process) throws Exception {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }
}
