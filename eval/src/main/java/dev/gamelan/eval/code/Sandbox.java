package dev.gamelan.eval.code;

import dev.gamelan.eval.code.Outcome.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Runs Python programs that nobody has read: each in a process of its own without network, without
 * the machine's files but for the interpreter's, which are read-only, without environment, in an
 * empty working folder that goes when it ends, within {@link Limits}. When it ends or is ended, so
 * does everything it started. Linux only, by bubblewrap or unshare. Safe for concurrent use.
 */
public final class Sandbox implements AutoCloseable {
  private static final int ATTEMPTS = 3;
  private static final int KEPT = 8 << 10;
  private static final long FIRST_USER = 2_000_000_000L;

  /** The sandbox failed, not the program. */
  private static final class NotBegun extends Exception {
    private static final long serialVersionUID = 1;

    NotBegun(String message) {
      super(message);
    }
  }

  private final Isolation isolation;
  private final Isolation.Place place;
  private final Limits limits;
  private final int parallel;
  private final BlockingQueue<Integer> slots;
  private final String driver;
  private final SecureRandom random = new SecureRandom();

  private Sandbox(Isolation isolation, Isolation.Place place, Limits limits, int parallel) {
    this.isolation = isolation;
    this.place = place;
    this.limits = limits;
    this.parallel = parallel;
    this.slots = new ArrayBlockingQueue<>(parallel);
    for (int i = 0; i < parallel; i++) {
      slots.add(i);
    }
    this.driver = resource("driver.py");
  }

  /**
   * Finds a way to run programs apart, and tries by a program of its own that network, files,
   * memory and processes are indeed out of reach.
   *
   * @param parallel programs at the same time
   * @param environment where {@code PATH} says where the tools are
   * @throws SandboxException there is none on this machine; the message says what was tried
   */
  public static Sandbox open(Limits limits, int parallel, Map<String, String> environment)
      throws IOException {
    return open(limits, parallel, environment, Isolation.inOrder(isRoot()));
  }

  static Sandbox open(
      Limits limits, int parallel, Map<String, String> environment, List<Isolation> ways)
      throws IOException {
    Interpreter python = Interpreter.find(environment);
    Path root = Files.createTempDirectory("gamelan-sandbox");
    List<String> tried = new ArrayList<>();
    for (Isolation way : ways) {
      Isolation.Place place = new Isolation.Place(environment, root, python, resource("setup.sh"));
      Optional<List<String>> command = way.command(place, limits, FIRST_USER);
      if (command.isEmpty()) {
        tried.add(way.tool() + " and what it needs (setpriv, prlimit, timeout) aren't installed");
        continue;
      }
      Sandbox sandbox = new Sandbox(way, place, limits, parallel);
      Optional<String> reason = sandbox.probe();
      if (reason.isEmpty()) {
        return sandbox;
      }
      tried.add(way.tool() + ": " + reason.get());
    }
    Files.deleteIfExists(root);
    throw new SandboxException(
        "programs that a model writes can't be run apart from everything on this machine, so they aren't run (%s); install bubblewrap, or allow user namespaces"
            .formatted(String.join("; ", tried)));
  }

  private static boolean isRoot() throws IOException {
    Path self = Path.of("/proc/self");
    return Files.exists(self) && Integer.valueOf(0).equals(Files.getAttribute(self, "unix:uid"));
  }

  private static String resource(String name) {
    try (InputStream in = Sandbox.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("eval: this build lacks its resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Why the limits don't hold; empty if they do. */
  private Optional<String> probe() throws IOException {
    Path file = Files.createTempFile("gamelan-probe", ".txt");
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String variables =
          "PORT, FILE, FOLDER, PROCESSES, MEMORY = %d, '%s', '%s', %d, %d%n"
              .formatted(
                  listener.getLocalPort(),
                  file.toString().replace("'", ""),
                  file.getParent().toString().replace("'", ""),
                  limits.processes() + 1,
                  2 * limits.memory());
      Outcome outcome = run(variables + resource("probe.py"));
      return outcome.passed() ? Optional.empty() : Optional.of(outcome.detail());
    } catch (SandboxException e) {
      return Optional.of(e.getMessage());
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** How programs are kept apart, such as {@code bwrap}. */
  public String tool() {
    return isolation.tool();
  }

  /** Programs at the same time. */
  public int parallel() {
    return parallel;
  }

  /**
   * Runs a program to its end, waiting for its turn.
   *
   * @throws SandboxException it couldn't even be started
   */
  public Outcome run(String program) {
    try {
      int slot = slots.take();
      try {
        // A machine that stands still for a while, or is out of processes, is no fault of a
        // program.
        for (int attempt = 1; attempt < ATTEMPTS; attempt++) {
          try {
            return run(program, slot);
          } catch (NotBegun e) {
            Thread.sleep(200L * attempt);
          }
        }
        return run(program, slot);
      } finally {
        slots.add(slot);
      }
    } catch (NotBegun e) {
      throw new SandboxException(e.getMessage());
    } catch (IOException e) {
      throw new SandboxException("a program can't be started: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while a program ran");
    }
  }

  private Outcome run(String program, int slot) throws IOException, InterruptedException, NotBegun {
    byte[] noise = new byte[16];
    random.nextBytes(noise);
    String secret = HexFormat.of().formatHex(noise);
    long user = FIRST_USER + (ProcessHandle.current().pid() & 0xffff) * 256 + slot;
    List<String> command = new ArrayList<>(isolation.command(place, limits, user).orElseThrow());
    command.addAll(List.of("-I", "-B", "-X", "utf8", "-c", driver));
    ProcessBuilder builder = new ProcessBuilder(command).directory(place.root().toFile());
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    Process process = builder.start();
    Bounded output = new Bounded(process, process.getInputStream(), limits.output());
    Bounded verdicts = new Bounded(process, process.getErrorStream(), limits.output());
    boolean ended;
    try {
      give(process, secret + "\n" + program);
      ended = process.waitFor(limits.wall().toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      // Its own end ends everything in its process namespace.
      kill(process);
    }
    process.waitFor();
    return outcome(process.exitValue(), ended, output, verdicts, secret);
  }

  private static void give(Process process, String input) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended before it read everything; the verdict, or its absence, tells.
      return;
    }
  }

  private static void kill(Process process) {
    List<ProcessHandle> all = process.descendants().toList();
    // By its handle: the process itself would close streams that still have something to read.
    process.toHandle().destroyForcibly();
    all.forEach(ProcessHandle::destroyForcibly);
  }

  private Outcome outcome(
      int status, boolean ended, Bounded output, Bounded verdicts, String secret)
      throws InterruptedException, NotBegun {
    String printed = output.text();
    String told = verdicts.text();
    if (output.exceeded() || verdicts.exceeded()) {
      return new Outcome(
          Verdict.TOO_MUCH_OUTPUT, "printed more than " + limits.output() + " bytes", printed);
    }
    List<String> lines =
        told.lines()
            .filter(l -> l.startsWith(secret + " "))
            .map(l -> l.substring(secret.length() + 1))
            .toList();
    if (!ended) {
      return new Outcome(
          Verdict.TIMED_OUT, "didn't end in " + limits.wall().toSeconds() + " s", printed);
    }
    if (lines.isEmpty()) {
      throw new NotBegun(
          "%s ended with status %d before the program began: %s"
              .formatted(isolation.tool(), status, told.strip()));
    }
    String last = lines.getLast();
    return switch (last.split(" ", 2)[0]) {
      case "passed" -> new Outcome(Verdict.PASSED, "", printed);
      case "failed" ->
          new Outcome(Verdict.FAILED, last.substring("failed".length()).strip(), printed);
      // 128 + SIGKILL or SIGXCPU: the processor time was used up, or a signal of its own.
      default ->
          status == 137 || status == 152
              ? new Outcome(
                  Verdict.TIMED_OUT,
                  "was killed: %d s of processor time, or a signal"
                      .formatted(limits.cpu().toSeconds()),
                  printed)
              : new Outcome(Verdict.FAILED, "ended early with status " + status, printed);
    };
  }

  /** Removes the mount point. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(place.root());
  }

  /** Reads a stream to its end, keeps the beginning, and ends the process if it is too long. */
  private static final class Bounded {
    private final StringBuilder kept = new StringBuilder();
    private final Thread reader;
    private volatile boolean exceeded;

    Bounded(Process process, InputStream in, long most) {
      reader =
          Thread.startVirtualThread(
              () -> {
                byte[] buffer = new byte[KEPT];
                long all = 0;
                try (in) {
                  for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    int room = (int) Math.max(0, Math.min(n, KEPT - all));
                    kept.append(new String(buffer, 0, room, StandardCharsets.UTF_8));
                    all += n;
                    if (all > most && !exceeded) {
                      exceeded = true;
                      kill(process);
                    }
                  }
                } catch (IOException e) {
                  // The process was ended; what was read counts.
                  return;
                }
              });
    }

    String text() throws InterruptedException {
      reader.join();
      return kept.toString();
    }

    boolean exceeded() {
      return exceeded;
    }
  }
}
