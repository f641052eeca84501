package dev.gamelan.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java is compiled and run as a reader would, after a very small tour. */
class ReadmeSnippetsTest {
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @TempDir private Path folder;

  @Test
  void the_snippets_of_the_readme_compile_and_do_what_it_says() throws Exception {
    run(
        List.of(
            "dev.gamelan.app.Main",
            "tour",
            "--bytes",
            "200k",
            "--vocab",
            "400",
            "--layers",
            "1",
            "--width",
            "32",
            "--steps",
            "2"));
    List<String> snippets = snippets();
    assertThat(snippets).hasSize(2);
    String answer = run(List.of(source("Answer.java", snippets.get(0))));
    assertThat(answer).isNotBlank();
    run(List.of(source("Train.java", snippets.get(1))));
    assertThat(folder.resolve("runs/mine/checkpoints/step-0000020/model.safetensors")).exists();
  }

  private String source(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text).toString();
  }

  private static List<String> snippets() throws IOException {
    Path readme = Path.of(System.getProperty("gamelan.home")).resolve("README.md");
    Matcher matcher = JAVA.matcher(Files.readString(readme));
    List<String> snippets = new ArrayList<>();
    while (matcher.find()) {
      snippets.add(matcher.group(1));
    }
    return snippets;
  }

  private String run(List<String> words) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path")));
    command.addAll(words);
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("ended in time: " + words).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(err)).isZero();
    return Files.readString(out);
  }
}
