package dev.gamelan.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gamelan.app.console.Shell;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class StagesTest {
  @Test
  void help_lists_the_stages_in_the_order_of_the_tour() {
    Captured run = Captured.run("", "--help");
    assertThat(run.status()).isZero();
    assertThat(run.err()).isEmpty();
    List<String> tour =
        List.of(
            "tour",
            "tokenizer",
            "data",
            "train",
            "generate",
            "score",
            "families",
            "plan",
            "parity",
            "test",
            "completion");
    List<String> shown =
        run.out()
            .substring(run.out().indexOf("Commands:"))
            .lines()
            .filter(line -> line.matches("  [a-z].*"))
            .map(line -> line.strip().split(" ")[0])
            .toList();
    assertThat(shown).contains("tokenizer", "data", "completion");
    assertThat(shown.stream().filter(tour::contains).toList())
        .isEqualTo(tour.stream().filter(shown::contains).toList());
  }

  @Test
  void every_command_explains_itself_with_examples_that_parse() {
    for (CommandLine command : all(line())) {
      if (command.getParent() == null) {
        continue;
      }
      String name = command.getCommandSpec().qualifiedName();
      String usage = command.getUsageMessage(CommandLine.Help.Ansi.OFF);
      assertThat(command.getCommandSpec().usageMessage().description()).as(name).isNotEmpty();
      assertThat(usage).as(name).contains("Example", name);
      for (var option : command.getCommandSpec().options()) {
        assertThat(option.description()).as(name + " " + option.longestName()).isNotEmpty();
      }
      // Whatever option an example names must exist.
      String examples = usage.substring(usage.indexOf("\nExample"));
      var named = java.util.regex.Pattern.compile("--[a-z-]+").matcher(examples);
      while (named.find()) {
        String option = named.group();
        assertThat(all(line()))
            .as(name + ": " + option)
            .anyMatch(c -> c.getCommandSpec().optionsMap().containsKey(option));
      }
    }
  }

  @Test
  void without_a_command_help_goes_to_stderr_and_the_status_is_2() {
    Captured run = Captured.run("");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("Usage: gamelan");
  }

  @ParameterizedTest
  @CsvSource({
    "tokeniser, unknown command 'tokeniser'; did you mean tokenizer?",
    "--versoin, unknown option '--versoin'; did you mean --version?",
    "completion bash --verbos, completion: unknown option '--verbos'; did you mean --verbose?",
    "completion bash zsh, completion: unexpected argument 'zsh'",
    "tokenizer encdoe, tokenizer: unknown command 'encdoe'; did you mean encode?",
    "tokenizer, 'tokenizer: say which: train, encode, decode, convert, compare, survey'",
    "completion, completion: missing required parameter: 'SHELL'",
    "test, 'test: tests are run by the launcher, as the first word: ./gamelan test '"
  })
  void wrong_words_are_named_with_what_was_perhaps_meant(String words, String sentence) {
    Captured run = Captured.run("", words.split(" "));
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("gamelan: " + sentence.strip()).contains("\nTry 'gamelan");
    assertThat(run.err().lines()).hasSize(2);
  }

  @Test
  void the_version_names_gamelan_the_jdk_and_the_machine() {
    Captured run = Captured.run("", "--version");
    assertThat(run.status()).isZero();
    assertThat(run.out().lines()).hasSize(4);
    assertThat(run.out())
        .containsPattern("\\Agamelan \\d+\\.\\d+\\.\\d+")
        .contains("JDK " + Runtime.version())
        .contains(Runtime.getRuntime().availableProcessors() + " processor");
  }

  @Test
  void stack_traces_are_for_those_who_ask() {
    assertThat(Captured.run("", "data", "show", "nowhere").err()).doesNotContain("\tat ");
    for (List<String> words :
        List.of(
            List.of("--verbose", "data", "show", "nowhere"),
            List.of("data", "show", "nowhere", "--verbose"))) {
      assertThat(Captured.run("", words.toArray(String[]::new)).err())
          .startsWith("gamelan: data show: ")
          .contains("\tat dev.gamelan.");
    }
  }

  @Test
  void colours_are_for_terminals_that_want_them() {
    Map<String, String> xterm = Map.of("TERM", "xterm");
    assertThat(Captured.run("", xterm, true, "--help").out()).contains("\033[");
    assertThat(Captured.run("", xterm, false, "--help").out()).doesNotContain("\033[");
    assertThat(Captured.run("", Map.of("TERM", "dumb"), true, "--help").out())
        .doesNotContain("\033[");
    assertThat(Captured.run("", Map.of("TERM", "xterm", "NO_COLOR", "1"), true, "--help").out())
        .doesNotContain("\033[");
  }

  @Test
  void completion_knows_every_command(@TempDir Path folder) throws Exception {
    Captured run = Captured.run("", "completion", "zsh");
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("tokenizer", "--vocab", "complete -F");
    Path script = Files.writeString(folder.resolve("gamelan.bash"), run.out());
    Process bash =
        new ProcessBuilder(
                "bash",
                "-c",
                "source "
                    + script
                    + "; COMP_WORDS=(gamelan tokenizer tra); COMP_CWORD=2;"
                    + " COMP_LINE='gamelan tokenizer tra'; COMP_POINT=${#COMP_LINE};"
                    + " _complete_gamelan; echo \"${COMPREPLY[@]}\"")
            .start();
    assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip())
        .isEqualTo("train");
  }

  private static CommandLine line() {
    PrintStream nowhere = new PrintStream(new ByteArrayOutputStream());
    return Stages.line(
        new Shell(
            new ByteArrayInputStream(new byte[0]),
            nowhere,
            nowhere,
            Map.of(),
            false,
            false,
            Optional.empty()));
  }

  private static List<CommandLine> all(CommandLine line) {
    List<CommandLine> all = new ArrayList<>(List.of(line));
    line.getSubcommands().values().forEach(sub -> all.addAll(all(sub)));
    return all;
  }
}
