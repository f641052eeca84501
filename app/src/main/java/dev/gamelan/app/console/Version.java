package dev.gamelan.app.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** Which Gamelan this is, and what it runs on. */
public final class Version {
  private Version() {}

  /** The version that Maven built, e.g. {@code 0.1.0-SNAPSHOT}. */
  public static String number() {
    Properties properties = new Properties();
    try (InputStream in =
        Version.class.getResourceAsStream("/dev/gamelan/app/version.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version");
  }

  /**
   * The commit checked out in {@code home}, with {@code -dirty} where files differ from it; nothing
   * if the folder is no git checkout of its own, or there is no git.
   */
  public static Optional<String> commit(Path home) {
    if (!java.nio.file.Files.exists(home.resolve(".git"))) {
      return Optional.empty(); // perhaps unpacked within somebody else's repository
    }
    try {
      Process git =
          new ProcessBuilder(
                  "git", "-C", home.toString(), "describe", "--always", "--dirty", "--abbrev=12")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      git.getOutputStream().close();
      String line = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      boolean ended = git.waitFor(10, TimeUnit.SECONDS);
      return ended && git.exitValue() == 0 && !line.isEmpty()
          ? Optional.of(line)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // no git on this machine
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** What {@code --version} prints. */
  public static List<String> lines(Optional<Path> home) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "gamelan " + number() + home.flatMap(Version::commit).map(c -> " (" + c + ")").orElse(""));
    lines.add(
        "JDK "
            + Runtime.version()
            + ", "
            + System.getProperty("java.vm.name")
            + ", "
            + System.getProperty("java.vendor"));
    Machine machine = Machine.here();
    lines.add(machine.oneLine());
    lines.add(machine.system());
    return lines;
  }
}
