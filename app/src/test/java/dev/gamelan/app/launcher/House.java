package dev.gamelan.app.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A small checkout with a copy of the real launcher in a folder with an awkward name, JDKs and a
 * Maven that only note how they were called, and a PATH with nothing but the tools named here.
 */
final class House {
  private static final List<String> TOOLS =
      List.of(
          "sh",
          "sed",
          "head",
          "tail",
          "find",
          "mkdir",
          "cp",
          "mv",
          "rm",
          "date",
          "cat",
          "uname",
          "id",
          "readlink",
          "grep",
          "awk",
          "cut",
          "sleep",
          "ps",
          "chmod");

  /** What a finished launcher left. */
  record Outcome(int status, String out, String err) {}

  final Path root;
  final Path checkout;
  final Path tools;
  final Path jdks;
  final Map<String, String> environment = new TreeMap<>();

  House(Path temporary) throws IOException {
    root = temporary;
    checkout = temporary.resolve("a folder's name & $(more) *");
    tools = temporary.resolve("tools");
    jdks = temporary.resolve("jdks");
    Files.createDirectories(checkout.resolve("app/src/main/java"));
    Files.createDirectories(tools);
    Files.createDirectories(jdks);
    Files.copy(Path.of(System.getProperty("gamelan.home"), "gamelan"), checkout.resolve("gamelan"));
    Files.writeString(checkout.resolve("pom.xml"), "<project/>");
    Files.writeString(checkout.resolve("app/pom.xml"), "<project/>");
    Files.writeString(source(), "class Main {}");
    TOOLS.forEach(this::tool);
    environment.put("PATH", tools.toString());
    environment.put("HOME", temporary.resolve("nobody").toString());
    environment.put("GAMELAN_JDK_FOLDERS", jdks.toString());
  }

  Path source() {
    return checkout.resolve("app/src/main/java/Main.java");
  }

  /** Puts one of the machine's tools on the PATH. */
  void tool(String name) {
    for (String folder : System.getenv("PATH").split(":")) {
      Path there = Path.of(folder, name);
      if (Files.isExecutable(there)) {
        try {
          Files.createSymbolicLink(tools.resolve(name), there);
        } catch (IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
        return;
      }
    }
    throw new AssertionError("the test needs " + name + " on the PATH");
  }

  static boolean has(String tool) {
    return Arrays.stream(System.getenv("PATH").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
  }

  /** A JDK whose java notes its arguments in java.log, and makes the caches asked of it. */
  Path jdk(Path folder, String version, boolean compiler) throws IOException {
    Files.createDirectories(folder.resolve("bin"));
    Files.writeString(
        folder.resolve("release"),
        "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + version + "\"\nOS_NAME=\"Linux\"\n");
    script(
        folder.resolve("bin/java"),
        """
        {
          echo "--- %1$s"
          for a in "$@"; do printf '%%s\\n' "$a"; done
        } >>"%2$s/java.log"
        for a in "$@"; do case $a in -XX:AOTCacheOutput=*) : >"${a#*=}" ;; esac; done
        echo "ran %1$s"
        """
            .formatted(version, root));
    if (compiler) {
      script(folder.resolve("bin/javac"), "exit 1");
    }
    return folder;
  }

  Path jdk(String name, String version) throws IOException {
    return jdk(jdks.resolve(name), version, true);
  }

  /** A Maven under this name that notes how it was called, then runs {@code work}. */
  void maven(Path file, String work) throws IOException {
    script(
        file,
        """
        echo "${0##*/} in $PWD with $JAVA_HOME: $*" >>"%s/maven.log"
        %s
        mkdir -p app/target/lib
        : >app/target/gamelan-app-1.jar
        """
            .formatted(root, work));
  }

  void maven() throws IOException {
    maven(tools.resolve("mvn"), "");
  }

  List<String> mavenCalls() throws IOException {
    Path log = root.resolve("maven.log");
    return Files.exists(log) ? Files.readAllLines(log) : List.of();
  }

  /** The arguments of the last java that ran. */
  List<String> lastJava() throws IOException {
    List<String> lines = Files.readAllLines(root.resolve("java.log"));
    int from = 0;
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith("--- ")) {
        from = i + 1;
      }
    }
    return lines.subList(from, lines.size());
  }

  Outcome run(String... arguments) throws Exception {
    return finish(start(checkout.resolve("gamelan"), arguments));
  }

  Process start(Path launcher, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(root.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Path err = Files.createTempFile(root, "err", "");
    Process process = builder.redirectError(err.toFile()).start();
    process.getOutputStream().close();
    errors.put(process.pid(), err);
    return process;
  }

  Outcome finish(Process process) throws Exception {
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the launcher hangs");
    }
    return new Outcome(process.exitValue(), out, Files.readString(errors.get(process.pid())));
  }

  private final Map<Long, Path> errors = new TreeMap<>();

  static void script(Path file, String body) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        "#!/bin/sh\n" + body + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
