package dev.gamelan.eval.code;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A way to run a program in namespaces of its own: what stands before the interpreter's command.
 */
enum Isolation {
  /** {@code unshare} by root, the program by a user who owns nothing. */
  UNSHARE_AS_ROOT("unshare"),
  /** Bubblewrap, by anybody. */
  BUBBLEWRAP("bwrap"),
  /** {@code unshare} by anybody, in a user namespace. */
  UNSHARE("unshare");

  /** What runs here and not in the sandbox, found once. */
  record Place(Map<String, String> environment, Path root, Interpreter python, String setup) {}

  private final String tool;

  Isolation(String tool) {
    this.tool = tool;
  }

  String tool() {
    return tool;
  }

  /** Root isn't bound by limits of processes, so it must become somebody else. */
  static List<Isolation> inOrder(boolean root) {
    return root ? List.of(UNSHARE_AS_ROOT) : List.of(BUBBLEWRAP, UNSHARE);
  }

  /**
   * The whole command, but for the interpreter's arguments; empty if a tool isn't installed.
   *
   * @param user a number that no other running program has
   */
  Optional<List<String>> command(Place place, Limits limits, long user) {
    for (String needed : List.of(tool, "setpriv", "prlimit", "timeout", "mount", "pivot_root")) {
      boolean ofUnshare = this == BUBBLEWRAP && List.of("mount", "pivot_root").contains(needed);
      if (!ofUnshare && Interpreter.onPath(needed, place.environment()).isEmpty()) {
        return Optional.empty();
      }
    }
    String program = Interpreter.onPath(tool, place.environment()).orElseThrow().toString();
    List<String> command = new ArrayList<>(List.of(program));
    switch (this) {
      case BUBBLEWRAP -> bubblewrap(place, command);
      case UNSHARE, UNSHARE_AS_ROOT -> {
        if (this == UNSHARE) {
          command.addAll(List.of("--user", "--map-root-user"));
        }
        command.addAll(List.of("--net", "--pid", "--mount", "--ipc", "--uts", "--cgroup"));
        command.addAll(List.of("--fork", "--kill-child", "/bin/sh", "-c", place.setup(), "sh"));
        command.add(place.root().toString());
        command.add(
            String.join("\n", place.python().folders().stream().map(Path::toString).toList()));
        command.add(String.valueOf(limits.space()));
      }
    }
    limited(limits, this == UNSHARE_AS_ROOT ? Optional.of(user) : Optional.empty(), command);
    command.add(place.python().binary().toString());
    return Optional.of(command);
  }

  private static void bubblewrap(Place place, List<String> command) {
    command.addAll(List.of("--unshare-all", "--die-with-parent", "--new-session", "--clearenv"));
    for (String name : List.of("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")) {
      Path folder = Path.of(name);
      if (Files.isSymbolicLink(folder)) {
        try {
          command.addAll(List.of("--symlink", Files.readSymbolicLink(folder).toString(), name));
        } catch (java.io.IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
      } else if (Files.isDirectory(folder)) {
        command.addAll(List.of("--ro-bind", name, name));
      }
    }
    for (Path folder : place.python().folders()) {
      command.addAll(List.of("--ro-bind", folder.toString(), folder.toString()));
    }
    command.addAll(List.of("--dev", "/dev", "--remount-ro", "/dev", "--tmpfs", "/work"));
    command.addAll(List.of("--remount-ro", "/", "--chdir", "/work", "--cap-drop", "ALL", "--"));
  }

  /**
   * Takes all rights and sets the limits. A change of the user makes the kernel forget that the
   * process is to die with its parent, so that is said again.
   */
  private static void limited(Limits limits, Optional<Long> user, List<String> command) {
    command.addAll(List.of("setpriv", "--pdeathsig", "KILL", "--no-new-privs"));
    command.addAll(List.of("--inh-caps=-all", "--bounding-set=-all"));
    user.ifPresent(
        id ->
            command.addAll(
                List.of("--reuid", id.toString(), "--regid", id.toString(), "--clear-groups")));
    command.addAll(List.of("prlimit", "--cpu=" + limits.cpu().toSeconds()));
    command.add("--as=" + limits.memory());
    command.add("--nproc=" + limits.processes());
    command.add("--nofile=" + limits.files());
    command.add("--fsize=" + limits.space());
    command.addAll(List.of("--core=0", "--"));
    // Should this process die, nobody else would watch the clock.
    command.addAll(List.of("timeout", "-s", "KILL", (limits.wall().toSeconds() + 2) + "s"));
    command.addAll(List.of("env", "-i"));
  }
}
