package dev.gamelan.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gamelan.data.Document;
import dev.gamelan.data.DocumentStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledPreparationTest {
  /** Writes without end, and says when it has begun. */
  static final class Endless {
    private Endless() {}

    public static void main(String[] arguments) {
      ShardOptions options =
          ShardOptions.defaults()
              .withShardTokens(1 << 20)
              .withProgress(progress -> System.out.println(progress.tokens()));
      var documents =
          LongStream.iterate(0, i -> i + 1)
              .mapToObj(i -> new Document("d" + i, "some text ".repeat(1000), "s"));
      TokenShards.write(
          DocumentStream.of(documents.iterator()),
          ByteTokenizer.NARROW,
          Path.of(arguments[0]),
          options);
    }
  }

  @Test
  void a_killed_preparation_leaves_no_dataset_and_can_be_run_again(@TempDir Path temporary)
      throws IOException, InterruptedException {
    Path folder = temporary.resolve("set");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Endless.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader said = process.inputReader()) {
      assertThat(said.readLine()).matches("\\d+");
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(folder).doesNotExist();
    assertThat(temporary.resolve(".set.partial")).isNotEmptyDirectory();
    assertThatThrownBy(() -> TokenDataset.open(folder))
        .hasMessageContaining("its preparation did not finish");
    Datasets.write(Datasets.documents(5, 9, 1), folder, ShardOptions.defaults());
    TokenDataset.open(folder, TokenDataset.Verify.CHECKSUMS).close();
    try (var left = Files.list(temporary)) {
      assertThat(left).containsExactly(folder);
    }
  }
}
