package dev.gamelan.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The tree in README.md names what is there, and nothing else. */
final class ReadmeTreeTest {
  private static final Path HOME = Path.of(System.getProperty("gamelan.home"));

  @Test
  void the_tree_names_every_module_and_folder() throws Exception {
    String readme = Files.readString(HOME.resolve("README.md"));
    var block = Pattern.compile("(?s)## The tree\\R+```\\R(.*?)```").matcher(readme);
    assertThat(block.find()).as("README.md has a section 'The tree' with a code block").isTrue();
    Set<String> named =
        block
            .group(1)
            .lines()
            .filter(line -> line.matches("\\S.*"))
            .map(line -> line.split("\\s+")[0])
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(named).isEqualTo(existing());
  }

  @Test
  void every_line_of_the_tree_says_what_it_is_for() throws Exception {
    String readme = Files.readString(HOME.resolve("README.md"));
    var block = Pattern.compile("(?s)## The tree\\R+```\\R(.*?)```").matcher(readme);
    assertThat(block.find()).isTrue();
    assertThat(block.group(1).lines())
        .allMatch(line -> line.strip().split("\\s{2,}|\\s+", 2).length == 2);
  }

  /** The launcher, the modules of the parent pom, and the other folders that git keeps. */
  private static Set<String> existing() throws IOException {
    Set<String> there = new TreeSet<>(Set.of("gamelan"));
    var modules =
        Pattern.compile("<module>(.*?)</module>")
            .matcher(Files.readString(HOME.resolve("pom.xml")));
    Set<String> tops = new TreeSet<>();
    while (modules.find()) {
      there.add(modules.group(1) + "/");
      tops.add(modules.group(1).split("/")[0]);
    }
    for (String folder : kept()) {
      if (!folder.startsWith(".") && !tops.contains(folder)) {
        there.add(folder + "/");
      }
    }
    return there;
  }

  private static Set<String> kept() throws IOException {
    if (!Files.exists(HOME.resolve(".git"))) {
      // Unpacked from an archive: all folders but what builds and runs leave behind.
      try (var files = Files.list(HOME)) {
        return files
            .filter(Files::isDirectory)
            .map(file -> file.getFileName().toString())
            .filter(name -> !Set.of("target", "runs").contains(name))
            .collect(Collectors.toSet());
      }
    }
    Process git = new ProcessBuilder("git", "-C", HOME.toString(), "ls-files").start();
    String files = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return files
        .lines()
        .filter(file -> file.contains("/"))
        .map(file -> file.substring(0, file.indexOf('/')))
        .collect(Collectors.toSet());
  }
}
