package dev.gamelan.eval.code;

import java.time.Duration;

/**
 * What a program may use.
 *
 * @param cpu processor time of each of its processes
 * @param wall time from start to end
 * @param memory bytes of address space of each process
 * @param processes at the same time, threads among them
 * @param files open at the same time in a process
 * @param space bytes of its working folder, and of each file
 * @param output bytes it may print before it is ended
 */
public record Limits(
    Duration cpu, Duration wall, long memory, int processes, int files, long space, long output) {
  public Limits {
    if (cpu.toSeconds() < 1
        || wall.compareTo(cpu) < 0
        || memory < 64L << 20
        || processes < 4
        || files < 16
        || space < 1 << 16
        || output < 1 << 10) {
      throw new IllegalArgumentException(
          "sandbox: at least 1 s of processor time, as much wall time, 64 MiB of memory, 4 processes, 16 files, 64 KiB of space and 1 KiB of output are needed");
    }
  }

  /**
   * The three seconds of code_eval, counted on the processor so that a busy machine doesn't change
   * verdicts; with more than as much again for waiting.
   */
  public static Limits standard() {
    return ofTime(Duration.ofSeconds(3));
  }

  /** The standard with another processor time; wall time is five times that. */
  public static Limits ofTime(Duration cpu) {
    return new Limits(cpu, cpu.multipliedBy(5), 1L << 30, 32, 64, 16L << 20, 16L << 20);
  }
}
