package dev.gamelan.eval.code;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The machine's Python 3.
 *
 * @param binary the program itself, no link or wrapper
 * @param folders outside the system's own that it needs
 */
record Interpreter(Path binary, List<Path> folders) {
  private static final String QUESTION =
      "import sys, os; print(os.path.realpath(sys.executable), sys.base_prefix,"
          + " sys.base_exec_prefix, sys.version_info[0], sep='\\n')";
  private static final List<Path> SYSTEM =
      List.of(Path.of("/usr"), Path.of("/bin"), Path.of("/lib"), Path.of("/lib64"));

  /** The first program of a name on the path. */
  static Optional<Path> onPath(String name, Map<String, String> environment) {
    String path = environment.getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin:/sbin";
    for (String folder : path.split(File.pathSeparator)) {
      Path file = Path.of(folder, name);
      if (!folder.isEmpty() && Files.isRegularFile(file) && Files.isExecutable(file)) {
        return Optional.of(file.toAbsolutePath());
      }
    }
    return Optional.empty();
  }

  /**
   * Asks {@code python3} of the path where it really lies.
   *
   * @throws SandboxException there is none, or it lies where everything would become visible
   */
  static Interpreter find(Map<String, String> environment) throws IOException {
    Path named =
        onPath("python3", environment)
            .orElseThrow(
                () ->
                    new SandboxException(
                        "there is no python3 on the PATH, which runs the programs that a model writes; install it"));
    ProcessBuilder builder = new ProcessBuilder(named.toString(), "-I", "-c", QUESTION);
    builder.environment().clear();
    builder.environment().put("PATH", environment.getOrDefault("PATH", "/usr/bin:/bin"));
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    process.getOutputStream().close();
    List<String> lines;
    try {
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new SandboxException(named + " didn't say in 30 s where it lies");
      }
      lines =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .toList();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted");
    }
    if (process.exitValue() != 0 || lines.size() != 4 || !lines.get(3).equals("3")) {
      throw new SandboxException(named + " doesn't work, or isn't Python 3");
    }
    List<Path> folders = new ArrayList<>();
    for (String line : List.of(lines.get(1), lines.get(2))) {
      Path folder = Path.of(line).toRealPath();
      if (SYSTEM.stream().noneMatch(folder::startsWith) && !folders.contains(folder)) {
        Path home = Path.of(environment.getOrDefault("HOME", "/root")).toAbsolutePath();
        if (home.startsWith(folder)) {
          throw new SandboxException(
              "%s lies in %s, which would show programs everything; use a Python of its own folder"
                  .formatted(lines.getFirst(), folder));
        }
        folders.add(folder);
      }
    }
    return new Interpreter(Path.of(lines.getFirst()), List.copyOf(folders));
  }
}
