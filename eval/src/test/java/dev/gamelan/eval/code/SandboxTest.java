package dev.gamelan.eval.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.gamelan.eval.code.Outcome.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that want out, run for real. Skipped where this machine has no way to hold them. */
final class SandboxTest {
  private static final Limits LIMITS =
      new Limits(
          Duration.ofSeconds(2), Duration.ofSeconds(8), 512L << 20, 16, 32, 1L << 20, 1L << 20);

  private static Optional<Sandbox> found = Optional.empty();
  private static String why = "";

  @TempDir private Path folder;

  @BeforeAll
  static void open() throws IOException {
    try {
      found = Optional.of(Sandbox.open(LIMITS, 2, System.getenv()));
    } catch (SandboxException e) {
      why = e.getMessage();
    }
  }

  @AfterAll
  static void close() throws IOException {
    if (found.isPresent()) {
      found.get().close();
    }
  }

  private static Outcome run(String program) {
    assumeThat(found).as(why).isPresent();
    return found.orElseThrow().run(program);
  }

  @Test
  void a_right_program_passes_and_what_it_printed_is_kept() {
    Outcome outcome = run("print('höflich')\nassert 1 + 1 == 2");
    assertThat(outcome).isEqualTo(new Outcome(Verdict.PASSED, "", "höflich\n"));
  }

  @Test
  void a_wrong_one_a_broken_one_and_one_that_leaves_early_fail() {
    assertThat(run("assert 1 + 1 == 3").verdict()).isEqualTo(Verdict.FAILED);
    assertThat(run("def f(:").detail()).startsWith("SyntaxError");
    assertThat(run("import sys\nsys.exit(0)").detail()).startsWith("SystemExit");
    assertThat(run("import os\nos._exit(0)").detail()).isEqualTo("ended early with status 0");
    assertThat(run("input()").detail()).startsWith("EOFError");
  }

  @Test
  void a_verdict_cannot_be_printed() {
    assertThat(run("import os\nos.write(2, b'passed\\n')\nos._exit(0)").verdict())
        .isEqualTo(Verdict.FAILED);
    assertThat(
            run("import os\nfor fd in range(3, 30):\n  try: os.write(fd, b'x passed\\n')\n"
                    + "  except OSError: pass\nos._exit(0)")
                .verdict())
        .isEqualTo(Verdict.FAILED);
  }

  @Test
  void endless_loops_and_sleepers_are_ended() {
    assertThat(run("while True: pass").verdict()).isEqualTo(Verdict.TIMED_OUT);
    assertThat(run("import time\ntime.sleep(1000)").verdict()).isEqualTo(Verdict.TIMED_OUT);
    assertThat(
            run("import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass")
                .verdict())
        .isEqualTo(Verdict.TIMED_OUT);
  }

  @Test
  void a_fork_bomb_fails_and_leaves_nothing_behind() throws IOException {
    String mark = "gamelanbomb" + System.nanoTime();
    Outcome outcome =
        run(
            """
            import os, time
            open('%s', 'w').close()
            while True:
                os.fork()
            """
                .formatted(mark));
    assertThat(outcome.passed()).isFalse();
    assertThat(descendants()).isZero();
  }

  @Test
  void a_daemon_ends_with_its_program() {
    Outcome outcome =
        run(
            """
            import os, time
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    for fd in range(0, 32):
                        try: os.close(fd)
                        except OSError: pass
                    time.sleep(600)
                os._exit(0)
            """);
    assertThat(outcome.passed()).isTrue();
    assertThat(descendants()).isZero();
  }

  private static long descendants() {
    return ProcessHandle.current().descendants().filter(ProcessHandle::isAlive).count();
  }

  @Test
  void memory_runs_out() {
    assertThat(run("x = bytearray(1 << 30)").detail()).startsWith("MemoryError");
    assertThat(run("x = []\nwhile True: x.append(bytearray(1 << 24))").detail())
        .startsWith("MemoryError");
  }

  @Test
  void no_network_is_reachable() throws IOException {
    try (ServerSocket here = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String connect = "import socket\nsocket.create_connection(('127.0.0.1', %d), 2)";
      assertThat(run(connect.formatted(here.getLocalPort())).detail()).contains("Error");
    }
    assertThat(run("import socket\nsocket.create_connection(('1.1.1.1', 53), 2)").detail())
        .startsWith("OSError");
  }

  @Test
  void the_machine_s_files_are_not_there() throws IOException {
    Path mine = Files.writeString(folder.resolve("mine.txt"), "secret");
    assertThat(run("open('/etc/shadow')").detail()).startsWith("FileNotFoundError");
    assertThat(run("open('/etc/passwd')").detail()).startsWith("FileNotFoundError");
    assertThat(run("open('" + mine + "')").detail()).startsWith("FileNotFoundError");
    assertThat(run("open('" + Path.of("pom.xml").toAbsolutePath() + "')").detail())
        .startsWith("FileNotFoundError");
    assertThat(run("import os\nassert not os.path.exists('/proc/1')").passed()).isTrue();
    assertThat(run("import os\nassert not os.listdir('/old') if os.path.exists('/old') else 1"))
        .matches(Outcome::passed);
  }

  @Test
  void nothing_outside_its_folder_can_be_written_and_that_goes() {
    assertThat(run("open('/new', 'w')").detail()).contains("Read-only file system");
    assertThat(run("open('/usr/new', 'w')").detail()).startsWith("OSError");
    assertThat(run("open('" + folder + "/new', 'w')").detail()).startsWith("FileNotFoundError");
    assertThat(folder).isEmptyDirectory();
    assertThat(run("open('here', 'w').write('x')").passed()).isTrue();
    assertThat(run("import os\nassert os.listdir('.') == []").passed()).isTrue();
    assertThat(run("open('here', 'w').write('x' * (1 << 22))").passed()).isFalse();
  }

  @Test
  void printing_forever_is_ended_and_a_beginning_kept() {
    Outcome outcome = run("while True: print('x' * 1000)");
    assertThat(outcome.verdict()).isEqualTo(Verdict.TOO_MUCH_OUTPUT);
    assertThat(outcome.output()).startsWith("xxx").hasSizeLessThan(10_000);
    assertThat(run("import sys\nwhile True: sys.stderr.write('x' * 1000)").verdict())
        .isEqualTo(Verdict.TOO_MUCH_OUTPUT);
  }

  @Test
  void it_cannot_hurt_what_started_it() {
    Outcome outcome =
        run(
            """
            import os, signal
            for pid in (os.getppid(), 1, %d, -1):
                try:
                    os.kill(pid, signal.SIGKILL)
                except OSError:
                    pass
            """
                .formatted(ProcessHandle.current().pid()));
    assertThat(ProcessHandle.current().isAlive()).isTrue();
    assertThat(outcome.verdict()).isIn(Verdict.PASSED, Verdict.FAILED, Verdict.TIMED_OUT);
    assertThat(run("pass").passed()).isTrue();
  }

  @Test
  void it_sees_no_environment_and_cannot_become_root() {
    assertThat(run("import os\nassert 'HOME' not in os.environ and 'PATH' not in os.environ"))
        .matches(Outcome::passed);
    assertThat(run("import os\nos.setuid(12)").detail()).startsWith("PermissionError");
    assertThat(run("import os\nos.chroot('/work')").detail()).startsWith("PermissionError");
  }

  @Test
  void a_machine_without_python_or_without_a_way_is_refused() {
    assertThatThrownBy(() -> Sandbox.open(LIMITS, 1, Map.of("PATH", folder.toString())))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("no python3");
    assertThatThrownBy(() -> Sandbox.open(LIMITS, 1, System.getenv(), List.of()))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("install bubblewrap");
  }
}
